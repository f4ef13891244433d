"""What every source of local logs keeps to, whatever its format."""

import random
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from counterfoil.collect.reading import FileReading, encoded
from counterfoil.collect.registry import SOURCES
from counterfoil.collect.scan import folders_of, read
from counterfoil.collect.source import USAGE_ONLY, Source, Want
from counterfoil.collect.table import Table
from counterfoil.simulate.formats.claude import write_claude
from counterfoil.simulate.formats.codex import write_codex
from counterfoil.simulate.formats.gemini import write_gemini
from counterfoil.simulate.formats.session import (
    EditFile,
    Prompt,
    Request,
    RunCommand,
    Talk,
    Tokens,
    WriteFile,
)
from counterfoil.terms.ids import SessionId
from counterfoil.terms.reading import Reading

NOW = datetime(2026, 11, 25, tzinfo=UTC)
SECRET = "canary-4be1"
FULL = Want(b"k" * 32)
TABLE_HEAD = "at,session,model,input_uncached,cache_read,cache_write,output,directory\n"


def talk(number: int) -> Talk:
    """A session with a prompt, two files written and a commit; secrets in all of them."""
    chance = random.Random(number)
    at = NOW - timedelta(days=30 - number)
    turns: list[Prompt | Request] = [Prompt(at, f"please {SECRET}")]
    calls: tuple[Any, ...] = (
        WriteFile(f"src/{number}.py", f"first = '{SECRET}'\nsecond = {number}\n"),
        EditFile("src/app.py", f"old {SECRET} line", f"new {SECRET} line\nand another"),
        RunCommand(f"git commit -m {SECRET}", f"[main 85c204b] {SECRET}"),
    )
    for step in range(5):
        at += timedelta(seconds=20)
        tokens = Tokens(
            input_uncached=chance.randint(5, 900),
            cache_read=chance.randint(0, 9_000),
            cache_write=0,
            output=chance.randint(1, 700),
            reasoning=0,
        )
        made = calls[step : step + 1]
        turns.append(
            Request(at=at, model="some-model", tokens=tokens, says="" if made else SECRET, calls=made)
        )
    name = SessionId(f"0000000{number}-aaaa-4aaa-8aaa-00000000000{number}")
    return Talk(id=name, directory="/home/dev/shop", branch="main", version="2.1.197", turns=tuple(turns))


def table_rows(home: Path) -> None:
    for number in range(3):
        rows = [f"2026-11-0{number + 1}T10:00:0{n}Z,s{number},m,{n},2,3,4,/shop\n" for n in range(4)]
        (home / f"{number}.csv").write_text(TABLE_HEAD + "".join(rows), "utf-8")


def write(source: str, home: Path) -> None:
    home.mkdir(parents=True, exist_ok=True)
    talks = [talk(number) for number in (1, 2, 3)]
    writers: dict[str, Callable[..., None]] = {
        "claude-code": write_claude,
        "codex": write_codex,
        "gemini-cli": write_gemini,
    }
    if source == "table":
        table_rows(home)
    else:
        writers[source](home, talks)


@pytest.fixture(params=[source.id for source in SOURCES])
def logs(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Source, list[Path]]]:
    """A source with the homes that hold its logs."""
    home = tmp_path / "home"
    write(request.param, home)
    source: Source = next(s for s in SOURCES if s.id == request.param)
    if source.id == "table":
        source = Table(tuple(sorted(home.glob("*.csv"))))
    yield source, [home]


def totals(reading: Reading) -> dict[str, Any]:
    rows = [row for batch in reading.usage for row in batch.rows()]
    names = ("input_uncached", "cache_read", "cache_write", "output")
    return {"requests": len(rows)} | {name: sum(getattr(r, name) for r in rows) for name in names}


def told(source: Source, homes: list[Path], **more: Any) -> Reading:
    return read(source, homes=homes, now=NOW, **({"want": FULL} | more))


def parsed(source: Source, homes: list[Path], want: Want = FULL) -> list[FileReading]:
    files = source.files(folders_of(source, homes))
    now = round(NOW.timestamp() * 1000)
    return [source.parse(str(f), BytesIO(f.read_bytes()), want=want, now=now) for f in files]


