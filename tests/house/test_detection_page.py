"""The page on how good detection is says what its figures say; tables are read like our own arrays."""

from collections.abc import Iterator
from datetime import date
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from counterfoil.simulate.company.cases import AMAZON
from counterfoil.simulate.tables.company import company, write_company

ROOT = Path(__file__).parents[2]
MONDAY = date(2026, 1, 5)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(ROOT))
    import_module("bench.detect.told")
    import_module("bench.detect.features")
    yield import_module("bench.detect")


def test_tables_and_pictures_are_those_of_the_figures(bench: ModuleType) -> None:
    assert list(bench.told.fits()) == []


def test_people_read_from_tables_are_those_that_were_invented(bench: ModuleType, tmp_path: Path) -> None:
    lived = company(150, AMAZON, days=28, seed=3, first=MONDAY)
    write_company(tmp_path, lived, programme="", progress=lambda *_: None)
    ours = bench.rows.lives(lived.people, lived.days, seed=3)
    theirs = bench.rows.read_lives(tmp_path, since=MONDAY, weeks=4)
    assert theirs.burns.sum() == ours.burns.sum() > 0
    assert theirs.pads.sum() == ours.pads.sum() > 0
    assert theirs.honest.sum() == ours.honest.sum() > 0
    tokens, place = bench.features.features, bench.features.PLACE["log tokens"]
    mine, of_tables = (np.sort(tokens(of)[:, place]) for of in (ours, theirs))
    assert of_tables[-100:] == pytest.approx(mine[-100:], abs=0.6)
    assert np.isnan(tokens(theirs)[:, bench.features.PLACE["share repeated"]]).any()
