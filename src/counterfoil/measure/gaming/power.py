"""What an organisation of a size can find out about its number, told before the number is launched."""

from math import sqrt
from typing import NamedTuple

from counterfoil.measure.gaming.listed import FLOOR as LIST_FLOOR
from counterfoil.measure.gaming.listed import list_reach
from counterfoil.measure.gaming.prevalence import FLOOR as PREVALENCE_FLOOR
from counterfoil.measure.gaming.signs import BUNCHING_FLOOR
from counterfoil.measure.gaming.worded import percent
from counterfoil.measure.interval import Z
from counterfoil.terms.absent import Unknown
from counterfoil.terms.audit import Foresight, Outlook

SHARES = (0.05, 0.1, 0.2)
"""Of people who game, for which the watch was simulated."""
SIZES = (300, 1_000, 3_000, 10_000)
"""Organisations that were simulated."""
UNIT = 12.5
"""People in a unit, on average."""
LOOKS = 200
"""Works that a blind audit looks at in a quarter."""
ANSWERS = 0.6
"""Share of people who answer a list."""
NOT_FOUND = Unknown("in the middle case not within half a year")


class Simulated(NamedTuple):
    """How often the watch found it within 26 weeks, and when in the middle case."""

    found: float
    weeks: float | None


WATCH: dict[tuple[int, float], Simulated] = {
    (300, 0.05): Simulated(0.16, None),
    (300, 0.1): Simulated(0.40, None),
    (300, 0.2): Simulated(0.74, 11),
    (1_000, 0.05): Simulated(0.56, 22.5),
    (1_000, 0.1): Simulated(0.98, 8),
    (1_000, 0.2): Simulated(1.0, 4),
    (3_000, 0.05): Simulated(0.98, 7),
    (3_000, 0.1): Simulated(1.0, 4),
    (3_000, 0.2): Simulated(1.0, 3),
    (10_000, 0.05): Simulated(1.0, 4),
    (10_000, 0.1): Simulated(1.0, 3),
    (10_000, 0.2): Simulated(1.0, 3),
}
"""By size and share of people who game: 100 seeds each, 26 weeks before a launch and 26 after it.

Source: `python -m bench.detection --sizes`, on `simulate.units`.
"""
LINE: dict[tuple[int, float], float] = {
    (2_000, 0.1): 0.262,
    (2_000, 0.3): 0.998,
    (3_000, 0.1): 0.410,
    (3_000, 0.3): 1.0,
    (10_000, 0.1): 0.859,
    (10_000, 0.3): 1.0,
}
"""How often the contrast at a line speaks in one window, by size and share of near-misses that move: 1,000
seeds.

Source: `python -m bench.detection`.
"""


def outlook(people: int) -> Outlook:
    """What so many people's organisation can find out about its own number, and how soon.

    Source: simulated by seed with the tests of this room, for the next smaller size; never a promise.
    """
    simulated = max((size for size in SIZES if size <= people), default=0)
    return Outlook(
        people=people,
        simulated=simulated,
        foresights=(
            *_watch(simulated),
            *_line(people),
            _prevalence(people),
            _sample(),
            _list(people),
        ),
        advice=_advice(people),
    )


def _watch(size: int) -> tuple[Foresight, ...]:
    told = []
    for share in SHARES:
        if size == 0:
            too_few = Unknown(f"below {SIZES[0]} people nothing was simulated")
            told.append(_foresight("come-apart", share, too_few, too_few, too_few.why))
            continue
        found, weeks = WATCH[size, share]
        when = "" if weeks is None else f", in the middle case after {weeks:.0f} weeks"
        seen = f"it is seen in {percent(found)} of cases{when}"
        says = f"when {percent(share)} of people run AI for the number, {seen}"
        told.append(_foresight("come-apart", share, found, NOT_FOUND if weeks is None else weeks, says))
    return tuple(told)


def _line(people: int) -> tuple[Foresight, ...]:
    no_delay = Unknown("it looks at one window")
    if people < BUNCHING_FLOOR:
        why = Unknown(f"a verdict at a line takes {BUNCHING_FLOOR:,} people")
        return (_foresight("adjacent-bins", Unknown("at any share"), why, no_delay, why.why),)
    size = max(of for of, _ in LINE if of <= people)
    return tuple(
        _foresight(
            "adjacent-bins",
            share,
            found,
            no_delay,
            f"when {percent(share)} of those just below a line step over it, "
            f"it is seen in {percent(found)} of cases",
        )
        for (of, share), found in LINE.items()
        if of == size
    )


def _prevalence(people: int) -> Foresight:
    no_delay = Unknown("it looks at one window")
    about = Unknown("it says how much, not whether")
    if people < PREVALENCE_FLOOR:
        why = Unknown(f"a share of padding takes {PREVALENCE_FLOOR} people")
        return _foresight("prevalence-lower-bound", about, why, no_delay, why.why)
    reach = Z * sqrt(0.1 * 0.9 / people) / 0.68
    says = f"a padded share of 7 % would be known to within {100 * reach:.1f} points, and is a lower bound"
    return _foresight("prevalence-lower-bound", about, about, no_delay, says)


def _sample() -> Foresight:
    about = Unknown("it says how work came out, not who games")
    reach = 100 * Z * sqrt(0.25 / LOOKS)
    says = f"{LOOKS} works that blind auditors look at tell a rate to within {reach:.0f} points, at any size"
    return _foresight("outcome-sample", about, about, Unknown("a quarter"), says)


def _list(people: int) -> Foresight:
    about = Unknown("it says how many say so, not who")
    answers = round(ANSWERS * people)
    if answers < LIST_FLOOR:
        why = Unknown(
            f"a list takes {LIST_FLOOR} answers; {percent(ANSWERS)} of {people:,} people are {answers}"
        )
        return _foresight("pulse-list", about, why, Unknown("one pulse"), why.why)
    reach = 100 * list_reach(answers)
    says = f"{answers:,} answers to a list tell how many run AI for the number, to within {reach:.0f} points"
    return _foresight("pulse-list", about, about, Unknown("one pulse"), says)


def _foresight(
    evidence: str, gaming: float | Unknown, found: float | Unknown, weeks: float | Unknown, says: str
) -> Foresight:
    return Foresight(evidence=evidence, gaming=gaming, found=found, weeks=weeks, says=says)


def _advice(people: int) -> str:
    if people < PREVALENCE_FLOOR:
        return (
            "So few people's numbers say little about gaming. Let blind auditors look at outcomes "
            "each quarter, and set no target on usage that only such a test could watch."
        )
    if people < BUNCHING_FLOOR:
        return (
            "Outcome samples and the list are your first evidence, the watch over outcomes the second; at a "
            "line you get intervals and no verdicts, so set none."
        )
    return (
        "The watch over outcomes is your first evidence. Draw outcome samples beside it: they see what a new "
        "tactic hides, and outcomes that are gamed themselves."
    )
