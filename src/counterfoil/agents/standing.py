"""Rules that stand: a narrow yes in advance, which an owner gives and nothing can widen."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection

from counterfoil.agents.keeping import Keeping
from counterfoil.agents.recorder import Said
from counterfoil.guard.acting.judge import destinations
from counterfoil.store.agents import granted
from counterfoil.terms.agent import Standing
from counterfoil.terms.effect import Call
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.release import Permit, Refuse
from counterfoil.terms.tool import ArgumentRole, EffectClass, Tool

MOST_A_DAY, MOST_DAYS, MOST_PLACES = 50, 90, 20
NEVER = frozenset({EffectClass.PAY, EffectClass.DELETE, EffectClass.GOVERN, EffectClass.EXECUTE})


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that covers a call."""

    standing: Standing


@dataclass(frozen=True, slots=True)
class Standings:
    """Rules that owners made for their agents."""

    keeping: Keeping

    def make(self, rule: Standing, tool: Tool) -> Permit | Refuse:
        """Let a rule stand; refused where it is not a narrow one.

        Raises: StoreError where it can't be recorded.
        """
        today = self.keeping.today()
        if (refused := self.refused(rule, tool)) is not None:
            return refused

        def work(db: Connection, entry: int) -> Any:
            granted.stand(db, rule, rule.by, tool.digest)
            return Said(_entry_of("rule", rule, today), Permit("standing"))

        made: Permit | Refuse = self.keeping.recorder.record(work)
        return made

    def refused(self, rule: Standing, tool: Tool) -> Refuse | None:
        """Why a rule may not stand; nothing is recorded.

        Raises: StoreError where nobody can say.
        """
        agent = self.keeping.known().agents.get(rule.agent)
        if agent is None or agent.owner != rule.by:
            return Refuse("not-the-owner", "Only the agent's owner makes a rule for it.")
        return too_wide(rule, tool, self.keeping.today())

    def end(self, rule: str, owner: Pseudonym) -> bool:
        """Let a rule stand no longer; False where the owner has none of that name.

        Raises: StoreError where it can't be recorded.
        """
        today = self.keeping.today()

        def work(db: Connection, entry: int) -> Any:
            if not granted.end(db, rule, owner):
                return False
            return Said({"what": "rule-ended", "rule": rule, "day": str(today)}, True)

        return bool(self.keeping.recorder.record(work))

    def covering(self, call: Call, today: date) -> Rule | None:
        """A rule that covers a call and is not used up today.

        Raises: StoreError where the database can't be asked.
        """
        to = {name for name, _ in destinations(call)}
        if not to or any(has_text(argument.role, argument.json) for argument in call.arguments):
            return None
        with self.keeping.database.look() as db:
            for rule, digest in granted.standing(db, call.agent, call.tool.id):
                good = digest == call.tool.digest and call.tool.reversible and today <= rule.until
                if good and to <= set(rule.to) and granted.taken(db, rule.id, today) < rule.per_day:
                    return Rule(rule)
        return None


def uses_up(db: Connection, rule: Rule, day: date) -> bool:
    """Use a rule once more, in the transaction of the effect; False where it is used up or gone."""
    return granted.take_one(db, rule.standing, day)


def too_wide(rule: Standing, tool: Tool, today: date) -> Refuse | None:
    """Why a rule is none that may stand."""
    roles = {spec.role for spec in tool.arguments.values()}
    for wrong, why in (
        (rule.tool != tool.id, "It is for another tool."),
        (tool.effect in NEVER, "Money, rights, code and what is gone for good are asked about each time."),
        (not tool.reversible, "What it allows can't be taken back."),
        (ArgumentRole.TEXT in roles, "The tool takes free text, and nobody knows what will stand in it."),
        (not rule.to or len(rule.to) > MOST_PLACES, f"It names no destination, or more than {MOST_PLACES}."),
        (any("*" in to or ":" not in to for to in rule.to), "It does not name each destination."),
        (not 0 < rule.per_day <= MOST_A_DAY, f"It allows none a day, or more than {MOST_A_DAY}."),
        (rule.until < today, "It is over already."),
        (rule.until > today + timedelta(days=MOST_DAYS), f"It lasts longer than {MOST_DAYS} days."),
    ):
        if wrong:
            return Refuse("too-wide", why)
    return None


def has_text(role: ArgumentRole, written: str) -> bool:
    """Whether an argument says something in words."""
    return role is ArgumentRole.TEXT and json.loads(written) not in ("", None, [], {})


def _entry_of(what: str, rule: Standing, today: date) -> dict[str, str | int | None]:
    return {
        "what": what,
        "rule": rule.id,
        "agent": rule.agent,
        "tool": rule.tool,
        "per_day": rule.per_day,
        "until": str(rule.until),
        "day": str(today),
    }
