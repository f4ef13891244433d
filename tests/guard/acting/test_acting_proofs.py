"""What no ceiling and no grant can let an agent do, proved for every call that there can be."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import z3

from counterfoil.guard.acting.written import rules_of, shipped
from counterfoil.terms.tool import EffectClass
from guard.acting.calls import CEILING, grant, tool
from guard.acting.prover import Acting, counterexample, without

EVERYTHING = "\npermit (principal, action, resource);"
QUIET = ("read", "draft")
RULES = tuple(re.findall(r'@id\("([^"]+)"\)', shipped()))


def one_of(text: Any, words: tuple[str, ...]) -> Any:
    return z3.Or([text == word for word in words])


CLAIMS: dict[str, Callable[[Acting], Any]] = {
    "what nobody asked for is a yes": lambda w: z3.Implies(
        w.flag["proposed"], z3.Or(w.flag["approved"], w.action == "read")
    ),
    "what is stopped does nothing": lambda w: z3.Not(w.flag["stopped"]),
    "without the server nothing is done": lambda w: w.flag["live"],
    "no code, no rights, no secrets": lambda w: z3.Not(one_of(w.action, ("execute", "govern"))),
    "every effect names its cause": lambda w: z3.Or(w.flag["has_cause"], one_of(w.action, QUIET)),
    "nothing needless": lambda w: w.text["needless"] == "",
    "nothing over budget": lambda w: w.flag["affordable"],
    "what is the owner's alone goes where the owner named it": lambda w: z3.Implies(
        z3.And(
            w.flag["private"],
            w.text["destination"] != "",
            z3.Not(one_of(w.action, ("read", "draft", "arrange"))),
        ),
        w.flag["named"],
    ),
    "production is somebody else's yes": lambda w: z3.Implies(
        z3.And(w.flag["production"], w.action != "read"), w.flag["approved_by_other"]
    ),
    "outsiders are somebody else's yes": lambda w: z3.Implies(
        z3.And(one_of(w.action, ("send", "post", "change")), z3.Not(w.flag["inside"])),
        w.flag["approved_by_other"],
    ),
    "money is somebody else's yes": lambda w: z3.Implies(w.action == "pay", w.flag["approved_by_other"]),
    "what can't be taken back is a yes": lambda w: z3.Implies(
        one_of(w.action, ("delete", "deploy")), z3.Or(w.flag["approved"], w.flag["reversible"])
    ),
    "free text of others only reads and drafts without a yes": lambda w: z3.Implies(
        z3.And(w.flag["tainted_text"], z3.Not(w.flag["approved"])), one_of(w.action, QUIET)
    ),
    "a target of others only reads and drafts without a yes or a rule": lambda w: z3.Implies(
        z3.And(w.flag["tainted_target"], z3.Not(w.flag["approved"]), z3.Not(w.flag["standing"])),
        one_of(w.action, QUIET),
    ),
    "a destination that nobody named is a yes or a rule": lambda w: z3.Implies(
        z3.And(
            w.text["destination"] != "",
            z3.Not(w.flag["named"]),
            z3.Not(one_of(w.action, ("read", "draft", "arrange"))),
        ),
        z3.Or(w.flag["approved"], w.flag["standing"]),
    ),
}


@pytest.mark.parametrize("claim", CLAIMS)
def test_it_holds_whatever_is_granted(claim: str) -> None:
    """A grant that permits everything stands for every grant there can be; no ceiling for every ceiling."""
    assert counterexample(shipped() + EVERYTHING, CLAIMS[claim]) == ""


def test_nothing_is_permitted_by_the_rules_alone() -> None:
    assert counterexample(shipped(), lambda _: z3.BoolVal(False)) == ""


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_that_is_taken_out_leaves_a_hole(rule: str) -> None:
    holes = [counterexample(without(shipped(), rule) + EVERYTHING, claim) for claim in CLAIMS.values()]
    assert any(holes)


def test_a_ceiling_more_never_permits_more() -> None:
    """Also with rules of real ceilings and grants: what two let through, each alone lets through."""
    reads = dict.fromkeys(CEILING.connectors, (EffectClass.READ,))
    narrow = replace(CEILING, name="unit", connectors=reads, regions=("eu", "us"))
    grants = [grant(tool(EffectClass.SEND), "mail:ann@example.org"), grant(tool(EffectClass.READ), "*")]
    both = rules_of([CEILING, narrow], grants)
    for one in ([CEILING], [narrow], []):
        alone = rules_of(one, grants)
        assert counterexample(both, lambda w, text=alone: w.allowed(text)) == ""
    assert counterexample(rules_of([CEILING], grants), lambda w: w.allowed(both)) != ""


def test_what_is_not_translated_is_an_error_and_no_proof() -> None:
    with pytest.raises(NotImplementedError):
        counterexample(
            "permit (principal, action, resource) when { context.day > 3 };", lambda _: z3.BoolVal(True)
        )
