"""Each line of the assessment rests on something that is there; a new column without a purpose fails here."""

from datetime import date
from pathlib import Path

from counterfoil.guard.acknowledged import acknowledge
from counterfoil.guard.dpia import COLUMNS, MEASURES, REMEMBERED, assessment
from counterfoil.guard.person import correct, erase, object_to
from counterfoil.guard.policy import shipped
from counterfoil.guard.release import release
from counterfoil.guard.roles import give
from counterfoil.guard.rollout import plan_rollout
from counterfoil.guard.seats import answer_seat, seat_counts
from counterfoil.guard.tokens import Scope, issue
from counterfoil.programme.load import loaded
from counterfoil.programme.rules import RULES
from counterfoil.programme.template import template
from counterfoil.store.tables import TABLES
from counterfoil.terms.ask import Role
from counterfoil.terms.organisation import Seat
from counterfoil.terms.release import Refuse
from counterfoil.terms.seat import SeatAnswer
from guard.organisation import ask, gate, lived, people_rows, put, put_in_force, viewer
from guard.organisation import programme as programme_text
from guard.test_rollout import PLAN

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 25)


def test_every_column_has_a_purpose() -> None:
    there = {f"{table.name}.{column}" for table in TABLES.values() for column in table.columns()}
    assert set(COLUMNS) == there


def test_everything_that_the_registry_keeps_has_a_purpose(tmp_path: Path) -> None:
    """Everything that can be done is done once, and then the registry says what it keeps."""
    with gate(tmp_path) as g:
        who = people_rows(g, 240)
        lived(g, who)
        put_in_force(g, programme_text())
        release(g, ask(), viewer(who[0]))
        object_to(g, who[1], objects=True)
        correct(g, who[2], "words")
        put(g, Seat(who=who[0], tool="copilot", assigned=date(2026, 1, 1)))
        answer_seat(g, who[0], "copilot", SeatAnswer.KEEP)
        seat_counts(g)
        issue(g, Scope.INGEST, "machine")
        give(g, Role.COUNCIL, who[5])
        acknowledge(g, g.keys.secret_of("p00003"))  # type: ignore[attr-defined]
        plan_rollout(g, PLAN)
        kinds = g.lake.registry.kinds()
        erase(g, who[4])
        kinds |= g.lake.registry.kinds()
    assert kinds >= {"frozen", "atoms", "answer", "body", "objected", "correction", "keys", "acknowledged"}
    assert kinds >= {"seat-answer", "seat-counts", "token", "role", "rollout"}
    assert kinds <= set(REMEMBERED)


def test_a_count_of_readers_counts_each_once_and_lists_nobody(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        who = people_rows(g, 24)
        assert acknowledge(g, bytes(32)) == Refuse(
            "no-programme", "No programme is in force, so there is nothing to have read."
        )
        put_in_force(g, programme_text())
        told = [acknowledge(g, bytes([n]) * 32) for n in (*range(8), *range(8))]
        assert told[:3] == [0, 0, 5]
        assert told[-1] == 10
        kept = str(g.lake.registry.all_kept("acknowledged"))
        assert not any(one in kept for one in who)


def test_every_test_that_is_named_is_there() -> None:
    assert not [test for _, test in MEASURES if not (ROOT / test).exists()]


def test_every_line_names_what_it_rests_on() -> None:
    programme = loaded(template(TODAY), name="t", today=TODAY, rules=RULES).programme
    lines = assessment(programme, shipped())
    kinds = {line.rests_on.split(" ", 1)[0] for line in lines}
    assert kinds == {"column", "registry", "programme", "policy", "test", "command", "keys"}
    assert {line.rests_on for line in lines if line.rests_on.startswith("policy")} == {
        f"policy {name}" for name, _ in shipped().says.values()
    }
