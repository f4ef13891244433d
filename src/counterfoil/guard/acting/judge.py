"""Judges one call of one agent by the rules: permit, hold for a person, or refuse."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from typing import Any

import cedarpy

from counterfoil.guard.acting.plain import NOWHERE, folded, has_to_go_somewhere, unfit
from counterfoil.guard.acting.written import matches, rules_of, schema_text
from counterfoil.terms.agent import AgentId, CauseKind, Ceiling, Grant
from counterfoil.terms.effect import Approver, Call, Hold
from counterfoil.terms.label import Integrity, Label, Secrecy
from counterfoil.terms.release import Permit, Refuse
from counterfoil.terms.tool import Argument, ArgumentRole, EffectClass

MOST_DESTINATIONS = 20
"""That one call reaches; a person can send the rest."""
MOST_KEPT = 512
"""Agents whose rules are kept parsed, and tools of theirs."""
NO_CEILING = Refuse("no-ceiling", "The organisation has not said what agents may do, so they do nothing.")
NOT_GRANTED = Refuse("not-granted", "Its owner did not grant this.")
TOO_MANY = Refuse("too-many", f"It reaches more than {MOST_DESTINATIONS} at once.")
STRANGE = Refuse("unknown-argument", "It has an argument that the manifest does not know.")
BROKEN = Refuse("rules", "The rules can't be asked right now, so nothing is done.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What holds besides the call itself, at the moment it is judged."""

    day: int
    live: bool
    """Whether the server was heard of just now."""
    stopped: bool = False
    affordable: bool = True
    needless: str = ""
    standing: bool = False
    """Whether a standing rule covers it, its daily count included."""
    approved: Approver | None = None
    """Who said yes to exactly this call."""


@dataclass(frozen=True, slots=True)
class Slice:
    """The rules that one agent's calls are asked of, parsed once."""

    rules: cedarpy.PolicySet
    says: Mapping[str, tuple[str, str]]
    """By Cedar's own name of a rule, in their order: its id, and what it says."""
    named: Mapping[str, frozenset[str]]
    """By tool: destinations that the owner granted by name."""
    digest: str


class Rules:
    """Every ceiling and grant; a call is asked only of those of its agent."""

    def __init__(
        self,
        ceilings: Sequence[Ceiling],
        grants: Iterable[Grant],
        over: Mapping[AgentId, Sequence[Ceiling]] | None = None,
    ) -> None:
        """`over` are the ceilings of single agents, where they are not all of them.

        Raises: ValueError where a rule does not fit the schema.
        """
        self._ceilings = tuple(ceilings)
        self._over = {agent: tuple(some) for agent, some in (over or {}).items()}
        self._grants: dict[AgentId, list[Grant]] = defaultdict(list)
        for grant in grants:
            self._grants[grant.agent].append(grant)
        # Calls are judged by several threads at once; these keep themselves in order.
        self._slice = lru_cache(MOST_KEPT)(self._sliced)
        self._entities = lru_cache(MOST_KEPT)(_entities)

    def version(self, agent: AgentId) -> str:
        """The hash by which the rules of an agent are known."""
        return self._slice(agent).digest

    def may(self, call: Call, facts: Facts) -> Permit | Hold | Refuse:
        """Permit, hold or refuse, naming the clause; whatever can't be decided is refused."""
        if not self._above(call.agent):
            return NO_CEILING
        if any(argument.name not in call.tool.arguments for argument in call.arguments):
            return STRANGE
        if (strange := unfit(call)) is not None:
            return strange
        to = destinations(call) or (("", call.run_label),)
        if len(to) > MOST_DESTINATIONS:
            return TOO_MANY
        asked = self._slice(call.agent)
        strictest: Permit | Hold | None = None
        for name, label in to:
            answer = self._asked(asked, call, facts, name, label)
            if isinstance(answer, Refuse):
                return answer
            strictest = _stricter(strictest, answer)
        if to[0][0] == "" and has_to_go_somewhere(call):
            return NOWHERE
        return strictest or NOT_GRANTED

    def _asked(self, asked: Slice, call: Call, facts: Facts, to: str, label: Label) -> Permit | Hold | Refuse:
        """What the rules say of one destination: as things are, then as if each had said yes."""
        context = self._context(asked, call, facts, to, label)
        request = {
            "principal": {"type": "Agent", "id": call.agent},
            "action": {"type": "Action", "id": call.tool.effect.value},
            "resource": {"type": "Tool", "id": call.tool.id},
            "context": context,
        }
        tool, held = call.tool, None
        entities = self._entities(call.agent, call.owner, tool.connector, tool.id, reversible=tool.reversible)
        for needs in (None, Approver.OWNER, Approver.OTHER):
            if needs is not None:
                context["approved"] = True
                context["approved_by_other"] = needs is Approver.OTHER or context["approved_by_other"]
            # Without the schema, which costs as much again: a rule that misses anything is an error, too.
            result = cedarpy.is_authorized(request, asked.rules, entities)
            if result.diagnostics.errors:
                return BROKEN
            reasons = sorted(result.diagnostics.reasons, key=_place)
            said = [asked.says[name] for name in reasons]
            if result.decision == cedarpy.Decision.Allow:
                return Permit(said[0][0]) if held is None or needs is None else Hold(*held, needs)
            if not said:
                return NOT_GRANTED
            held = held or said[0]
        return Refuse(*said[0])

    def _context(self, asked: Slice, call: Call, facts: Facts, to: str, label: Label) -> dict[str, Any]:
        granted = to in asked.named.get(call.tool.id, ())
        named = granted or label.integrity is Integrity.OWNER
        return {
            "destination": to,
            "named": named,
            "inside": not to or all(_one_of(ceiling.inside, to) for ceiling in self._above(call.agent)),
            "production": any(
                _one_of([folded(one) for one in ceiling.production], folded(to))
                for ceiling in self._above(call.agent)
            ),
            "tool_hash": call.tool.digest,
            "day": facts.day,
            "tainted_target": (bool(to) and not granted and label.integrity is Integrity.UNTRUSTED)
            or _tainted(call, text=False),
            "tainted_text": _tainted(call, text=True),
            "private": any(
                argument.role is not ArgumentRole.DESTINATION and argument.label.secrecy is Secrecy.PRIVATE
                for argument in call.arguments
            )
            or (call.tool.effect is EffectClass.ASK and label.secrecy is Secrecy.PRIVATE and bool(to)),
            "has_cause": call.cause is not None,
            "proposed": call.cause is not None and call.cause.kind is CauseKind.EFFECT,
            "needless": facts.needless,
            "stopped": facts.stopped,
            "live": facts.live,
            "affordable": facts.affordable,
            "standing": facts.standing,
            "approved": facts.approved is not None,
            "approved_by_other": facts.approved is Approver.OTHER,
        }

    def _above(self, agent: AgentId) -> Sequence[Ceiling]:
        """The ceilings that an agent is under."""
        return self._over.get(agent, self._ceilings)

    def _sliced(self, agent: AgentId) -> Slice:
        return _sliced(self._above(agent), self._grants.get(agent, ()))


