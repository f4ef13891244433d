"""Counts how people answer what they are asked: sums of a month over everybody, and of nobody alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from counterfoil.agents.keeping import Keeping
from counterfoil.store.agents.approvals import Asked, deciders
from counterfoil.store.agents.told import count, counted
from counterfoil.terms.absent import Unknown
from counterfoil.terms.effect import ApprovalState

FEWEST = 5
"""People below which nothing is said."""
STEPS = (5, 15, 60, 300, 900, 3600, 4 * 3600, 24 * 3600)
"""Seconds within which an answer came; finer is nobody's affair."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """How much a yes means, in a month that is over; shares in twentieths."""

    answers: int
    """Of how many it tells, in tens."""
    approved_share: float
    """Of all answers."""
    within_seconds: int
    """Half of all answers came within so many seconds, as the step above it."""
    unopened_share: float
    """Of all yeses: given without a look at the card."""
    canaries_approved_share: float | None
    """Of all answers to planted calls, none of which should be a yes; None where too few people gave one."""


def decided(db: Connection, asked: Asked, state: ApprovalState, now: datetime) -> None:
    """Count one answer, in its transaction."""
    month, took = f"{now:%Y-%m}", (now - asked.approval.asked).total_seconds()
    count(db, month, state.value)
    step = next((step for step in STEPS if took <= step), STEPS[-1])
    count(db, month, f"within:{step}")
    if state is ApprovalState.APPROVED and not asked.opened:
        count(db, month, "unopened")


def seen(db: Connection, now: datetime, *, yes: bool) -> None:
    """Count one answer to a planted call, in its transaction."""
    count(db, f"{now:%Y-%m}", "canary")
    if yes:
        count(db, f"{now:%Y-%m}", "canary-approved")


def attention(keeping: Keeping, month: datetime) -> Attention | Unknown:
    """How a month's questions were answered; unknown where too few people answered any.

    Raises: StoreError where the database can't be asked.
    """
    since = month.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    until = (since + timedelta(days=32)).replace(day=1)
    with keeping.database.read() as db:
        people = deciders(db, since, until)
        sums = counted(db, f"{since:%Y-%m}")
    if people < FEWEST:
        return Unknown(f"fewer than {FEWEST} people answered")
    yes, no = sums.get("approved", 0), sums.get("denied", 0)
    planted, fooled = sums.get("canary", 0), sums.get("canary-approved", 0)
    return Attention(
        answers=round(yes + no, -1),
        approved_share=_twentieths(yes, yes + no),
        within_seconds=_half([(step, sums.get(f"within:{step}", 0)) for step in STEPS]),
        unopened_share=_twentieths(sums.get("unopened", 0), yes),
        # Nobody answers two of them in a month, so that their number is that of people.
        canaries_approved_share=None if planted < FEWEST else _twentieths(fooled, planted),
    )


def _twentieths(part: int, whole: int) -> float:
    return round(20 * part / whole) / 20 if whole else 0.0


def _half(steps: list[tuple[int, int]]) -> int:
    """The step within which half of all came."""
    half, so_far = sum(many for _, many in steps) / 2, 0
    for step, many in steps:
        so_far += many
        if so_far >= half:
            return step
    return STEPS[-1]
