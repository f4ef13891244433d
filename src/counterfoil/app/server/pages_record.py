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
from counterfoil.guard.tokens import Scope, issue, tokens, withdraw
from counterfoil.show.server.frame import RefusedPage
from counterfoil.show.server.mine import ErasedPage, ErasePage, NoRecordPage, mine_page
from counterfoil.show.server.tools import tools_page
from counterfoil.show.site import Page
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.record import OwnRecord
from counterfoil.terms.release import Refuse, Released

MOST_ENTRIES = 60
"""Entries of the log about whoever asks that the page is made of; the command has them all."""
ERASE = "erase"
"""What somebody types who means it."""
DONE = {
    "objected": "From the next block of four weeks on, no figure has you in it. Those that are out stay out.",
    "back": "From the next block of four weeks on, you are in every figure again.",
    "asked": "It is kept for those who look after the source, and stands below.",
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
        own = _own(desk, request, signed)
        if isinstance(own, Response):
            return own
        return answer(mine_page(frame(request, signed, "/me"), own, done=DONE.get(done, "")))

    @pages.get("/me/{table}.csv")
    def rows(request: Request, signed: Who, table: str) -> Response:
        """Every row of one table about whoever asks, as a file."""
        own = _own(desk, request, signed)
        if isinstance(own, Response):
            return own
        if not (found := own.answer.rows.get(table)):
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


def _own(desk: Desk, request: Request, signed: SignedIn) -> Released[OwnRecord] | Response:
    """What is held about whoever asks, or the page on why it can't be shown."""
    around = frame(request, signed, "/me")
    if signed.who is None:
        why = "You signed in as the operator of this machine, about whom nothing is held."
        return answer(NoRecordPage(frame=around, title="My record", why=why, is_person=False))
    if signed.secret is None:
        why = "Entries about you are sealed; only your secret opens them. Sign in with the file that has it."
        return answer(NoRecordPage(frame=around, title="My record", why=why, is_person=True))
    with desk.open() as g:
        own = own_record(g, signed.who, signed.secret, newest=MOST_ENTRIES)
    if isinstance(own, Refuse):
        return answer(RefusedPage(frame=around, title="My record", clause=own.clause, why=own.why), 403)
    return own


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
