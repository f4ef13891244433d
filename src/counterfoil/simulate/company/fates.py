"""What becomes of planted works: landed or given up, standing or corrected, opened, sent, reopened."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from counterfoil.simulate.company.chance import mixed
from counterfoil.simulate.company.live import Behaviour
from counterfoil.simulate.company.people import Flags, Floats, Ints
from counterfoil.simulate.company.works import DAY, HOUR, Plan, kept_shares, later, sizes

Moments = NDArray[np.int64]
ABANDONED, REVERTED, CORRECTED = 0.08, 0.04, 0.14
"""Shares of changes that were there to do: assumptions."""
FAILED, ROLLED_BACK = 0.04, 0.05
"""Shares of deployments: assumptions."""
UNOPENED, NOT_SENT = 0.05, 0.15
"""Share of drafts that nobody opens, and of those opened, that are thrown away: assumptions."""
ROUNDS, COMMENTS, UNREVIEWED = 0.6, 2.2, 0.06
"""Reviews after the first one and comments of a change, on average, and the share that nobody reads:
assumptions."""
CLOSED, REOPENED = 0.9, 0.08
"""Share of tickets that are closed, and of those, that are opened again: assumptions."""
MOST = 0.6
"""No share that goes wrong is larger, however much worse the work is."""


class Planted(StrEnum):
    """What becomes of a work in the end, whether or not the last day comes first."""

    STANDING = "standing"
    CORRECTED = "corrected"
    REVERTED = "reverted"
    DISCARDED = "discarded"
    DEPLOYED = "deployed"
    FAILED = "failed"
    ROLLED_BACK = "rolled_back"
    SENT = "sent"
    EDITED = "edited"
    CLOSED = "closed"
    REOPENED = "reopened"
    OPEN = "open"


PLANTED = tuple(Planted)
FATE = {fate: np.int8(place) for place, fate in enumerate(PLANTED)}
EDITED_FROM = 0.3
"""Share of a text that is changed from which it counts as edited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fated:
    """What became of works of one kind; moments of what never happens are not shown, whatever they are.

    Shape: every array (works,).
    """

    fate: NDArray[np.int8]
    """Place in PLANTED."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes(Fated):
    """Moments in seconds from the first midnight, UTC."""

    lines: Ints
    marked_lines: Ints
    """Those that a tool claims."""
    lands: Flags
    landed: Moments
    closed: Moments
    """When one that does not land was given up."""
    undone: Moments
    """When it was reverted or corrected."""
    reviews: Ints
    """By other people, until it landed."""
    comments: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployments(Fated):
    """Trees are numbers until they are written."""

    before: NDArray[np.uint64]
    after: NDArray[np.uint64]
    back: Moments
    """When it was rolled back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafts(Fated):
    """A mail, a post or a document."""

    form: NDArray[np.int8]
    """Place in FORMS."""
    opens: Flags
    opened: Moments
    sends: Flags
    sent: Moments
    edited: Floats
    """Unit: share of the text that was changed before it was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tickets(Fated):
    """Something that somebody asked for."""

    closed: Moments
    reopened: Moments


FORMS = ("mail", "post", "document")


def changes(plan: Plan, rng: np.random.Generator) -> Changes:
    """What becomes of changes; much of what nobody needed is gone within a day."""
    count = len(plan)
    drawn = rng.random(count)
    limits = [np.minimum(share * plan.worse, MOST / 3) for share in (ABANDONED, REVERTED, CORRECTED)]
    fate = np.select(
        [drawn < limits[0], drawn < limits[0] + limits[1], drawn < sum(limits)],
        [FATE[Planted.DISCARDED], FATE[Planted.REVERTED], FATE[Planted.CORRECTED]],
        FATE[Planted.STANDING],
    )
    kept = drawn < kept_shares()[plan.tactic]
    gone = np.where(rng.random(count) < 0.5, FATE[Planted.DISCARDED], FATE[Planted.REVERTED])
    fate = np.where(plan.needed, fate, np.where(kept, FATE[Planted.STANDING], gone)).astype(np.int8)
    lines = sizes(rng, np.where(plan.made_for("splitting"), 6.0, 40.0), 1.3, count)
    marked = np.floor(lines * rng.beta(4.0, 2.0, count)).astype(np.int32)
    landed = np.where(plan.needed, later(rng, plan.at, 20, 1.0), later(rng, plan.at, 0.5, 0.5))
    slow = later(rng, landed, 100, 0.9)
    quick = landed + (rng.uniform(0.5, 20, count) * HOUR).astype(np.int64)
    gave_up = np.where(plan.needed, later(rng, plan.at, 48, 0.8), plan.at + (quick - landed))
    reviewed = plan.needed & (rng.random(count) >= UNREVIEWED)
    return Changes(
        fate=fate,
        lines=lines,
        marked_lines=np.where(plan.inflated, lines, marked),
        lands=fate != FATE[Planted.DISCARDED],
        landed=landed,
        closed=gave_up,
        undone=np.where(plan.needed, slow, quick),
        reviews=(reviewed * (1 + rng.poisson(ROUNDS, count))).astype(np.int32),
        comments=(reviewed * rng.poisson(COMMENTS, count)).astype(np.int32),
    )


def deployments(plan: Plan, service: NDArray[np.int64], rng: np.random.Generator) -> Deployments:
    """What becomes of deployments; an empty one puts in place what runs there already.

    Shape: `service` (works,).
    """
    count = len(plan)
    drawn = rng.random(count)
    failed = np.minimum(FAILED * plan.worse, MOST / 2)
    back = np.minimum(ROLLED_BACK * plan.worse, MOST / 2)
    fate = np.select(
        [~plan.needed, drawn < failed, drawn < failed + back],
        [FATE[Planted.DEPLOYED], FATE[Planted.FAILED], FATE[Planted.ROLLED_BACK]],
        FATE[Planted.DEPLOYED],
    ).astype(np.int8)
    lasting = plan.needed & (fate == FATE[Planted.DEPLOYED])
    before, tried = _trees(service, lasting)
    order = np.lexsort((plan.at, service))
    following = np.full(count, 1 << 60, np.int64)
    same = service[order][1:] == service[order][:-1]
    following[order[:-1][same]] = plan.at[order[1:][same]]
    return Deployments(
        fate=fate,
        before=before,
        after=np.where(plan.needed, tried, before),
        back=np.maximum(np.minimum(later(rng, plan.at, 2, 1.0), following - 1), plan.at),
    )


def _trees(service: NDArray[np.int64], lasting: Flags) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """The tree that runs before each deployment, and the one that it brings.

    Works come in order of time, so that what lasts of one is what runs before the next.
    """
    order = np.argsort(service, kind="stable")
    count = np.cumsum(lasting[order])
    first = np.searchsorted(service[order], service[order])
    ran = np.empty(len(service), np.int64)
    ran[order] = count - lasting[order] - np.where(first > 0, count[first - 1], 0)
    tree = service * (1 << 30) + ran
    number = np.arange(len(service))
    other = (1 << 61) + number
    return (
        mixed(tree.astype(np.uint64)),
        mixed(np.where(lasting, tree + 1, other).astype(np.uint64)),
    )


def drafts(plan: Plan, rng: np.random.Generator) -> Drafts:
    """What becomes of drafts; what was made for the number is filed and not read."""
    count = len(plan)
    read = rng.random(count) >= UNOPENED
    opens = np.where(plan.needed, read, False)
    least = plan.made_for("minimal-use")
    opens |= least
    thrown = rng.random(count) < np.minimum(NOT_SENT * plan.worse, MOST)
    sends = opens & ~thrown
    edited = rng.beta(1.2, 3.0, count)
    against = plan.behaviour == Behaviour.RESIST
    edited = np.where(against, rng.beta(6.0, 1.5, count), edited)
    edited = np.where(sends, edited, 0).astype(np.float32)
    kept = ~plan.needed & ~least & (rng.random(count) < kept_shares()[plan.tactic])
    fate = np.select(
        [kept, ~sends, edited >= EDITED_FROM],
        [FATE[Planted.STANDING], FATE[Planted.DISCARDED], FATE[Planted.EDITED]],
        FATE[Planted.SENT],
    ).astype(np.int8)
    form = np.where(plan.needed | least, rng.integers(0, len(FORMS), count), FORMS.index("document"))
    opened = later(rng, plan.at, 1, 1.2)
    return Drafts(
        fate=fate,
        form=form.astype(np.int8),
        opens=opens,
        opened=opened,
        sends=sends,
        sent=later(rng, opened, 0.3, 1.0),
        edited=edited,
    )


def tickets(plan: Plan, rng: np.random.Generator) -> Tickets:
    """What becomes of tickets."""
    count = len(plan)
    closes = rng.random(count) < CLOSED
    again = rng.random(count) < np.minimum(REOPENED * plan.worse, MOST)
    closed = later(rng, plan.at, 30, 1.2)
    return Tickets(
        fate=np.select(
            [~closes, again], [FATE[Planted.OPEN], FATE[Planted.REOPENED]], FATE[Planted.CLOSED]
        ).astype(np.int8),
        closed=closed,
        reopened=closed + (rng.uniform(0.1, 10, count) * DAY).astype(np.int64),
    )
