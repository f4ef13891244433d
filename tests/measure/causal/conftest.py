"""Published data sets, read from packages that carry them and that are not imported."""

import csv
import gzip
import importlib.util
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conftest import Need
from counterfoil.measure.causal.panel import NEVER, Counts, Floats
from counterfoil.measure.causal.synthetic import Block

HOW = "pip install --no-deps -r requirements/oracles.txt"


@pytest.fixture(scope="session")
def carried(need: Need) -> Callable[[str, str], Path]:
    """The path of a file in an installed package."""

    def find(package: str, file: str) -> Path:
        found = importlib.util.find_spec(package)
        need(package, found is not None and found.origin is not None, HOW)
        assert found is not None and found.origin is not None
        return Path(found.origin).parent / file

    return find


@pytest.fixture(scope="session")
def counties(carried: Callable[[str, str], Path]) -> Mapping[str, Any]:
    """Teen employment of 500 counties, 2003 to 2007, and from when each had a higher minimum wage (mpdta).

    Source: Callaway and Sant'Anna (2021), section 5; carried by moderndid (MIT).
    """
    with gzip.open(carried("moderndid", "core/datasets/mpdta_long.pkl.gz")) as file:
        table = pickle.load(file).sort_values(["countyreal", "year"])
    outcome: Floats = table["lemp"].to_numpy().reshape(-1, 5)
    first: Counts = table["first.treat"].to_numpy().reshape(-1, 5)[:, 0]
    population: Floats = table["lpop"].to_numpy().reshape(-1, 5)[:, :1]
    assert outcome.shape == (500, 5)
    return {
        "table": table,
        "outcome": outcome,
        "first": np.where(first == 0, NEVER, first - 2003),
        "population": population,
    }


@pytest.fixture(scope="session")
def california(carried: Callable[[str, str], Path]) -> Block:
    """Cigarette sales of 39 states, 1970 to 2000; California's Proposition 99 is of 1989.

    Source: Abadie, Diamond and Hainmueller (2010); carried by CausalPy (Apache-2.0).
    """
    with carried("causalpy", "data/california_prop99.csv").open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    sales = np.array([[float(cell) for cell in row[1:]] for row in rows]).T
    assert sales.shape == (39, 31)
    place = head.index("California") - 1
    return Block(treated=sales[[place]], donors=np.delete(sales, place, axis=0), since=1989 - 1970)
