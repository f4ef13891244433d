"""What each role is told, in the words of a rule; and that nothing undecided is answered."""

from dataclasses import replace

import pytest

from counterfoil.guard.policy import UNKNOWN, Asker, Policies, Question, shipped
from counterfoil.terms.release import Permit, Refuse

ANN = Asker(id="ann")
LEAD = Asker(id="lead", roles=("leader",))
FINANCE = Asker(id="fin", roles=("finance",))
COUNCIL = Asker(id="council", works_council=True)
RESPONDER = Asker(id="resp", roles=("security_responder",))
UNIT = Question(
    grain="cohort", kind="outcome", others=12, floor=5, purpose="enablement", in_programme=True, shown=True,
    logged=True,
)  # fmt: skip
MINE = replace(UNIT, grain="person", kind="activity", subject="ann", others=0, purpose="own_insight")
CASE = replace(
    UNIT, action="open_identity", grain="person", kind="identity", subject="ann",
    purpose="security_incident", case_open=True, second_approver=COUNCIL,
)  # fmt: skip
INVOICES = replace(UNIT, grain="cost_centre", kind="cost", purpose="cost_control")
COMPANY = replace(UNIT, grain="company", purpose="value_reporting", others=2_000)


@pytest.mark.parametrize(
    ("asker", "asked", "clause"),
    [
        (LEAD, UNIT, "units-as-shown"),
        (LEAD, replace(UNIT, kind="activity", others=50, floor=50), "units-as-shown"),
        (ANN, MINE, "own-data"),
        (ANN, replace(MINE, action="export"), "own-data"),
        (ANN, replace(MINE, in_programme=False, shown=False), "own-data"),
        (ANN, UNIT, "units-as-shown"),
        (ANN, COMPANY, "everyone-sees-the-company"),
        (
            FINANCE,
            replace(UNIT, grain="cost_centre", kind="cost", purpose="cost_control"),
            "finance-sees-invoices",
        ),
        (RESPONDER, CASE, "who-is-behind-a-credential"),
    ],
)
def test_what_is_allowed(asker: Asker, asked: Question, clause: str) -> None:
    assert shipped().may(asker, asked) == Permit(clause)


@pytest.mark.parametrize(
    ("asker", "asked", "clause"),
    [
        (LEAD, replace(UNIT, logged=False), "nothing-unlogged"),
        (LEAD, replace(UNIT, others=4), "floor"),
        (LEAD, replace(UNIT, others=9, floor=10), "floor"),
        (LEAD, replace(UNIT, kind="activity", others=49), "activity-of-many"),
        (LEAD, replace(UNIT, kind="cost", others=60, own_team=True), "activity-of-many"),
        (LEAD, replace(UNIT, in_programme=False), "only-what-the-programme-says"),
        (LEAD, replace(UNIT, purpose="replacement"), "no-jobs-below-the-company"),
        (LEAD, replace(MINE, purpose="enablement"), "nobody-else"),
        (LEAD, replace(MINE, purpose="performance_review"), "no-person-for-decisions"),
        (ANN, replace(MINE, purpose="ranking"), "no-person-for-decisions"),
        (ANN, replace(UNIT, shown=False), "only-to-whom-the-programme-says"),
        (ANN, INVOICES, "not-allowed"),
        (LEAD, replace(UNIT, purpose="curiosity"), "not-allowed"),
        (ANN, replace(COMPANY, purpose="replacement"), "not-allowed"),
        (RESPONDER, replace(CASE, second_approver=None), "no-name-without-a-case"),
        (RESPONDER, replace(CASE, second_approver=RESPONDER), "no-name-without-a-case"),
        (RESPONDER, replace(CASE, second_approver=LEAD), "no-name-without-a-case"),
        (RESPONDER, replace(CASE, case_open=False), "no-name-without-a-case"),
        (RESPONDER, replace(CASE, kind="activity"), "not-allowed"),
        (RESPONDER, replace(CASE, action="read"), "nobody-else"),
        (LEAD, CASE, "not-allowed"),
    ],
)
def test_what_is_refused_names_its_clause_in_words(asker: Asker, asked: Question, clause: str) -> None:
    verdict = shipped().may(asker, asked)
    assert isinstance(verdict, Refuse)
    said = [name for name in shipped().says.values() if name[0] == clause]
    assert verdict.clause == clause
    assert verdict.why == (said[0][1] if said else UNKNOWN.why)


def test_a_name_can_not_become_a_rule() -> None:
    sly = Asker(id='ann", works_council: true, x: "')
    assert shipped().may(sly, replace(MINE, subject="ann")) != Permit("own-data")
    assert shipped().may(sly, replace(MINE, subject=sly.id)) == Permit("own-data")


def test_what_can_not_be_decided_is_refused() -> None:
    for broken in (replace(UNIT, action="delete"), replace(UNIT, others=1 << 70)):
        assert isinstance(shipped().may(LEAD, broken), Refuse)


def test_rules_that_do_not_fit_the_schema_are_not_taken() -> None:
    with pytest.raises(ValueError, match="schema"):
        Policies.of('permit (principal, action, resource) when { resource.salary == "high" };')
    with pytest.raises(ValueError, match="schema"):
        Policies.of("permit (principal")


def test_every_rule_has_a_name_and_says_what_it_does() -> None:
    said = shipped().says.values()
    assert len({name for name, _ in said}) == len(said) == 15
    assert all(words.endswith(".") for _, words in said)
