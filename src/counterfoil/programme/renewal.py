"""Days of a programme that are past: what is over is taken away, never prolonged unasked."""

from collections.abc import Sequence
from datetime import date, timedelta

from counterfoil.programme.change import changed, with_section
from counterfoil.programme.plain import spoken_day
from counterfoil.terms.absent import Unknown
from counterfoil.terms.finding import RepairStep
from counterfoil.terms.ids import RuleId
from counterfoil.terms.programme import Programme

CALENDAR = RuleId("calendar")
"""Stands for the rule where the calendar asked for a change."""
A_MONTH, HALF_A_YEAR = timedelta(days=30), timedelta(days=180)


def renewed(p: Programme, day: date) -> tuple[Programme, Sequence[RepairStep]]:
    """The programme without what is over on a day, and with days of its own where all of it is over."""
    steps: list[RepairStep] = []
    for group, field, what in (("targets", "expires", "target"), ("displays", "ends", "display")):
        over = [entry for entry in getattr(p, group) if _is_past(getattr(entry, field), day)]
        for entry in over:
            says = f"The {what} “{entry.id}” ended on {spoken_day(getattr(entry, field))}, and is gone."
            steps.append(RepairStep(rule=CALENDAR, where=f"{group}.{entry.id}.{field}", says=says))
        p = with_section(p, group, tuple(entry for entry in getattr(p, group) if entry not in over))
    last = p.about.ends
    if not isinstance(last, Unknown) and last < day:
        begins, ends = day + A_MONTH, day + HALF_A_YEAR
        over_on, since, until = (spoken_day(d) for d in (last, begins, ends))
        says = (
            f"The programme ended on {over_on}. The file now runs from {since} to {until}: agree on it "
            "anew before launch."
        )
        steps.append(RepairStep(rule=CALENDAR, where="about.ends", says=says, to_do=True))
        p = changed(p, "about", begins=begins, ends=ends)
    return p, steps


def _is_past(last: date | Unknown, day: date) -> bool:
    return not isinstance(last, Unknown) and last < day
