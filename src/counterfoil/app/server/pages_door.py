"""The page where nobody has signed in yet, the way into an invented company, and the style sheets."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from counterfoil.app.door.session import COOKIE, Sessions
from counterfoil.app.server.desk import Desk
from counterfoil.app.server.example import Known
from counterfoil.app.server.framed import answer
from counterfoil.guard.dominance import rounded_count
from counterfoil.guard.members import members_today
from counterfoil.show.server.frame import ExamplePage, GuestShown, SignInPage
from counterfoil.show.site import sheet

SHEETS = {"style": "site.css", "server": "server.css"}


def router(desk: Desk) -> APIRouter:
    """The pages, and what they lead to."""
    pages = APIRouter()

    @pages.get("/sign-in")
    def sign_in() -> Response:
        """The ways in."""
        return answer(SignInPage(title="Sign in"))

    @pages.get("/example")
    def example(request: Request) -> Response:
        """Whose eyes to look through."""
        guests = [known.guest for known in _guests(request).values()]
        with desk.open() as g:
            people = rounded_count(len(members_today(g.lake, g.now.date())))
        shown = [GuestShown(key=guest.key, label=guest.label, about=guest.about) for guest in guests]
        title = "Look at an invented company"
        return answer(ExamplePage(title=title, people=f"About {people:,}", csrf="", guests=shown))

    @pages.post("/example")
    def look(request: Request, guest: Annotated[str, Form()]) -> Response:
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

    @pages.get("/{name}.css")
    def style(name: str) -> Response:
        """What pages look like."""
        if name not in SHEETS:
            raise HTTPException(404)
        headers = {"Cache-Control": "max-age=3600"}
        return Response(sheet(SHEETS[name]), media_type="text/css", headers=headers)

    return pages


def _guests(request: Request) -> Mapping[str, Known]:
    """Those as whom it can be looked at.

    Raises: HTTPException 404 where nothing is invented.
    """
    found: Mapping[str, Known] | None = request.app.state.guests
    if found is None:
        raise HTTPException(404)
    return found
