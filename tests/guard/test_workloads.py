"""The register of workloads: declared in the log's sight, dated, and about what runs, never about who."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from counterfoil.guard.workloads import NAME, declare, retire_workload, workloads
from counterfoil.ledger.entry import EntryKind, read_entry
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import WorkloadName
from counterfoil.terms.release import Refuse
from counterfoil.terms.workload import Workload, WorkloadKind
from guard.organisation import NOW, gate, programme, put_in_force

TODAY = NOW.date()
NIGHTLY = Workload(
    name=WorkloadName("ci"), kind=WorkloadKind.CI, says="reviews each night", since=date(2026, 9, 7)
)


def test_a_workload_is_declared_and_ends_and_the_log_says_both_with_their_words(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        put_in_force(g, programme())
        assert declare(g, NIGHTLY) is None
        assert list(workloads(g)) == [NIGHTLY]
        assert declare(g, NIGHTLY) == Refuse(
            "declared", "A workload of this name is declared; retire it first."
        )
        assert retire_workload(g, "ci", TODAY) is None
        (ended,) = workloads(g)
        assert ended.until == TODAY
        assert isinstance(refused := retire_workload(g, "ci", TODAY), Refuse)
        assert refused.clause == "not-declared"
        again = Workload(name=NIGHTLY.name, kind=NIGHTLY.kind, says="again", since=TODAY + timedelta(days=1))
        assert declare(g, again) is None
        assert [isinstance(one.until, Unknown) for one in workloads(g)] == [False, True]
        told = [read_entry(g.log.entry(n)) for n in range(1, len(g.log))]
    assert [(kind, body["did"], body["says"]) for kind, body in told] == [
        (EntryKind.RULE, "declared", "reviews each night"),
        (EntryKind.RULE, "retired", "reviews each night"),
        (EntryKind.RULE, "declared", "again"),
    ]


@pytest.mark.parametrize(
    ("changes", "clause"),
    [
        ({"name": "CI"}, "no-name"),
        ({"name": "ann@x.org"}, "no-name"),
        ({"name": "p00001"}, "names-a-person"),
        ({"says": " "}, "no-words"),
        ({"says": "of ann@x.org"}, "no-words"),
        ({"says": "x" * 201}, "no-words"),
    ],
)
def test_what_names_nobody_and_says_what_it_is_for_is_a_workload(
    tmp_path: Path, changes: dict[str, str], clause: str
) -> None:
    with gate(tmp_path) as g:
        put_in_force(g, programme())
        g.keys.pseudonyms(["p00001"])
        plain = {"name": "ci", "says": "reviews", **changes}
        refused = declare(
            g,
            Workload(name=WorkloadName(plain["name"]), kind=WorkloadKind.CI, says=plain["says"], since=TODAY),
        )
        assert isinstance(refused, Refuse)
        assert refused.clause == clause
        assert not workloads(g)
        assert len(g.log) == 1


def test_without_a_register_in_the_programme_nothing_is_declared(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        assert declare(g, NIGHTLY) == Refuse(
            "no-programme", "No programme is in force, and nothing is measured without one."
        )
        put_in_force(g, programme(("workload_register = true", "workload_register = false")))
        assert isinstance(refused := declare(g, NIGHTLY), Refuse)
        assert refused.clause == "no-register"


def test_a_name_is_one_that_a_request_can_carry() -> None:
    assert NAME.fullmatch("migration/payments-2026")
    assert not NAME.fullmatch("-ci")
    assert not NAME.fullmatch("x" * 65)
