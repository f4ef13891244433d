"""A gate on each database that there can be."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from agents.kept import World, world
from counterfoil.store.agents.database import Database


@pytest.fixture(params=["sqlite", "postgresql"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Database]:
    """Open the same database, once more each time."""
    if request.param == "sqlite":
        return lambda: Database.in_file(tmp_path / "agents.sqlite")
    address = make_url(request.getfixturevalue("database")).set(drivername="postgresql+psycopg")
    return lambda: Database(address)


@pytest.fixture
def w(opened: Callable[[], Database], tmp_path: Path) -> Iterator[World]:
    with world(tmp_path / "one", opened()) as made:
        yield made


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    """One in a file, where the kind of database makes no difference."""
    with world(tmp_path / "one") as made:
        yield made
