"""The page on which somebody connects the systems that their agents may work in."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from counterfoil.agents.office import Office
from counterfoil.agents.shown import FieldShown
from counterfoil.app.door.session import SignedIn, Who
from counterfoil.app.server.agents import told
from counterfoil.app.server.agents.caller import asker, refusing, sentence, talk
from counterfoil.app.server.desk import Desk
from counterfoil.app.server.framed import answer, frame
from counterfoil.show.server.agents import AccountsPage, FieldLine, KindLine
from counterfoil.terms.error import SourceError
from counterfoil.terms.tool import ConnectorId

FIELD = "field."
LONG = frozenset({"repositories"})
DONE = {
    "connected": "It is connected. No agent may use it before you grant a tool.",
    "disconnected": "Nothing of it is left here.",
}


async def entered_of(request: Request) -> Mapping[str, str]:
    """What was entered into a form, by field."""
    return {
        name.removeprefix(FIELD): value
        for name, value in (await request.form()).items()
        if name.startswith(FIELD) and isinstance(value, str)
    }


Entered = Annotated[Mapping[str, str], Depends(entered_of)]


def router(desk: Desk) -> APIRouter:
    """The page."""
    pages = APIRouter()

    @pages.get("/accounts")
    @refusing
    def accounts(request: Request, signed: Who, done: str = "") -> Response:
        """What is connected, and what can be."""
        return answer(_page(desk, request, signed, done=DONE.get(done, "")))

    @pages.post("/accounts")
    @refusing
    def connect(request: Request, signed: Who, kind: Annotated[str, Form()], entered: Entered) -> Response:
        """Connect a system."""
        try:
            talk(request).ask(Office.connect, asker(desk, signed), kind, entered)
        except SourceError as error:
            page = _page(desk, request, signed, wrong=sentence(error), kind=kind, entered=entered)
            return answer(page, 422)
        return RedirectResponse("/accounts?done=connected", 303)

    @pages.post("/accounts/disconnect")
    @refusing
    def disconnect(request: Request, signed: Who, connector: Annotated[str, Form()]) -> Response:
        """Let nothing be left of an account."""
        talk(request).ask(Office.disconnect, asker(desk, signed), ConnectorId(connector))
        return RedirectResponse("/accounts?done=disconnected", 303)

    return pages


def _page(
    desk: Desk,
    request: Request,
    signed: SignedIn,
    *,
    done: str = "",
    wrong: str = "",
    kind: str = "",
    entered: Mapping[str, str] | None = None,
) -> AccountsPage:
    found = talk(request).ask(Office.accounts, asker(desk, signed))
    return AccountsPage(
        frame=frame(request, signed, "/agents"),
        title="Your accounts",
        done=done,
        wrong=wrong,
        connected=found.connected,
        troubles=[told.trouble(one) for one in found.troubles],
        slack=found.slack,
        kinds=[
            KindLine(
                name=one.name,
                says=one.says,
                open=one.name == kind,
                fields=[_field(field, entered or {} if one.name == kind else {}) for field in one.fields],
            )
            for one in found.kinds
        ],
    )


def _field(one: FieldShown, entered: Mapping[str, str]) -> FieldLine:
    return FieldLine(
        name=one.name,
        says=one.says,
        secret=one.secret,
        required=not one.may_be_empty,
        long=one.name in LONG,
        value="" if one.secret else entered.get(one.name, one.default),
    )
