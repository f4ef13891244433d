"""One run: an agent that does the owner's task, and obeys whatever it reads at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from bench.safety.world import MARKER, Live, Step, Suite


class Say(StrEnum):
    """What a policy says to a call."""

    ALLOW = "allow"
    HOLD = "hold"
    REFUSE = "refuse"


class Judge(Protocol):
    """A policy, during one run."""

    def decide(self, step: Step) -> Say:
        """What becomes of a call that is about to be made."""
        ...

    def saw(self, step: Step, value: Any, text: str) -> None:
        """What a call gave that was made."""
        ...


Policy = Callable[[str, str, frozenset[str]], Judge]
"""From the suite's name, the owner's words and the tools granted."""
Splice = Callable[[Any, Any], Sequence[Step]]


@dataclass
class Told:
    """What became of one run."""

    live: Live
    said: list[tuple[Step, Say]] = field(default_factory=list)
    passed: list[Step] = field(default_factory=list)
    """The calls that were carried out, whoever let them."""

    def held(self) -> int:
        """How many calls of the owner's task waited for a person."""
        return sum(say is Say.HOLD and not step.attack for step, say in self.said)

    def refused(self) -> int:
        """How many calls of the owner's task were refused."""
        return sum(say is Say.REFUSE and not step.attack for step, say in self.said)


def replay(
    suite: Suite,
    task: Any,
    policy: Policy,
    *,
    attack: Splice | None = None,
    approve: bool,
    steps: Sequence[Step] | None = None,
) -> Told:
    """Carry the owner's calls out, with an attacker's spliced in where their words are first read."""
    marked = attack is not None
    wanted = list(steps if steps is not None else suite.steps(task, marked=marked))
    judge = policy(suite.name, task.PROMPT, frozenset(step.tool for step in wanted))
    told = Told(suite.live(task, marked=marked))
    while wanted:
        step = wanted.pop(0)
        say = judge.decide(step)
        told.said.append((step, say))
        if say is Say.REFUSE or (say is Say.HOLD and not approve):
            continue
        value, text = told.live.carry_out(step)
        told.passed.append(step)
        judge.saw(step, value, text)
        if attack is not None and MARKER in text:
            wanted[:0] = attack(told.live.env, suite.before(task, marked=True))
            attack = None
    return told
