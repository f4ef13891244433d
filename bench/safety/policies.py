"""What may be said to a call: naive ways, and our own labels and rules."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from bench.safety.manifest import tools
from bench.safety.run import Policy, Say, plain
from bench.safety.world import MARKER, Step
from counterfoil.agents.taint.seen import leaves, text_of
from counterfoil.agents.taint.trace import Trace
from counterfoil.agents.taint.words import Words
from counterfoil.guard.acting.judge import Facts, Rules
from counterfoil.terms.agent import AgentId, Budget, Cause, CauseKind, Ceiling, Grant, RunId
from counterfoil.terms.effect import Call, Hold
from counterfoil.terms.ids import MicroUsd, Pseudonym
from counterfoil.terms.label import Integrity, Secrecy
from counterfoil.terms.release import Permit, Refuse
from counterfoil.terms.tool import ArgumentRole, EffectClass, Tool

AGENT, OWNER = AgentId("replayed"), Pseudonym("owner")
_CLASSED = (EffectClass.PAY, EffectClass.GOVERN, EffectClass.DELETE)
_SPOKEN = (EffectClass.POST, EffectClass.SEND, EffectClass.PAY)
"""What the gate does not let be said twice (agents/needless.py, which needs a database)."""
NOW = Facts(day=20_000, live=True)
SOME = Budget(run=MicroUsd(1), day=MicroUsd(1), month=MicroUsd(1))
Answer = Callable[["Simple", Step], Say]


class Simple:
    """A policy that looks at the tool, and at what was read before."""

    def __init__(
        self, suite: str, words: str, granted: frozenset[str], answer: Answer, *, grants: bool
    ) -> None:
        self.tools, self.words, self.answer = tools(suite), Words(words), answer
        self.granted = granted if grants else frozenset(self.tools)
        self.read, self.foreign, self.private = False, False, False

    def decide(self, step: Step) -> Say:
        """Refused unless granted; reads pass; the rest is as the policy has it."""
        if step.tool not in self.granted:
            return Say.REFUSE
        return self.answer(self, step) if self.tools[step.tool].effect.has_effect else Say.ALLOW

    def saw(self, step: Step, value: Any, text: str) -> None:
        """Remember that something was read, whether foreign, whether private."""
        tool = self.tools[step.tool]
        self.read = True
        self.foreign |= tool.output is Integrity.UNTRUSTED
        self.private |= tool.secrecy is Secrecy.PRIVATE

    def named(self, step: Step) -> bool:
        """Whether all destinations and ids stand in the owner's words; false where it has none."""
        specs = self.tools[step.tool].arguments
        roles = (ArgumentRole.DESTINATION, ArgumentRole.SELECTOR)
        values = [value for name, value in step.args.items() if specs[name].role in roles and value]
        every = [one for value in values for one in (value if isinstance(value, list) else [value])]
        return bool(every) and all(isinstance(one, str) and self.words.names(one) for one in every)


def simple(answer: Answer, *, grants: bool = False) -> Policy:
    """A policy by what it answers to an effect."""
    return lambda suite, words, granted: Simple(suite, words, granted, answer, grants=grants)


def _if(held: bool) -> Say:
    return Say.HOLD if held else Say.ALLOW


def _trifecta(it: Simple, step: Step) -> Say:
    leaves = it.tools[step.tool].effect in (
        EffectClass.ASK,
        EffectClass.POST,
        EffectClass.SEND,
        EffectClass.PAY,
    )
    return _if(it.private and it.foreign and leaves)


NAIVE: Mapping[str, Policy] = {
    "allow all": simple(lambda it, step: Say.ALLOW),
    "read only": simple(lambda it, step: Say.REFUSE),
    "ask on every effect": simple(lambda it, step: Say.HOLD),
    "trifecta": simple(_trifecta),
    "taint by call": simple(lambda it, step: _if(it.foreign)),
    "grants": simple(lambda it, step: Say.ALLOW, grants=True),
    "grants and taint": simple(lambda it, step: _if(it.foreign), grants=True),
    "grants, taint and destination": simple(
        lambda it, step: _if(it.foreign and not it.named(step)), grants=True
    ),
}


