"""What no programme file, role or question can get, proved for every request there can be."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import z3

from counterfoil.guard import policy
from counterfoil.guard.policy import shipped
from guard.proof import World, counterexample

POLICIES = Path(policy.__file__).parent / "policies"
UNKNOWN = "permit (principal, action, resource) when { context has purpose };"
REVIEWS = ("performance_review", "compensation", "promotion", "discipline", "termination", "ranking")
JOBS = ("workforce_reduction", "replacement")


def one_of(text: Any, words: tuple[str, ...]) -> Any:
    return z3.Or([text == word for word in words])


CLAIMS: dict[str, Callable[[World], Any]] = {
    "nothing is read that is not logged": lambda w: w.flag["logged"],
    "no figure of a person for reviews, pay, exit or an order": lambda w: z3.Not(
        z3.And(w.text["grain"] == "person", one_of(w.text["purpose"], REVIEWS))
    ),
    "nothing below the company for jobs": lambda w: z3.Implies(
        one_of(w.text["purpose"], JOBS), w.text["grain"] == "company"
    ),
    "a cohort has its floor in others": lambda w: z3.Implies(
        one_of(w.text["grain"], ("cohort", "cost_centre")),
        z3.And(w.number["others"] >= w.number["floor"], w.number["others"] >= 5),
    ),
    "activity of a cohort is of fifty others, and not of one's own team": lambda w: z3.Implies(
        z3.And(w.text["grain"] == "cohort", one_of(w.text["kind"], ("activity", "cost"))),
        z3.And(w.number["others"] >= 50, z3.Not(w.flag["own_team"])),
    ),
    "rows of a person are for that person": lambda w: z3.Implies(
        z3.And(w.text["grain"] == "person", w.action != "open_identity"),
        w.person["subject"] == w.person["principal"],
    ),
    "a name behind a credential takes a case and a second person of the council": lambda w: z3.Implies(
        w.action == "open_identity",
        z3.And(
            w.flag["case_open"],
            w.text["purpose"] == "security_incident",
            w.person["second_approver"] != w.person["principal"],
            w.council(w.person["second_approver"]),
        ),
    ),
    "a figure is read only for a purpose that the programme names": lambda w: z3.Or(
        w.flag["in_programme"],
        w.action == "open_identity",
        z3.And(w.text["grain"] == "person", w.person["subject"] == w.person["principal"]),
    ),
    "a figure of a unit is read only by those to whom the programme shows it": lambda w: z3.Implies(
        one_of(w.text["grain"], ("cohort", "cost_centre")),
        z3.Or(w.flag["shown"], w.action == "open_identity"),
    ),
}
PROMISED = tuple(re.findall(r'@id\("([^"]+)"\)', (POLICIES / "promise.cedar").read_text("utf-8")))


@pytest.mark.parametrize("claim", CLAIMS)
def test_it_holds_for_every_request(claim: str) -> None:
    assert counterexample(shipped().text, CLAIMS[claim]) == ""


def without(rule: str) -> str:
    """The shipped policies with one rule taken out."""
    rules = re.split(r"(?=^@id)", shipped().text, flags=re.MULTILINE)
    kept = [text for text in rules if not text.startswith(f'@id("{rule}")')]
    assert len(kept) == len(rules) - 1
    return "".join(kept)


EVERYTHING = "\npermit (principal, action, resource);"


@pytest.mark.parametrize("claim", CLAIMS)
def test_it_holds_whatever_else_is_permitted(claim: str) -> None:
    """Hard prohibitions stand in rules that forbid, so that no later rule can widen them."""
    assert counterexample(shipped().text + EVERYTHING, CLAIMS[claim]) == ""


@pytest.mark.parametrize("rule", PROMISED)
def test_a_rule_that_is_taken_out_leaves_a_hole(rule: str) -> None:
    """The prover gives a request that would then be answered, where something else permits too much."""
    holes = [counterexample(without(rule) + EVERYTHING, claim) for claim in CLAIMS.values()]
    assert any("purpose" in hole for hole in holes)


def test_what_is_not_translated_is_an_error_and_no_proof() -> None:
    with pytest.raises(NotImplementedError):
        counterexample(
            "permit (principal, action, resource) when { context has purpose };",
            CLAIMS["nothing is read that is not logged"],
        )