def test_the_book_balances(logs: tuple[Source, list[Path]]) -> None:
    counts = told(*logs).counts
    assert counts.kept > 0
    assert counts.records == counts.kept + counts.merged + counts.skipped_total


def test_reading_the_same_twice_adds_nothing(logs: tuple[Source, list[Path]], tmp_path: Path) -> None:
    source, homes = logs
    once = totals(told(source, homes))
    assert totals(told(source, homes * 2)) == once
    if source.id != "table":
        copy = tmp_path / "copy"
        shutil.copytree(homes[0], copy)
        assert totals(told(source, [*homes, copy])) == once


def test_the_order_of_files_changes_no_total(logs: tuple[Source, list[Path]]) -> None:
    source, homes = logs
    readings = parsed(source, homes)
    first = totals(source.merge(readings, looked=()))
    for seed in range(6):
        random.Random(seed).shuffle(readings)
        assert totals(source.merge(readings, looked=())) == first


def test_the_order_of_lines_changes_no_total(logs: tuple[Source, list[Path]]) -> None:
    source, homes = logs
    if source.id == "codex":
        pytest.skip("the counters of a rollout only make sense in order")
    first = totals(told(source, homes))
    for seed in range(6):
        for file in source.files(folders_of(source, homes)):
            head, *lines = file.read_text("utf-8").splitlines(keepends=True)
            lines = lines if source.id == "table" else [head, *lines]
            random.Random(seed).shuffle(lines)
            file.write_text("".join([head, *lines] if source.id == "table" else lines), "utf-8")
        assert totals(told(source, homes)) == first


def test_evidence_changes_no_usage(logs: tuple[Source, list[Path]]) -> None:
    source, homes = logs
    bare, full = told(source, homes, want=USAGE_ONLY), told(source, homes)
    assert totals(bare) == totals(full)
    assert bare.counts == full.counts


def test_one_process_reads_what_two_read(
    logs: tuple[Source, list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("counterfoil.collect.scan.WORTH_SHARING", 0)
    source, homes = logs
    assert told(source, homes, jobs=2) == told(source, homes, jobs=1)


def test_memory_says_what_the_files_say(logs: tuple[Source, list[Path]]) -> None:
    source, homes = logs
    memory = Memory()
    first = told(source, homes, remembered=memory)
    assert memory.kept and memory.hits == 0
    again = told(source, homes, remembered=memory)
    assert memory.hits == len(memory.kept)
    assert again == first == told(source, homes)


class Memory:
    """Remembers in a dictionary, and counts what it could tell."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], bytes] = {}
        self.hits = 0

    def recall(self, file: str, fingerprint: str) -> bytes | None:
        found = self.kept.get((file, fingerprint))
        self.hits += found is not None
        return found

    def keep(self, file: str, fingerprint: str, reading: bytes) -> None:
        self.kept[file, fingerprint] = reading


def test_no_text_is_kept_but_the_work_is(logs: tuple[Source, list[Path]]) -> None:
    source, homes = logs
    assert not [r.path for r in parsed(source, homes) if SECRET.encode() in encoded(r)]
    if source.id != "table":
        reading = told(source, homes)
        assert sum(len(w.added) for w in reading.written) >= 9
        assert {c.commit for c in reading.committed} == {"85c204b"}


def test_half_a_character_costs_no_request_and_no_line(logs: tuple[Source, list[Path]]) -> None:
    source, homes = logs
    if source.id == "table":
        pytest.skip("a table has no texts that a client cut")
    before = told(source, homes)
    for file in source.files(folders_of(source, homes)):
        file.write_bytes(file.read_bytes().replace(SECRET.encode(), rb"\ud83d" + SECRET.encode()))
    after = told(source, homes)
    assert totals(after) == totals(before)
    assert after.counts == before.counts
    assert [len(w.added) for w in after.written] == [len(w.added) for w in before.written]
    assert [c.commit for c in after.committed] == [c.commit for c in before.committed]
    assert [s.human_turns for s in after.sessions] == [s.human_turns for s in before.sessions]
    assert any("halves of characters" in caveat for caveat in after.caveats)


def test_each_says_what_it_was_written_against() -> None:
    assert all(source.written_against for source in SOURCES)
    assert len({source.id for source in SOURCES}) == len(SOURCES)