class Perfect:
    """Perfect provenance: knows which of what was read really is an attacker's, which nobody can know."""

    def __init__(self, suite: str, words: str, granted: frozenset[str]) -> None:
        self.tools, self.words, self.granted = tools(suite), Words(words), granted
        self.honest: list[str] = []
        self.attacked = False

    def decide(self, step: Step) -> Say:
        """Held where any value is neither the owner's nor stands in what is no attacker's."""
        if step.tool not in self.granted:
            return Say.REFUSE
        if not self.tools[step.tool].effect.has_effect or not self.attacked:
            return Say.ALLOW
        values = [text_of(leaf) for path, leaf in leaves(plain(step.args)) if path[-1:] != ("key",)]
        return _if(not all(self._honest(value, step.args) for value in values))

    def saw(self, step: Step, value: Any, text: str) -> None:
        """Keep what is no attacker's apart; the text has the marker where an attacker writes."""
        self.attacked |= MARKER in text
        self.honest += [text_of(leaf) for _, leaf in leaves(value) if MARKER not in text_of(leaf)]

    def _honest(self, value: str, args: Mapping[str, Any]) -> bool:
        named = self.words.moments
        others = [one for one in args.values() if isinstance(one, str) and named.name(one)]
        said = self.words.says(value) or named.name(value) or any(named.reach(value, one) for one in others)
        return said or value in ("", "true", "false") or any(value in one for one in self.honest)


def perfect(suite: str, words: str, granted: frozenset[str]) -> Perfect:
    """The policy that nobody can have."""
    return Perfect(suite, words, granted)


class Ours:
    """Our labels on values, and our rules, for one run."""

    def __init__(self, known: Mapping[str, Tool], rules: Rules, words: str) -> None:
        self.tools, self.rules, self.trace = known, rules, Trace(words)
        self.number = 0
        self.done: set[str] = set()

    def answer(self, step: Step) -> Permit | Hold | Refuse:
        """What the rules say, in full."""
        self.number += 1
        tool = self.tools[step.tool]
        call = Call(
            run=RunId("run"),
            number=self.number,
            agent=AGENT,
            owner=OWNER,
            tool=tool,
            arguments=self.trace.arguments(tool, step.args),
            cause=Cause(CauseKind.REQUEST, "request"),
            run_label=self.trace.label,
        )
        again = tool.effect in _SPOKEN and _key(step) in self.done
        return self.rules.may(call, _facts("duplicate" if again else ""))

    def decide(self, step: Step) -> Say:
        """The same in one word."""
        match self.answer(step):
            case Permit():
                return Say.ALLOW
            case Hold():
                return Say.HOLD
            case Refuse():
                return Say.REFUSE

    def saw(self, step: Step, value: Any, text: str) -> None:
        """Let the run read the answer."""
        self.done.add(_key(step))
        self.trace.answered(self.tools[step.tool], step.args, value)


def ours(*, inside: tuple[str, ...] = ("*",), classes: bool = True) -> Policy:
    """Our own, in an organisation that counts some destinations as inside; all of them unless it says so.

    Without classes, money, rights and deletions are judged like any other change: by the labels alone.
    """

    def begun(suite: str, words: str, granted: frozenset[str]) -> Ours:
        return Ours(_known(suite, classes), _rules(suite, granted, inside, classes), words)

    return begun


@cache
def _known(suite: str, classes: bool) -> Mapping[str, Tool]:
    if classes:
        return tools(suite)
    return {
        name: replace(tool, effect=EffectClass.CHANGE) if tool.effect in _CLASSED else tool
        for name, tool in tools(suite).items()
    }


def _key(step: Step) -> str:
    return step.tool + json.dumps(dict(step.args), sort_keys=True, default=str).lower()


@cache
def _facts(needless: str) -> Facts:
    return Facts(day=NOW.day, live=True, needless=needless)


@cache
def _rules(suite: str, granted: frozenset[str], inside: tuple[str, ...], classes: bool) -> Rules:
    known = _known(suite, classes)
    ceiling = Ceiling(
        name="organisation",
        version=1,
        connectors={tool.connector: tuple(EffectClass) for tool in known.values()},
        models=(),
        regions=(),
        inside=inside,
        production=(),
        approvers=(Pseudonym("other"),),
        budget=SOME,
    )
    given = [Grant(agent=AGENT, tool=known[name].id, digest="", to=("*",)) for name in sorted(granted)]
    return Rules([ceiling], given)


INSIDE = ("mail:*@bluesparrowtech.com", "channel:*", "person:*")
"""What is inside the organisation of most of the owners."""
EVERY: Mapping[str, Policy] = {
    **NAIVE,
    "ours": ours(),
    "ours, labels alone": ours(classes=False),
    "ours, outsiders asked for": ours(inside=INSIDE),
    "perfect provenance": perfect,
}
