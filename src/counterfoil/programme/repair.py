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
MOST_ROUNDS = 400
"""Each round settles one rule; a rule comes back only where another's repair woke it."""


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
    for _ in range(MOST_ROUNDS):
        found = _first(judged(_case(programme, day, people)))
        if not found:
            return Repaired(programme=programme, steps=told)
        for rule, where in found:
            mended = REPAIRS[rule](_case(programme, day, people), where)
            # An earlier repair of this round may have settled it.
            if mended.programme != programme:
                told.append(RepairStep(rule=rule, where=where, says=mended.says, to_do=mended.to_do))
                programme = mended.programme
    raise RuntimeError(f"{told[-1].rule} is found again after its repair")


def _case(programme: Programme, day: date, people: int | Unknown) -> Case:
    stated = programme.about.people
    return Case(programme=programme, day=day, people=people if isinstance(stated, Unknown) else stated)


def _first(findings: Sequence[Finding]) -> Sequence[tuple[RuleId, str]]:
    """Every place of the rule to repair first."""
    broken = [f for f in findings if fails([f])]
    if not broken:
        return ()
    first = min((f.id for f in broken), key=lambda rule: (_turn(rule), rule))
    return sorted({(f.id, f.where) for f in broken if f.id == first})


def _turn(rule: RuleId) -> int:
    if rule in FIRST:
        return FIRST.index(rule)
    return len(FIRST) + (1 + LAST.index(rule) if rule in LAST else 0)
