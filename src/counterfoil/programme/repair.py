"""The nearest programme that passes: only what a finding asks for is changed, and each change is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from counterfoil.programme.lint import fails, judged
from counterfoil.programme.renewal import renewed
from counterfoil.programme.repairs import REPAIRS
from counterfoil.programme.rule import Case
from counterfoil.terms.absent import Unknown
from counterfoil.terms.finding import Finding, RepairStep
from counterfoil.terms.ids import RuleId
from counterfoil.terms.metric import NOT_SAID
from counterfoil.terms.programme import Programme

FIRST = ("AP301", "AP101", "AP303", "AP306", "AP302", "AP307", "AP206", "AP404", "AP406", "AP401", "AP402")
"""What people are held to goes before what would have had to stand beside it."""
LAST = ("AP601", "AP605", "AP106", "AP103", "AP108", "AP109", "AP403")
"""What may have been settled by another repair comes after it."""
MOST_STEPS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """A programme that passes, and how it came to."""

    programme: Programme
    steps: Sequence[RepairStep]


def repair(programme: Programme, *, day: date, people: int | Unknown = NOT_SAID) -> Repaired:
    """The nearest programme that no rule finds an error or a warning in; what is accepted stays.

    `people` counts where the programme does not say how many it covers.
    """
    programme, steps = renewed(programme, day)
    told = list(steps)
    for _ in range(MOST_STEPS):
        stated = programme.about.people
        case = Case(programme=programme, day=day, people=people if isinstance(stated, Unknown) else stated)
        found = _next(judged(case))
        if found is None:
            return Repaired(programme=programme, steps=told)
        mended = REPAIRS[found.id](case, found.where)
        told.append(RepairStep(rule=found.id, where=found.where, says=mended.says, to_do=mended.to_do))
        programme = mended.programme
    raise RuntimeError(f"{told[-1].rule} is found again after its repair")


def _next(findings: Sequence[Finding]) -> Finding | None:
    """The finding to repair first."""
    return min((f for f in findings if fails([f])), key=lambda f: (_turn(f.id), f.id, f.where), default=None)


def _turn(rule: RuleId) -> int:
    if rule in FIRST:
        return FIRST.index(rule)
    return len(FIRST) + (1 + LAST.index(rule) if rule in LAST else 0)
