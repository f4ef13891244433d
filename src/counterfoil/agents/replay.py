"""Judges the calls of a run once more, by the rules of today or by others, and does nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from counterfoil.agents.keeping import Keeping
from counterfoil.agents.written import call_of
from counterfoil.guard.acting.judge import Facts, Rules
from counterfoil.guard.acting.written import day_of
from counterfoil.store.agents import recorded
from counterfoil.store.agents.recorded import Did
from counterfoil.terms.agent import RunId
from counterfoil.terms.effect import Hold
from counterfoil.terms.release import Permit, Refuse

WAS = {"permit": "permit", "failed": "permit", "unconfirmed": "permit", "hold": "hold", "refuse": "refuse"}
NEEDLESS = "needless"


@dataclass(frozen=True, slots=True)
class Judged:
    """One call, as it was judged then and as it would be now."""

    number: int
    tool: str
    was: str
    """`permit`, `hold` or `refuse`: what was said of it first."""
    was_clause: str
    now: str
    now_clause: str
    why: str
    """What the rules say now."""

    @property
    def differs(self) -> bool:
        """Whether it would be another answer now."""
        return self.was != self.now


def replayed(keeping: Keeping, run: RunId, *, rules: Rules | None = None) -> Sequence[Judged]:
    """Every call of a run, by the rules that hold now, or by rules that somebody thinks of.

    The calls are those that were made then, with the labels of then. What a person said, what is switched off
    and what is left of the budget are none of it.

    Raises: StoreError where the database can't be asked.
    """
    with keeping.database.read() as db:
        steps = recorded.steps(db, run)
    first: dict[int, Did] = {}
    for step in steps:
        if step.call is not None and step.verdict in WAS:
            first.setdefault(step.number, step)
    asked, facts = rules or keeping.known().rules, Facts(day=day_of(keeping.today()), live=True)
    return [_judged(step, asked, facts) for step in first.values()]


def _judged(step: Did, rules: Rules, facts: Facts) -> Judged:
    # What its system said then still holds: that nothing would change, no rule says.
    then = replace(facts, needless=step.clause if step.clause == NEEDLESS else "")
    answer = rules.may(call_of(step.call or b""), then)
    return Judged(
        number=step.number,
        tool=step.tool,
        was=WAS[step.verdict],
        was_clause=step.clause,
        now=_name(answer),
        now_clause=answer.clause,
        why="" if isinstance(answer, Permit) else answer.why,
    )


def _name(answer: Permit | Hold | Refuse) -> str:
    return "permit" if isinstance(answer, Permit) else "hold" if isinstance(answer, Hold) else "refuse"
