"""Pages of one's own: the record, what may be done about it, and one's tools."""

import csv
import io
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from counterfoil.app.door.session import Sessions, SignedIn, Who
from counterfoil.app.own import MOST_WORDS
from counterfoil.app.server.desk import Desk
from counterfoil.app.server.framed import answer, frame
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.person import correct, erase, object_to, own_record
from counterfoil.guard.seats import answer_seat, asked_back, own_seats
from counterfoil.guard.tokens import Scope, issue, tokens, withdraw
from counterfoil.show.server.frame import Frame, RefusedPage
from counterfoil.show.server.mine import ErasedPage, ErasePage, mine_page, no_record_page
from counterfoil.show.server.tools import tools_page
from counterfoil.show.site import Page
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.record import OwnRecord
from counterfoil.terms.release import Refuse, Released
from counterfoil.terms.seat import OwnSeats, SeatAnswer

MOST_ENTRIES = 20
"""Entries of the log about whoever asks that the page is made of; the command has them all."""
ERASE = "erase"
"""What somebody types who means it."""
DONE = {
    "objected": "From the next block of four weeks on, no figure has you in it. Those that are out stay out.",
    "back": "From the next block of four weeks on, you are in every figure again.",
    "asked": "It is kept for those who look after the source, and stands below.",
    "keep": "You keep it, and are asked again if it is not used for another 60 days.",
    "return": "It is counted among those that may be returned; nobody learns that it is yours.",
    "leave": "You are asked again after 180 days, if it is not used by then.",
}


def router(desk: Desk) -> APIRouter:
    """The pages."""
    pages = APIRouter()
    _reading(pages, desk)
    _acting(pages, desk)
    _connecting(pages, desk)
    return pages


def _reading(pages: APIRouter, desk: Desk) -> None:
    @pages.get("/me")
    def mine(request: Request, signed: Who, done: str = "") -> Response:
        """Everything that is held about whoever asks."""
        own = _own(desk, request, signed, done=DONE.get(done, ""))
        if isinstance(own, Response):
            return own
        record, seats = own
        page = mine_page(frame(request, signed, "/me"), record, done=DONE.get(done, ""), seats=seats)
        return answer(page)

    @pages.get("/me/{table}.csv")
    def rows(request: Request, signed: Who, table: str) -> Response:
        """Every row of one table about whoever asks, as a file."""
        own = _own(desk, request, signed)
        if isinstance(own, Response):
            return own
        if not (found := own[0].answer.rows.get(table)):
            raise HTTPException(404)
        text = io.StringIO()
        writer = csv.DictWriter(text, list(found[0]))
        writer.writeheader()
        writer.writerows(found)
        kept = {"Content-Disposition": f'attachment; filename="{table}.csv"'}
        return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers=kept)