def destinations(call: Call) -> Sequence[tuple[str, Label]]:
    """Where a call goes, as `kind:name`, each with the label of what named it."""
    found: list[tuple[str, Label]] = []
    for argument in call.arguments:
        if argument.role is ArgumentRole.DESTINATION:
            found += [(f"{argument.kind}:{name}", _label_of(argument, name)) for name in _names(argument)]
    return found


def _names(argument: Argument) -> Sequence[str]:
    value = json.loads(argument.json)
    return [str(one) for one in value] if isinstance(value, list) else [str(value)] if value else []


def _label_of(argument: Argument, name: str) -> Label:
    """The label of one of several destinations, where its part stands alone; else that of all."""
    parts = [part.label for part in argument.parts if part.text == name]
    return parts[0] if len(parts) == 1 else argument.label


def _tainted(call: Call, *, text: bool) -> bool:
    return any(
        argument.label.integrity is Integrity.UNTRUSTED
        for argument in call.arguments
        if argument.role is not ArgumentRole.DESTINATION and (argument.role is ArgumentRole.TEXT) is text
    )


def _one_of(patterns: Sequence[str], name: str) -> bool:
    return any(matches(pattern, name) for pattern in patterns)


def _stricter(one: Permit | Hold | None, other: Permit | Hold) -> Permit | Hold:
    if not isinstance(one, Hold):
        return one if one is not None and not isinstance(other, Hold) else other
    return other if isinstance(other, Hold) and other.needs is Approver.OTHER else one


def _sliced(ceilings: Sequence[Ceiling], grants: Iterable[Grant]) -> Slice:
    granted = list(grants)
    text = rules_of(ceilings, granted)
    if not cedarpy.validate_policies(text, _schema()).validation_passed:
        raise ValueError("a ceiling or a grant does not fit the schema of the rules")
    says = {
        name: (rule.annotations.get("id", name), rule.annotations.get("says", ""))
        for name, rule in cedarpy.policies_to_pst(text).static_policies.items()
    }
    named: dict[str, set[str]] = defaultdict(set)
    for grant in granted:
        named[grant.tool].update(to for to in grant.to if "*" not in to)
    digest = sha256(text.encode()).hexdigest()
    return Slice(
        cedarpy.PolicySet.from_str(text), says, {t: frozenset(to) for t, to in named.items()}, digest
    )


def _entities(agent: str, owner: str, connector: str, tool: str, *, reversible: bool) -> cedarpy.Entities:
    """What a call is about, as Cedar takes it."""
    above, of = {"type": "Connector", "id": connector}, {"type": "Tool", "id": tool}
    listed = [
        {"uid": above, "attrs": {}, "parents": []},
        {"uid": of, "attrs": {"reversible": reversible}, "parents": [above]},
        {"uid": {"type": "Agent", "id": agent}, "attrs": {"owner": owner}, "parents": []},
    ]
    return cedarpy.Entities.from_json_str(json.dumps(listed))


def _place(name: str) -> int:
    """Where a rule stands; Cedar names them policy0, policy1 and so on."""
    return int(name.removeprefix("policy"))


@cache
def _schema() -> cedarpy.Schema:
    return cedarpy.Schema.from_str(schema_text())
