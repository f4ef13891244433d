"""What is found of a cause: the verdict in words, what it rests on, and why nothing can be told."""

import textwrap
from collections.abc import Iterator, Sequence

from counterfoil.show.exported import written
from counterfoil.show.paint import BOLD, DIM, encodable, painter
from counterfoil.show.words import counted, safe
from counterfoil.terms.absent import Unknown
from counterfoil.terms.cause import CauseFound, OutcomeFound, TreatedBy
from counterfoil.terms.estimate import Estimate
from counterfoil.terms.release import Released

MEANS = {
    TreatedBy.USE: "the first week in which half of a unit's people were active",
    TreatedBy.LICENCE: "the week in which a unit got licences",
}
MARGIN = "  "
NOTHING_AT_ONCE = (
    "An interval holds for all outcomes at once. What is found is of units, and of nobody in them."
)


def cause_text(
    told: Released[Sequence[CauseFound]], *, more: bool, width: int, color: bool, unicode: bool
) -> str:
    """Each definition of treated with what is found of each outcome."""
    paint = painter(color)
    lines: list[str] = []
    for found in told.answer:
        lines.append(paint(safe(f"Treated by {found.treated_by}: {MEANS[found.treated_by]}"), BOLD))
        lines += [paint(part, DIM) for part in _wrapped(_rests_on(found), width)]
        for one in found.outcomes:
            lines += ["", *_wrapped(f"{one.outcome}: {one.says}", width), *_backed(one, width)]
            lines += list(_study(one)) if more else []
        lines += ["", *[part for note in found.notes for part in _wrapped(note, width)], ""]
    lines += textwrap.wrap(NOTHING_AT_ONCE, max(width, 50))
    return encodable("\n".join(lines) + "\n", unicode)


def cause_json(told: Released[Sequence[CauseFound]]) -> str:
    """The same as JSON, with the effect of each week."""
    return written({"clause": told.clause, "found": list(told.answer)})


def _rests_on(found: CauseFound) -> str:
    parts = [
        counted(found.units, "unit"),
        f"{found.treated:,} of them treated",
        counted(found.departments, "department"),
        counted(found.weeks, "week"),
        f"{found.seen * 100:.0f} % seen",
    ]
    parts += [f"{counted(found.pilots, 'hand-picked pilot')} left out"] if found.pilots else []
    parts += [f"{counted(found.small, 'unit')} below the floor left out"] if found.small else []
    return f"{', '.join(parts)}; {found.design}"


def _backed(one: OutcomeFound, width: int) -> Iterator[str]:
    """What speaks for a verdict, and how much it takes to undo it."""
    if isinstance(one.before, float):
        yield from _wrapped(f"Drift before treatment: p = {one.before:.2g}.", width, MARGIN * 2)
    if isinstance(one.without_drift, Estimate):
        left = f"If that drift went on, {effect_text(one.without_drift)} is left."
        yield from _wrapped(left, width, MARGIN * 2)
    if isinstance(one.undone_at, float) and one.undone_at > 0:
        fast = f"{one.undone_at:.2g} times as fast as in the fastest four weeks before"
        yield from _wrapped(f"Undone if treated and others drift apart {fast}.", width, MARGIN * 2)


def _study(one: OutcomeFound) -> Iterator[str]:
    for part in one.study:
        yield f"{MARGIN * 2}{part.weeks:+4d} weeks  {effect_text(part.effect)}"


def effect_text(effect: Estimate) -> str:
    """An effect with its interval.

    Example:
    >>> effect_text(Estimate(value=.1, low=.05, high=.15, n=9, coverage=1.0, method="m"))
    '+0.1 [+0.05, +0.15]'
    """
    if isinstance(effect.low, Unknown) and isinstance(effect.high, Unknown):
        return f"{effect.value:+.3g} (no interval: {effect.low.why})"
    low, high = ("open" if isinstance(end, Unknown) else f"{end:+.3g}" for end in (effect.low, effect.high))
    return f"{effect.value:+.3g} [{low}, {high}]"


def _wrapped(text: str, width: int, margin: str = MARGIN) -> list[str]:
    return textwrap.wrap(safe(text), max(width, 50), initial_indent=margin, subsequent_indent=margin)
