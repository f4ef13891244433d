"""A number that has come apart is withdrawn by the programme itself, until a new version is published."""

from dataclasses import replace
from pathlib import Path

import pytest

from counterfoil.guard.force import version
from counterfoil.guard.release import release
from counterfoil.guard.suspended import suspend, suspended
from counterfoil.ledger.entry import read_entry
from counterfoil.terms.error import LedgerBroken
from counterfoil.terms.ids import MetricId
from counterfoil.terms.metric import Level
from counterfoil.terms.release import Refuse, Released
from guard.organisation import ask, gate, lived, people_rows, programme, put_in_force, viewer

KEPT = MetricId("kept")
WHY = "Has come apart from outcomes since week 31."
COMPANY = ask(by=Level.COMPANY, purpose="value_reporting")


def test_a_suspended_number_is_refused_with_its_clause_until_a_new_version(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        who = people_rows(g, 240)
        lived(g, who)
        put_in_force(g, programme())
        asker = viewer(who[1])
        assert isinstance(release(g, COMPANY, asker).answers[0].verdict, Released)
        force = version(g)
        assert force is not None
        done = suspend(g, force, KEPT, WHY)
        assert done is not None
        assert read_entry(g.log.entry(done.entry))[1]["rule"] == "suspended"
        assert suspend(g, force, KEPT, "another word") == done
        for asked in (COMPANY, ask()):
            answered = release(g, asked, asker)
            (answer,) = answered.answers
            assert isinstance(answer.verdict, Refuse)
            assert answer.verdict.clause == "suspended"
            assert WHY in answer.verdict.why
            assert f"entry {done.entry} of the log" in answer.verdict.why
            logged = read_entry(g.log.entry(answered.entry))[1]
            assert (logged["verdict"], logged["clause"]) == ("refused", "suspended")
        other = replace(COMPANY, metric=MetricId("corrected"))
        assert not isinstance(release(g, other, asker).answers[0].verdict, Refuse)
        # Adding a purpose would be weaker; stating more floors is stronger, and so is at once in force.
        put_in_force(g, programme(("activity = 50", "activity = 60")))
        assert not isinstance(release(g, COMPANY, asker).answers[0].verdict, Refuse)


@pytest.mark.parametrize("on_break", ["tell", "nothing"])
def test_a_programme_that_does_not_suspend_shows_on(tmp_path: Path, on_break: str) -> None:
    with gate(tmp_path) as g:
        put_in_force(g, programme(('on_break = "suspend"', f'on_break = "{on_break}"')))
        force = version(g)
        assert force is not None
        assert suspend(g, force, KEPT, WHY) is None
        assert not suspended(g, force)


def test_a_suspension_that_the_log_does_not_have_stops_everything(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        put_in_force(g, programme())
        force = version(g)
        assert force is not None
        suspend(g, force, KEPT, WHY)
        kept = g.lake.registry.kept("suspended", KEPT)
        assert kept is not None
        with g.lake.registry.change() as change:
            change.keep("suspended", KEPT, kept.replace(b"week 31", b"week 32"))
        with pytest.raises(LedgerBroken, match="not the one"):
            suspended(g, force)
