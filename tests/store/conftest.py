"""Readings as a collector hands them on, and the databases that a registry can be on."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from counterfoil.store.evidence import Evidence, open_evidence
from counterfoil.terms.batch import batches
from counterfoil.terms.ids import LineKey, SessionId, SourceId
from counterfoil.terms.mark import Committed, Written
from counterfoil.terms.reading import Counts, Reading
from counterfoil.terms.usage import NOT_STATED, Session, Usage

RegistryOf = Callable[[Path], str]
Make = Callable[..., Reading]
START = datetime(2026, 10, 1, 12, 0, 7, 250_000, tzinfo=UTC)
SOURCE = SourceId("claude-code")


@pytest.fixture
def evidence(tmp_path: Path) -> Iterator[Evidence]:
    with open_evidence(str(tmp_path / "data" / "evidence.db")) as opened:
        yield opened


@pytest.fixture(scope="session")
def reading() -> Make:
    """A reading of some sessions, each of three requests, one call and one commit, a day apart."""

    def make(sessions: Sequence[str] = ("s0", "s1"), *, output: int = 40, model: str = "claude-x") -> Reading:
        began = {s: START + timedelta(days=int(s[1:])) for s in sessions}
        usage = [
            Usage(
                source=SOURCE,
                key=f"{s}:{n}",
                at=began[s] + timedelta(minutes=n),
                session=SessionId(s),
                model=model if n else NOT_STATED,
                input_uncached=n,
                cache_read=10**12,
                cache_write=3,
                output=output,
                cache_write_1h=0,
                tool="claude-code 2",
                directory="/home/a",
                branch="main",
            )
            for s in sessions
            for n in range(3)
        ]
        return Reading(
            source=SOURCE,
            usage=tuple(batches(Usage, usage)),
            sessions=[
                Session(
                    source=SOURCE,
                    id=SessionId(s),
                    parent=NOT_STATED,
                    began=began[s],
                    ended=began[s] + timedelta(minutes=2),
                    directories=("/home/a",),
                    branches=("main",),
                    repository=NOT_STATED,
                    human_turns=2,
                    client="claude-code 2",
                )
                for s in sessions
            ],
            written=[
                Written(
                    source=SOURCE,
                    session=SessionId(s),
                    at=began[s],
                    path="a.py",
                    directory="/home/a",
                    added=[LineKey(7), LineKey(-(2**63)), LineKey(7)],
                    removed=[LineKey(int(s[1:]))],
                )
                for s in sessions
            ],
            committed=[
                Committed(
                    source=SOURCE, session=SessionId(s), at=began[s], directory="/home/a", commit=f"{s:0>7}"
                )
                for s in sessions
            ],
            counts=Counts(files=len(sessions), records=len(usage), kept=len(usage)),
        )

    return make


def write_address(folder: Path, address: str) -> None:
    """Say where the registry of a data directory is."""
    path = folder / "registry.url"
    path.touch(mode=0o600)
    path.write_text(address + "\n", "utf-8")


@pytest.fixture(params=["sqlite", "postgresql"])
def registry_of(request: pytest.FixtureRequest) -> RegistryOf:
    """Let the registry of a data directory be on a database; which it is."""
    if request.param == "sqlite":
        return lambda _: "sqlite"
    address: str = request.getfixturevalue("database")

    def on_postgresql(folder: Path) -> str:
        write_address(folder, address)
        return "postgresql"

    return on_postgresql
