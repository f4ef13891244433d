"""How incidents were linked is told in fives, of seven or more, to whom the fail rate is told, and logged."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from counterfoil.guard.incidents import incidents_linked
from counterfoil.guard.retired import GONE, retire
from counterfoil.ledger.entry import read_entry
from counterfoil.terms.delivered import Incident
from counterfoil.terms.organisation import WorkFate
from counterfoil.terms.period import Block, Period
from counterfoil.terms.release import Refuse, Released, Withheld
from guard.organisation import MONDAY, gate, people_rows, programme, put, put_in_force, viewer

BLOCK = Period.parse(str(Block.of(MONDAY)))
AFTER = Period.parse(str(Block.of(MONDAY + timedelta(weeks=4))))
MEASURED = (
    '[[metrics]]\nid = "kept"',
    '[[metrics]]\nid = "change-fail-rate"\nkind = "outcome"\nlevel = "company"\n\n[[metrics]]\nid = "kept"',
)
SHOWN = ('metrics = ["kept", "corrected",', 'metrics = ["change-fail-rate", "kept", "corrected",')


def incidents(link: str, count: int) -> list[Incident]:
    return [
        Incident(incident=f"a/b#{link}{n}", repository="h/a/b", day=MONDAY, link_method=link)
        for n in range(count)
    ]


def test_nothing_is_told_without_a_programme_that_measures_it(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        who = people_rows(g, 60)
        me = viewer(who[0])
        refused = incidents_linked(g, BLOCK, "value_reporting", me)
        assert isinstance(refused, Refuse) and refused.clause == "no-programme"
        put_in_force(g, programme())
        refused = incidents_linked(g, BLOCK, "value_reporting", me)
        assert isinstance(refused, Refuse) and refused.clause == "not-measured"


def test_of_too_few_nothing_is_told(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        who = people_rows(g, 60)
        put_in_force(g, programme(MEASURED, SHOWN))
        later = replace(g, now=g.now + timedelta(days=70))
        put(later, *incidents("sha", 6))
        size = len(later.log)
        assert incidents_linked(later, BLOCK, "value_reporting", viewer(who[0])) == Withheld()
        told = read_entry(later.log.entry(size))[1]
        assert (told["verdict"], told["came"], told["period"]) == ("incidents", "permitted", BLOCK.name)
        # What was not told stays so, whatever comes later.
        put(later, *incidents("nearest", 40))
        assert incidents_linked(later, BLOCK, "value_reporting", viewer(who[0])) == Withheld()
        early = incidents_linked(
            g, Period.parse(str(Block.of(g.now.date()))), "value_reporting", viewer(who[0])
        )
        assert isinstance(early, Refuse) and early.clause == "closed-periods"


def test_rows_that_are_gone_are_said_to_be(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        who = people_rows(g, 60)
        put_in_force(g, programme(MEASURED, SHOWN))
        put(g, *incidents("sha", 13), *incidents("nearest", 9), *incidents("rollback", 3))
        put(g, WorkFate(who=who[0], kind="change", work="a/b#1", landed=MONDAY))
        later = replace(g, now=g.now + timedelta(days=70))
        told = incidents_linked(later, BLOCK, "value_reporting", viewer(who[0]))
        assert isinstance(told, Released) and told.answer.incidents == 25
        assert told.answer.by == {"sha": 15, "rollback": None, "nearest": 10, "": None}
        put(g, WorkFate(who=who[0], kind="change", work="a/b#2", landed=AFTER.since))
        retire(replace(g, now=g.now + timedelta(days=200)))
        again = incidents_linked(later, BLOCK, "value_reporting", viewer(who[0]))
        assert isinstance(again, Released) and again.answer.by == told.answer.by
        assert incidents_linked(later, AFTER, "value_reporting", viewer(who[0])) == GONE
