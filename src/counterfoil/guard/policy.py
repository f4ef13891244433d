"""Asks the policies, which a works council can read, whether a question may be answered."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

import cedarpy

from counterfoil.terms.release import Permit, Refuse

NOBODY = "nobody"
FILES = ("promise.cedar", "allowed.cedar")
UNKNOWN = Refuse(
    "not-allowed",
    "No rule allows this. Figures of the whole company are for value_reporting; those of units for that, and "
    "for enablement, capacity_planning and cost_control.",
)
BROKEN = Refuse("policies", "The rules can't be asked right now, so nothing is read.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks, as the directory has them."""

    id: str
    roles: Collection[str] = ()
    works_council: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked, as far as the rules look: nothing of it is a value."""

    action: str = "read"
    grain: str
    kind: str
    subject: str = NOBODY
    """Whose rows, where it is about one person."""
    others: int = 0
    """People in it other than the asker."""
    floor: int
    own_team: bool = False
    purpose: str
    in_programme: bool
    """Whether the programme in force names the purpose."""
    shown: bool
    """Whether it shows the figure, at this grain, to a role that the asker holds."""
    logged: bool
    case_open: bool = False
    second_approver: Asker | None = None


@dataclass(frozen=True, slots=True)
class Policies:
    """A set of rules with what each says in words."""

    text: str
    rules: cedarpy.PolicySet
    schema: cedarpy.Schema
    says: Mapping[str, tuple[str, str]]
    """By Cedar's own name of a rule, in their order: its id, and what it says."""

    @classmethod
    def of(cls, text: str) -> "Policies":
        """Rules from their text.

        Raises: ValueError where they don't fit the schema.
        """
        schema = cedarpy.Schema.from_str(_shipped("schema.cedarschema"))
        if not cedarpy.validate_policies(text, schema).validation_passed:
            raise ValueError("the policies do not fit their schema")
        rules = cedarpy.policies_to_pst(text).static_policies
        says = {
            name: (rule.annotations.get("id", name), rule.annotations.get("says", ""))
            for name, rule in rules.items()
        }
        return cls(text, cedarpy.PolicySet.from_str(text), schema, says)

    @property
    def digest(self) -> str:
        """The hash by which the rules are known in the log."""
        return sha256(self.text.encode()).hexdigest()

    def may(self, asker: Asker, asked: Question) -> Permit | Refuse:
        """Permit or refuse, naming the clause; whatever can't be decided is refused."""
        result = cedarpy.is_authorized(
            _request(asker, asked), self.rules, _entities(asker, asked), self.schema
        )
        if result.diagnostics.errors:
            return BROKEN
        reasons = [said for name, said in self.says.items() if name in result.diagnostics.reasons]
        if result.decision == cedarpy.Decision.Allow:
            return Permit(reasons[0][0])
        return Refuse(*reasons[0]) if reasons else UNKNOWN


@cache
def shipped() -> Policies:
    """The rules as they are shipped."""
    return Policies.of("\n".join(_shipped(name) for name in FILES))


def _shipped(name: str) -> str:
    return (Path(__file__).parent / "policies" / name).read_text("utf-8")


def _request(asker: Asker, asked: Question) -> dict[str, object]:
    second = asked.second_approver
    return {
        "principal": _uid("Person", asker.id),
        "action": _uid("Action", asked.action),
        "resource": _uid("Figure", "asked"),
        "context": {
            "purpose": asked.purpose,
            "in_programme": asked.in_programme,
            "shown": asked.shown,
            "logged": asked.logged,
            "case_open": asked.case_open,
            "second_approver": _ref("Person", asker.id if second is None else second.id),
        },
    }


def _entities(asker: Asker, asked: Question) -> list[dict[str, object]]:
    """The asker, the second approver, whoever it is about, and the figure."""
    people = {asked.subject: Asker(id=asked.subject)}
    if asked.second_approver is not None:
        people[asked.second_approver.id] = asked.second_approver
    people[asker.id] = asker
    found: list[dict[str, object]] = [
        {
            "uid": _ref("Person", person.id)["__entity"],
            "attrs": {"works_council": person.works_council},
            "parents": [_ref("Role", role)["__entity"] for role in person.roles],
        }
        for person in people.values()
    ]
    figure = {
        "grain": asked.grain,
        "kind": asked.kind,
        "subject": _ref("Person", asked.subject),
        "others": asked.others,
        "floor": asked.floor,
        "own_team": asked.own_team,
    }
    return [*found, {"uid": {"type": "Figure", "id": "asked"}, "attrs": figure, "parents": []}]


def _uid(kind: str, name: str) -> str:
    """A name as Cedar writes it; a quote or a backslash in it stays part of the name."""
    kept = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'{kind}::"{kept}"'


def _ref(kind: str, name: str) -> dict[str, dict[str, str]]:
    return {"__entity": {"type": kind, "id": name}}
