"""The inbox of what waits for a yes, and the card of each call."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from counterfoil.agents.canary import GAVE_AWAY
from counterfoil.agents.office import Office
from counterfoil.agents.shown import Done, Rule
from counterfoil.app.door.form import forget, keep, named
from counterfoil.app.door.session import SignedIn, Who
from counterfoil.app.server.agents import told
from counterfoil.app.server.agents.caller import asker, refusing, sentence, talk
from counterfoil.app.server.agents.planted import planted, was_planted
from counterfoil.app.server.agents.written import day_of
from counterfoil.app.server.desk import Desk
from counterfoil.app.server.framed import answer, frame
from counterfoil.show.server.agents import ApprovalsPage, CardPage
from counterfoil.show.words import when
from counterfoil.terms.error import SourceError

HERE = "/approvals"
ARGUMENT = "argument."
MOST_A_DAY = 1_000
PLANTED = "planted"
"""The cookie of what gave away the question that was answered last, where it had been planted."""
PLANTED_SECONDS = 600
DONE = {
    "approved": "You said yes to exactly that, once. It is judged again when it is made.",
    "denied": "You said no. The agent is told why.",
    "edited": "You said yes to what you wrote. It is judged again when it is made.",
    "stands": "You said yes, and the rule answers the like from now on.",
}


async def arguments_written(request: Request) -> Mapping[str, str]:
    """The arguments in a form, by name."""
    return {
        name.removeprefix(ARGUMENT): value
        for name, value in (await request.form()).items()
        if name.startswith(ARGUMENT) and isinstance(value, str)
    }


Written = Annotated[Mapping[str, str], Depends(arguments_written)]


def router(desk: Desk) -> APIRouter:
    """The pages."""
    pages = APIRouter()
    _looking(pages, desk)
    _answering(pages, desk)
    return pages


def _looking(pages: APIRouter, desk: Desk) -> None:
    @pages.get("/approvals")
    @refusing
    def inbox(request: Request, signed: Who, done: str = "") -> Response:
        """Everything that waits for whoever looks."""
        agents = talk(request)
        waits = agents.ask(Office.waiting, asker(desk, signed))
        page = ApprovalsPage(
            frame=frame(request, signed, HERE),
            title="Approvals",
            done=_done(request, done),
            tells=agents.tells,
            as_owner=[told.asked(one) for one in waits.as_owner],
            as_other=[told.asked(one) for one in waits.as_other],
            planted=planted(waits.planted_one_in),
        )
        return answer(page)

    @pages.get("/approvals/{approval}")
    @refusing
    def card(request: Request, signed: Who, approval: str) -> Response:
        """One call that waits."""
        return answer(_card(desk, request, signed, approval))


def _answering(pages: APIRouter, desk: Desk) -> None:
    @pages.post("/approvals/{approval}/approve")
    @refusing
    def approve(request: Request, signed: Who, approval: str, digest: Annotated[str, Form()]) -> Response:
        """Yes to exactly what was shown, once."""
        done = talk(request).ask(Office.approve, asker(desk, signed), approval, digest)
        return _back(request, done, "approved")

    @pages.post("/approvals/{approval}/deny")
    @refusing
    def deny(request: Request, signed: Who, approval: str, reason: Annotated[str, Form()]) -> Response:
        """No, and why."""
        done = talk(request).ask(Office.deny, asker(desk, signed), approval, reason)
        return _back(request, done, "denied")

    @pages.post("/approvals/{approval}/edit")
    @refusing
    def edit(request: Request, signed: Who, approval: str, written: Written) -> Response:
        """Yes to other words."""
        return _edited(desk, request, signed, approval, written)

    @pages.post("/approvals/{approval}/stand")
    @refusing
    def stand(
        request: Request,
        signed: Who,
        approval: str,
        digest: Annotated[str, Form()],
        per_day: Annotated[str, Form()],
        until: Annotated[str, Form()],
    ) -> Response:
        """Yes, and a narrow rule for the like."""
        if not per_day.isdecimal() or not 0 < int(per_day) <= MOST_A_DAY:
            says = f"that is no number from 1 to {MOST_A_DAY:,}"
            raise SourceError("per-day", says, hint="say how many a day at most")
        rule = Rule(per_day=int(per_day), until=day_of(until))
        done = talk(request).ask(Office.make_standing, asker(desk, signed), approval, digest, rule)
        return _back(request, done, "stands")


def _edited(
    desk: Desk, request: Request, signed: SignedIn, approval: str, written: Mapping[str, str]
) -> Response:
    who = asker(desk, signed)
    found = talk(request).ask(Office.card, who, approval)
    try:
        changed = told.edited(found.card, written)
    except ValueError:
        page = _card(desk, request, signed, approval, wrong="A list or a number has to stay one.")
        return answer(page, 422)
    if not changed:
        page = _card(desk, request, signed, approval, wrong="Nothing was changed. Say yes to it as it is.")
        return answer(page, 422)
    try:
        done = talk(request).ask(Office.edit, who, approval, changed)
    except SourceError as error:
        return answer(_card(desk, request, signed, approval, wrong=sentence(error)), 422)
    return _back(request, done, "edited")


def _card(desk: Desk, request: Request, signed: SignedIn, approval: str, *, wrong: str = "") -> CardPage:
    found = talk(request).ask(Office.card, asker(desk, signed), approval)
    card = found.card
    return CardPage(
        frame=frame(request, signed, HERE),
        title="Shall it?",
        approval=approval,
        digest=card.digest,
        agent=card.agent,
        tool=card.tool,
        does=card.does,
        to=card.to,
        arguments=told.arguments(card),
        cause=card.cause,
        undone=card.undone,
        clause=card.clause,
        why=card.why,
        as_other=told.needs_other(card),
        until=when(card.expires),
        may_stand=found.may_stand,
        planted_one_in=found.planted_one_in,
        stand_until=told.stands_until(desk.aside.now.date()),
        wrong=wrong,
    )


def _back(request: Request, done: Done, said: str) -> Response:
    """The inbox, at the same address whether a question was planted or not: proxies keep addresses."""
    back = RedirectResponse(f"{HERE}?done={said}", 303)
    if done.planted:
        keep(request, back, PLANTED, done.planted, seconds=PLANTED_SECONDS)
    else:
        forget(request, back, PLANTED)
    return back


def _done(request: Request, done: str) -> str:
    way = request.cookies.get(named(request, PLANTED), "")
    return was_planted(way) if done and way in GAVE_AWAY else DONE.get(done, "")


def approval_at(address: str, approval: str) -> str:
    """The link to a card, as a message carries it."""
    return f"{address}{HERE}/{quote(approval, safe='')}"
