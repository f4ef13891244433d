"""Each request of a small world, asked of the policies themselves: the prover is not trusted alone."""

from collections.abc import Iterator
from itertools import product

from counterfoil.guard.policy import Asker, Question, shipped
from counterfoil.terms.release import Permit

ANN = Asker(id="ann")
ASKERS = (
    ANN,
    Asker(id="lead", roles=("leader",)),
    Asker(id="fin", roles=("finance",)),
    Asker(id="all", roles=("leader", "finance", "security_responder"), works_council=True),
)
COUNCIL = Asker(id="council", works_council=True)
PURPOSES = (
    "own_insight",
    "enablement",
    "cost_control",
    "value_reporting",
    "performance_review",
    "replacement",
    "security_incident",
)
REVIEWS, JOBS = {"performance_review"}, {"replacement"}


def requests() -> Iterator[tuple[Asker, Question]]:
    for asker, action, grain, kind, others, own, purpose, flags in product(
        ASKERS,
        ("read", "open_identity"),
        ("person", "cohort", "cost_centre", "company"),
        ("activity", "outcome", "cost", "identity"),
        (4, 12, 60),
        (False, True),
        PURPOSES,
        (
            (True, True, True, False),
            (False, True, True, True),
            (True, False, True, False),
            (True, True, False, False),
            (True, True, True, True),
        ),
    ):
        logged, in_programme, shown, case_open = flags
        if not own and (grain == "company" or action == "open_identity") and others != 60:
            continue
        yield (
            asker,
            Question(
                action=action, grain=grain, kind=kind, subject="ann", others=others, floor=5, own_team=own,
                purpose=purpose, in_programme=in_programme, shown=shown, logged=logged, case_open=case_open,
                second_approver=COUNCIL if case_open else None,
            ),
        )  # fmt: skip


def broken(asker: Asker, q: Question) -> str:
    """The promise that an answer would break, written down a second time; empty where there is none."""
    person, cohort = q.grain == "person", q.grain in {"cohort", "cost_centre"}
    second = q.second_approver
    checks = {
        "log": q.logged,
        "reviews": not (person and q.purpose in REVIEWS),
        "jobs": q.purpose not in JOBS or q.grain == "company",
        "own": not person or q.subject == asker.id or q.action == "open_identity",
        "floor": not cohort or q.others >= max(q.floor, 5),
        "activity": q.grain != "cohort"
        or q.kind not in {"activity", "cost"}
        or (q.others >= 50 and not q.own_team),
        "programme": q.in_programme or q.action == "open_identity" or (person and q.subject == asker.id),
        "shown": q.shown or not cohort,
        "case": q.action != "open_identity"
        or (q.case_open and second is not None and second.works_council and second.id != asker.id),
    }
    return next((name for name, holds in checks.items() if not holds), "")


def test_nothing_that_is_answered_breaks_a_promise() -> None:
    asked = allowed = 0
    for asker, question in requests():
        asked += 1
        if isinstance(shipped().may(asker, question), Permit):
            allowed += 1
            assert not broken(asker, question), (asker, question)
    print(f"{asked} requests, {allowed} allowed")
    assert asked > 8_000
    assert 40 < allowed < asked / 10
