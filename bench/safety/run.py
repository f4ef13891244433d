"""One run: an agent that does the owner's task, and obeys whatever it reads at once."""

from collections.abc import Callable, Iterator, Sequence
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
    approve: bool,
    attack: Splice | None = None,
    steps: Sequence[Step] | None = None,
    marked: bool = False,
) -> Told:
    """Carry the owner's calls out, with an attacker's spliced in where their words are first read.

    Other steps can be given in place of the owner's; what is granted are the tools of the owner's.
    """
    marked = marked or attack is not None
    owners = suite.steps(task, marked=marked)
    wanted = list(owners if steps is None else steps)
    judge = policy(suite.name, task.PROMPT, frozenset(step.tool for step in owners))
    told, words = Told(suite.live(task, marked=marked)), written(wanted)
    while wanted:
        step = wanted.pop(0)
        say = judge.decide(step)
        told.said.append((step, say))
        if say is Say.REFUSE or (say is Say.HOLD and not approve):
            continue
        value, text = told.live.carry_out(step)
        told.passed.append(step)
        if attack is not None and MARKER in text:
            wanted[:0] = spliced = attack(told.live.env, suite.before(task, marked=True))
            words, attack = written(spliced), None
        judge.saw(step, worded(plain(value), words) if marked else plain(value), text)
    return told


def written(steps: Sequence[Step]) -> str:
    """What an attacker writes to have some calls made: everything that stands in them, word for word."""
    return "\n".join(f"{step.tool}: {leaf}" for step in steps for leaf in _texts(dict(step.args)))


def worded(value: Any, words: str) -> Any:
    """An answer as it reads when the attacker's words stand where the marker does.

    A marker that is part of a name stays one, or the name could not be used again.
    """
    if isinstance(value, str):
        return value.replace(MARKER, f"{MARKER}\n{words}") if " " in value or value == MARKER else value
    if isinstance(value, list):
        return [worded(one, words) for one in value]
    return {key: worded(one, words) for key, one in value.items()} if isinstance(value, dict) else value


def plain(value: Any) -> Any:
    """A value of AgentDojo as JSON has it."""
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return {str(k): plain(v) for k, v in value.items()} if isinstance(value, dict) else value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)
    else:
        yield str(value)
