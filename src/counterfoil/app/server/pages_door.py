"""The page where nobody has signed in yet, the way into the example, and the style sheets."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from counterfoil.app.door.session import COOKIE, Sessions
from counterfoil.app.server.desk import Desk
from counterfoil.app.server.example import Known
from counterfoil.app.server.framed import answer
from counterfoil.show.server.frame import SignInPage, Way
from counterfoil.show.site import sheet

SHEETS = ("site.css", "server.css")


def router(_: Desk) -> APIRouter:
    """The page, and what it leads to."""
    pages = APIRouter()

    @pages.get("/sign-in")
    def sign_in(request: Request) -> Response:
        """The ways in."""
        guests = _guests(request)
        ways = [
            Way(
                to="/sign-in/example",
                name="guest",
                value=key,
                label=f"Look at it as {known.guest.label}",
                about=known.guest.about,
            )
            for key, known in guests.items()
        ]
        return answer(SignInPage(title="Sign in", example=bool(guests), ways=ways))

    @pages.post("/sign-in/example")
    def guest(request: Request, guest: Annotated[str, Form()]) -> Response:
        """Sign in as somebody invented."""
        known = _guests(request).get(guest)
        if known is None:
            raise HTTPException(404)
        sessions: Sessions = request.app.state.sessions
        sessions.end(request.cookies.get(COOKIE, ""))
        cookie = sessions.begin(known.who, known.secret, role=known.guest.role)
        back = RedirectResponse("/", 303)
        back.set_cookie(COOKIE, cookie, httponly=True, samesite="strict")
        return back

    @pages.get("/style.css")
    def style() -> Response:
        """What every page looks like."""
        text = "".join(sheet(name) for name in SHEETS)
        return Response(text, media_type="text/css", headers={"Cache-Control": "max-age=3600"})

    return pages


def _guests(request: Request) -> Mapping[str, Known]:
    found: Mapping[str, Known] | None = getattr(request.app.state, "guests", None)
    return found or {}
