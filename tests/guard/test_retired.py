"""Rows about single people go when their time is over: those of facts by block, single requests by day."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from counterfoil.guard.guarded import Guarded
from counterfoil.guard.retired import RETIRED, retire
from counterfoil.ledger.entry import EntryKind
from counterfoil.terms.ids import Pseudonym
from guard.organisation import MONDAY, NOW, gate, programme, put, put_in_force, usage
from store.rows import known, row


@pytest.fixture
def g(tmp_path: Path) -> Iterator[Guarded]:
    with known(), gate(tmp_path) as opened:
        yield opened


def kept_for(g: Guarded, days: int) -> None:
    text = programme()
    line = next(line for line in text.splitlines() if line.startswith("keep_raw = "))
    put_in_force(g, text.replace(line, f'keep_raw = "{days} days"'))


def parts(g: Guarded, table: str) -> list[str]:
    return [part.block for part in g.lake.registry.parts(table)]


def test_days_go_one_by_one_and_are_logged_before(g: Guarded) -> None:
    today = NOW.date()
    put(g, *[row(n, today - timedelta(days=n)) for n in range(28, 34)])
    kept_for(g, 30)
    size = len(g.log)
    assert retire(g) == {"row": 3}
    assert parts(g, "row") == [str(today - timedelta(days=n)) for n in (30, 29, 28)]
    entries = [g.log.entry(n) for n in range(size, len(g.log))]
    assert [entry[0] for entry in entries] == [EntryKind.RULE] * 3
    assert json.loads(entries[0][1:]) == {
        "rule": RETIRED, "table": "row", "block": str(today - timedelta(days=33)), "at": g.minute,
    }  # fmt: skip
    assert g.lake.registry.all_kept(RETIRED) == {}
    assert retire(g) == {}
    assert g.lake.check() == []


def test_blocks_of_a_fact_go_whole_and_say_so_when_asked(g: Guarded) -> None:
    put(g, usage(Pseudonym("ann"), output=1), row(1, MONDAY))
    kept_for(g, 30)
    assert retire(g) == {"usage_day": 1, "row": 1}
    assert list(g.lake.registry.all_kept(RETIRED)) == ["usage/2026-B10"]


def test_nothing_goes_where_no_programme_states_a_time(g: Guarded) -> None:
    put(g, row(1, MONDAY))
    assert retire(g) == {}
    assert parts(g, "row") == [str(MONDAY)]
