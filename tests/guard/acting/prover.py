"""Any call of any agent at all, as variables of a prover."""

import re
from typing import Any

import z3

from guard import proof

TEXTS = ("destination", "tool_hash", "needless")
FLAGS = (
    "named",
    "inside",
    "production",
    "tainted_target",
    "tainted_text",
    "private",
    "has_cause",
    "proposed",
    "stopped",
    "live",
    "affordable",
    "standing",
    "approved",
    "approved_by_other",
    "reversible",
)
ACTIONS = (
    "read",
    "ask",
    "draft",
    "arrange",
    "change",
    "post",
    "send",
    "deploy",
    "delete",
    "pay",
    "govern",
    "execute",
)


class Acting:
    """One call as the rules see it; a tool of any connector, whatever the tool is called."""

    def __init__(self) -> None:
        self.text = {name: z3.String(name) for name in TEXTS}
        self.flag = {name: z3.Bool(name) for name in FLAGS}
        self.day = z3.Int("day")
        self.agent, self.tool, self.connector = z3.String("agent"), z3.String("tool"), z3.String("connector")
        self.action = z3.String("action")
        # Who says yes as somebody else says yes: the judge asks no other way.
        yes = z3.Implies(self.flag["approved_by_other"], self.flag["approved"])
        self.possible = z3.And(z3.Or([self.action == name for name in ACTIONS]), yes)

    def attribute(self, name: str) -> Any:
        for group in (self.text, self.flag):
            if name in group:
                return group[name]
        raise NotImplementedError(name)

    def allowed(self, policies: str) -> Any:
        return proof.allowed(policies, self)


def counterexample(policies: str, claim: Any) -> str:
    """A call that the rules permit although a claim does not hold of it; empty where there is none."""
    return proof.counterexample(policies, claim, Acting())


def without(policies: str, rule: str) -> str:
    """The rules with one taken out."""
    rules = re.split(r"(?=^@id)", policies, flags=re.MULTILINE)
    kept = [text for text in rules if not text.startswith(f'@id("{rule}")')]
    assert len(kept) == len(rules) - 1
    return "".join(kept)