def _acting(pages: APIRouter, desk: Desk) -> None:
    @pages.post("/me/objection")
    def objection(signed: Who, objects: Annotated[bool, Form()]) -> Response:
        """Object to being measured, or take it back."""
        with desk.open() as g:
            object_to(g, _person(signed), objects=objects)
        return RedirectResponse(f"/me?done={'objected' if objects else 'back'}", 303)

    @pages.post("/me/seats")
    def seat(
        request: Request,
        signed: Who,
        tool: Annotated[str, Form()],
        said: Annotated[SeatAnswer, Form(alias="answer")],
    ) -> Response:
        """What becomes of an idle seat of whoever asks."""
        with desk.open() as g:
            refused = answer_seat(g, _person(signed), tool, said)
        if refused is not None:
            return _refused(frame(request, signed, "/me"), refused)
        return RedirectResponse(f"/me?done={said}", 303)

    @pages.post("/me/correction")
    def correction(signed: Who, says: Annotated[str, Form()]) -> Response:
        """Ask for something to be put right."""
        if not 0 < len(says.strip()) <= MOST_WORDS:
            raise HTTPException(400)
        with desk.open() as g:
            correct(g, _person(signed), says.strip())
        return RedirectResponse("/me?done=asked", 303)

    @pages.get("/me/erase")
    def asked_to_erase(request: Request, signed: Who) -> Response:
        """What erasing does."""
        _person(signed)
        return answer(ErasePage(frame=frame(request, signed, "/me"), title="Erase everything", wrong=False))

    @pages.post("/me/erase")
    def erased(request: Request, signed: Who, word: Annotated[str, Form()] = "") -> Response:
        """Erase everything about whoever asks, and their keys."""
        if word.strip().lower() != ERASE:
            page = ErasePage(frame=frame(request, signed, "/me"), title="Erase everything", wrong=True)
            return answer(page, 422)
        with desk.open() as g:
            count = erase(g, _person(signed))
        sessions: Sessions = request.app.state.sessions
        sessions.end_of(_person(signed))
        return answer(
            ErasedPage(
                title="It is gone",
                says=f"{count:,} rows and your keys were erased. Entries about you stay in the log as noise "
                "that only your own copy of your secret opens.",
                hint="Copies of the data directory, and figures that are out, are not reached.",
            )
        )


def _connecting(pages: APIRouter, desk: Desk) -> None:
    @pages.get("/me/tools")
    def tools(request: Request, signed: Who) -> Response:
        """The lines that connect each tool."""
        with desk.open() as g:
            page = _tools(g, request, signed)
        return answer(page)

    @pages.post("/me/tools")
    def token(request: Request, signed: Who) -> Response:
        """A new token of whoever asks, shown this once."""
        with desk.open() as g:
            page = _tools(g, request, signed, issue(g, Scope.INGEST, "", who=_person(signed)))
        return answer(page)

    @pages.post("/me/tools/withdraw")
    def withdrawn(request: Request, signed: Who, name: Annotated[str, Form()]) -> Response:
        """Let a token of one's own hold no longer."""
        with desk.open() as g:
            if not withdraw(g, name, who=_person(signed)):
                raise HTTPException(404)
            page = _tools(g, request, signed, done="The token holds no longer.")
        return answer(page)


def _own(
    desk: Desk, request: Request, signed: SignedIn, *, done: str = ""
) -> tuple[Released[OwnRecord], Released[OwnSeats]] | Response:
    """What is held about whoever asks, and what they are asked; or the page on why it can't be shown."""
    around = frame(request, signed, "/me")
    if signed.who is None:
        why = "You signed in as the operator of this machine, about whom nothing is held."
        return answer(no_record_page(around, why, is_person=False))
    if signed.secret is None:
        why = "Entries about you are sealed; only your secret opens them. Sign in with the file that has it."
        with desk.open() as g:
            seats = own_seats(g, signed.who)
        if isinstance(seats, Refuse):
            return _refused(around, seats)
        return answer(no_record_page(around, why, is_person=True, done=done, seats=seats))
    with desk.open() as g:
        own = own_record(g, signed.who, signed.secret, newest=MOST_ENTRIES)
        if isinstance(own, Refuse):
            return _refused(around, own)
        return own, asked_back(g, signed.who, own)


def _refused(around: Frame, refused: Refuse) -> Response:
    page = RefusedPage(frame=around, title="My record", clause=refused.clause, why=refused.why)
    return answer(page, 403)


def _tools(g: Guarded, request: Request, signed: SignedIn, token: str = "", *, done: str = "") -> Page:
    who = _person(signed)
    mine = [(name, found.since) for name, found in tokens(g) if found.who == who]
    endpoint: str = request.app.state.endpoint
    return tools_page(frame(request, signed, "/me"), endpoint=endpoint, token=token, tokens=mine, done=done)


def _person(signed: SignedIn) -> Pseudonym:
    """The person who signed in.

    Raises: HTTPException 403 for the operator.
    """
    if signed.who is None:
        raise HTTPException(403)
    return signed.who
