"""The report on this machine beside an invented company: in memory alone, for whoever has its link."""

import base64
import re
from hashlib import sha256

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from counterfoil.app.door.form import keep, named
from counterfoil.app.door.session import Sessions
from counterfoil.app.server.desk import Desk
from counterfoil.show.page import page
from counterfoil.terms.release import Released
from counterfoil.terms.report import Report

HERE, START = "/this-machine", "/example"
COOKIE = "counterfoil-this-machine"
"""Of its own: whoever looks through an invented person's eyes is nobody else by it."""
STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


class ThisMachine:
    """A report, and who may see it."""

    def __init__(self, released: Released[Report]) -> None:
        self.is_example = released.answer.example
        self._text = page(released, back=START)
        self._sessions = Sessions()

    def way_in(self) -> str:
        """The path that opens it, once."""
        return f"/enter{HERE}/{self._sessions.link()}"

    def entered(self, token: str) -> str | None:
        """What a browser keeps that came by such a path; None where it leads nowhere, or did before."""
        return self._sessions.begin(None) if self._sessions.used(token) else None

    def may_see(self, request: Request) -> bool:
        """Whether a request comes from such a browser."""
        return self._sessions.of(request.cookies.get(named(request, COOKIE), "")) is not None

    def shown(self) -> Response:
        """Its page, which can do nothing but be looked at and be left."""
        return HTMLResponse(self._text, headers={"Content-Security-Policy": policy_of(self._text)})


def policy_of(text: str) -> str:
    """What a browser may do with a self-contained page: use the style that is in it now, and no other."""
    hashes = [base64.b64encode(sha256(style.encode()).digest()).decode() for style in STYLE.findall(text)]
    style = " ".join(f"'sha256-{digest}'" for digest in hashes) or "'none'"
    return (
        f"default-src 'none'; style-src {style}; img-src data:; form-action 'none'; base-uri 'none'; "
        "frame-ancestors 'none'; sandbox"
    )


def of(request: Request) -> ThisMachine | None:
    """The report that this server shows to whoever asks; None where there is none, or not for them."""
    found: ThisMachine | None = getattr(request.app.state, "this_machine", None)
    return found if found is not None and found.may_see(request) else None


def router(desk: Desk) -> APIRouter:
    """Its page, and the way to it; neither asks at the desk, so no figure stands beside the company's."""
    pages = APIRouter()

    @pages.get(f"/enter{HERE}/{{token}}")
    def enter(request: Request, token: str) -> Response:
        """Know the browser of the person at this machine, once for each link."""
        found: ThisMachine | None = getattr(request.app.state, "this_machine", None)
        if found is None:
            raise HTTPException(404)
        back, cookie = RedirectResponse(START, 303), found.entered(token)
        if cookie is not None:
            keep(request, back, COOKIE, cookie, seconds=0)
        return back

    @pages.get(HERE)
    def report(request: Request) -> Response:
        """The report; to everybody else there is no such page."""
        found = of(request)
        if found is None:
            raise HTTPException(404)
        return found.shown()

    return pages
