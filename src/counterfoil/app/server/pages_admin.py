"""The page of those who keep the server up: sources, tokens of machines, seats as counts, coverage."""

from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response

from counterfoil.app.door.session import SignedIn, Who
from counterfoil.app.server import asked
from counterfoil.app.server.agreed import in_force
from counterfoil.app.server.desk import Desk
from counterfoil.app.server.framed import answer, frame
from counterfoil.guard.dominance import rounded_count
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.judged import held_roles
from counterfoil.guard.page import FIGURES, answers
from counterfoil.guard.seats import seat_counts
from counterfoil.guard.tokens import Scope, issue, tokens, withdraw
from counterfoil.show.server.admin import AdminPage, MachineToken, seat_table
from counterfoil.show.server.figure import called as period_called
from counterfoil.show.server.figure import cell, counter_of, figure_of, label
from counterfoil.show.server.frame import ROLES, Frame, RefusedPage
from counterfoil.show.server.log import SCOPES
from counterfoil.show.table import Table
from counterfoil.terms.ask import Answered, Role
from counterfoil.terms.release import Refuse, Released
from counterfoil.terms.seat import SeatCounts

KEEPERS = (Role.ADMIN, Role.OPERATOR)
SOURCES = {
    "person": "people",
    "membership": "memberships",
    "unit": "units",
    "seat": "seats",
    "usage_day": "use of AI, by person and day",
    "work_fate": "work and what became of it",
    "spend": "what became of the spend, by person and day",
}
MOST_NAME = 80
READS_IN = (Role.FINANCE, Role.COUNCIL, Role.LEADER, Role.EMPLOYEE)


def router(desk: Desk) -> APIRouter:
    """The page and its forms."""
    pages = APIRouter()

    @pages.get("/admin")
    def admin(request: Request, signed: Who) -> Response:
        """Sources, tokens, seats."""
        with desk.open() as g:
            return _refused(g, request, signed) or _admin(g, request, signed)

    @pages.post("/admin/tokens")
    def token(
        request: Request,
        signed: Who,
        name: Annotated[str, Form()],
        scope: Annotated[Scope, Form()],
        role: Annotated[str, Form()] = "",
    ) -> Response:
        """A new token of a machine, shown this once."""
        if not 0 < len(name.strip()) <= MOST_NAME or role not in {"", *READS_IN}:
            raise HTTPException(400)
        with desk.open() as g:
            if (refused := _refused(g, request, signed)) is not None:
                return refused
            new = issue(g, scope, name.strip(), role=role if scope is Scope.READ else "")
            return _admin(g, request, signed, token=new)

    @pages.post("/admin/tokens/withdraw")
    def withdrawn(request: Request, signed: Who, name: Annotated[str, Form()]) -> Response:
        """Let a token of a machine hold no longer."""
        with desk.open() as g:
            if (refused := _refused(g, request, signed)) is not None:
                return refused
            if not any(name == known and not found.who for known, found in tokens(g)):
                raise HTTPException(404)
            withdraw(g, name)
            return _admin(g, request, signed, done="The token holds no longer.")

    return pages


def _refused(g: Guarded, request: Request, signed: SignedIn) -> Response | None:
    """The page for everybody else."""
    viewer = signed.viewer()
    if viewer.role in KEEPERS and viewer.role in held_roles(g, viewer):
        return None
    why = "This page is for those who keep the server up; it has no figure that others can't see elsewhere."
    page = RefusedPage(frame=frame(request, signed, "/admin"), title="Admin", clause="role-not-held", why=why)
    return answer(page, 403)


def _admin(g: Guarded, request: Request, signed: SignedIn, *, token: str = "", done: str = "") -> Response:
    around = frame(request, signed, "/admin")
    count: Callable[[], Sequence[tuple[str, str]]] | None = getattr(request.app.state, "sent", None)
    sent = () if count is None else count()
    counts = None if in_force(g) is None else seat_counts(g)
    seats = None if isinstance(counts, Refuse) else counts
    return answer(_page(g, around, _figures(g, signed), seats, sent, token=token, done=done))


def _figures(g: Guarded, signed: SignedIn) -> Sequence[Answered]:
    """Figures of the whole company, from which seats and coverage are read."""
    force, today = in_force(g), g.now.date()
    if force is None:
        return ()
    wanted = force.measured("tokens", "kept", *asked.SEATS)
    found = [(name, asked.blocks(force.programme, name, today)) for name in wanted]
    return answers(g, [asked.whole(name, over[-1]) for name, over in found if over], signed.viewer())


def _page(
    g: Guarded,
    around: Frame,
    figures: Sequence[Answered],
    counts: Released[SeatCounts] | None,
    sent: Sequence[tuple[str, str]],
    *,
    token: str,
    done: str,
) -> AdminPage:
    held = list(tokens(g))
    seats = [one for one in figures if one.ask.metric in asked.SEATS]
    rest = [one for one in figures if one not in seats]
    return AdminPage(
        frame=around,
        title="Admin",
        done=done,
        token=token,
        sources=_sources(g),
        sent=sent,
        coverage=[
            (
                f"{label(one.ask.metric)}, {period_called(one.ask.period)}",
                cell(one.answers[0]).coverage or "unknown",
            )
            for one in rest
        ],
        seats=[
            figure_of(
                one.ask.metric,
                FIGURES[one.ask.metric].says,
                one.answers[0],
                counter=label(counter_of(one.ask.metric, {})),
            )
            for one in seats
        ],
        seats_of=next((period_called(one.ask.period) for one in seats), ""),
        seat_counts=None if counts is None else seat_table(counts),
        counted_on="" if counts is None else str(counts.answer.as_of),
        tokens=[
            MachineToken(
                id=name, name=found.name, scope=_scope(found.scope, found.role), since=found.since[:10]
            )
            for name, found in held
            if not found.who
        ],
        own_tokens=_about(sum(bool(found.who) for _, found in held)),
        scopes=list(SCOPES.items()),
        roles=[(role, ROLES[role]) for role in READS_IN],
    )


def _about(count: int) -> str:
    """A count of what people have, to the nearest five."""
    return f"about {rounded:,}" if (rounded := rounded_count(count)) else "fewer than five"


def _scope(scope: Scope, role: str) -> str:
    return SCOPES[scope] + (f", as {ROLES[Role(role)]}" if role else "")


def _sources(g: Guarded) -> Table:
    """How many rows each table has, and of which blocks; late ones apart."""
    rows = []
    for table, words in SOURCES.items():
        parts, late = (g.lake.registry.parts(table, late=apart) for apart in (False, True))
        blocks = [part.block for part in parts if part.block[:1].isdigit()]
        rows.append((
            words,
            f"{sum(part.rows for part in parts):,}",
            f"{blocks[0]} to {blocks[-1]}" if blocks else "as of today",
            f"{sum(part.rows for part in late):,}",
        ))  # fmt: skip
    return Table(
        title="What the lake has",
        columns=("table", "rows", "blocks", "late rows that wait"),
        rows=tuple(rows),
    )
