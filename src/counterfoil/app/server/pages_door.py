"""The way into an invented company, and the style sheet of pages of figures."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from counterfoil.app.door.form import BEFORE, SECONDS, csrf_for, forget, keep
from counterfoil.app.door.session import COOKIE, Sessions, cookie_of
from counterfoil.app.server import this_machine
from counterfoil.app.server.desk import Desk
from counterfoil.app.server.example import Known
from counterfoil.app.server.framed import answer
from counterfoil.guard.dominance import rounded_count
from counterfoil.guard.members import members_today
from counterfoil.show.server.frame import ExamplePage, GuestShown
from counterfoil.show.site import sheet


def router(desk: Desk) -> APIRouter:
    """The pages, and what they lead to."""
    pages = APIRouter()

    @pages.get("/example")
    def example(request: Request) -> Response:
        """Whose eyes to look through."""
        guests = [known.guest for known in _guests(request).values()]
        with desk.open() as g:
            people = rounded_count(len(members_today(g.lake, g.now.date())))
        shown = [GuestShown(key=guest.key, label=guest.label, about=guest.about) for guest in guests]
        title = "Look at an invented company"
        csrf, cookie = csrf_for(request)
        mine = this_machine.of(request)
        page = answer(
            ExamplePage(
                title=title,
                people=f"About {people:,}",
                csrf=csrf,
                guests=shown,
                report="" if mine is None else this_machine.HERE,
                report_invented=mine is not None and mine.is_example,
            )
        )
        if cookie is not None:
            keep(request, page, BEFORE, cookie, seconds=SECONDS)
        return page

    @pages.post("/example")
    def look(request: Request, guest: Annotated[str, Form()]) -> Response:
        """Sign in as somebody invented."""
        known = _guests(request).get(guest)
        if known is None:
            raise HTTPException(404)
        sessions: Sessions = request.app.state.sessions
        sessions.end(cookie_of(request))
        cookie = sessions.begin(known.who, known.secret, role=known.guest.role)
        back = RedirectResponse("/", 303)
        keep(request, back, COOKIE, cookie, seconds=0)
        forget(request, back, BEFORE)
        return back

    @pages.get("/server.css")
    def style() -> Response:
        """What pages of figures look like."""
        headers = {"Cache-Control": "max-age=3600"}
        return Response(sheet("server.css"), media_type="text/css", headers=headers)

    return pages


def _guests(request: Request) -> Mapping[str, Known]:
    """Those as whom it can be looked at.

    Raises: HTTPException 404 where nothing is invented.
    """
    found: Mapping[str, Known] | None = request.app.state.guests
    if found is None:
        raise HTTPException(404)
    return found
