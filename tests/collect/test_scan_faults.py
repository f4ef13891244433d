"""What can go wrong while logs are read: nothing is lost, nothing silently zero."""

import os
import signal
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import pytest

from counterfoil.collect import jsonl
from counterfoil.collect.claude_code import ClaudeCode, usage
from counterfoil.collect.combine import combined
from counterfoil.collect.parallel import shared
from counterfoil.collect.reading import FileReading, RowBuilder
from counterfoil.collect.scan import read
from counterfoil.collect.source import USAGE_ONLY, Want
from counterfoil.terms.absent import SkipReason, Unknown
from counterfoil.terms.ids import SourceId
from counterfoil.terms.reading import Reading

NOW = datetime(2026, 11, 25, tzinfo=UTC)
LINE = (
    b'{"type":"assistant","timestamp":"2026-11-01T10:00:00.000Z","sessionId":"s","message":{"id":"m%d",'
    b'"model":"x","stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":2}}}\n'
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / ".claude" / "projects" / "p"
    folder.mkdir(parents=True)
    for n in range(6):
        (folder / f"{n}.jsonl").write_bytes(LINE % n)
    return tmp_path


def told(home: Path, source: ClaudeCode | None = None) -> Reading:
    return read(source or ClaudeCode(), homes=[home], want=USAGE_ONLY, now=NOW)


def test_a_link_that_leads_nowhere_is_not_there_and_a_folder_named_like_a_log_is_no_log(home: Path) -> None:
    folder = home / ".claude" / "projects" / "p"
    (folder / "gone.jsonl").symlink_to(folder / "nowhere")
    (folder / "odd.jsonl").mkdir()
    assert told(home).counts.kept == 6


def test_a_log_that_is_being_written_is_read_as_far_as_it_is(home: Path) -> None:
    log = home / ".claude" / "projects" / "p" / "0.jsonl"
    whole = LINE % 100
    for cut in range(1, len(whole), 37):
        log.write_bytes(LINE % 0 + whole[:cut])
        counts = told(home).counts
        assert counts.kept == 6
        assert counts.skipped == {SkipReason.TRUNCATED: 1}
    log.write_bytes(LINE % 0 + whole)
    assert (told(home).counts.kept, told(home).counts.skipped_total) == (7, 0)


def test_a_line_too_long_for_any_record_is_left_out_and_counted(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (jsonl, usage):
        monkeypatch.setattr(module, "LONGEST_LINE", 1_000)
    padded = (LINE % 50).replace(b'"type"', b'"pad":"' + b"x" * 2_000 + b'","type"')
    (home / ".claude" / "projects" / "p" / "long.jsonl").write_bytes(padded + LINE % 51)
    counts = told(home).counts
    assert counts.kept == 7
    assert counts.skipped == {SkipReason.TOO_LONG: 1}


@dataclass(frozen=True, slots=True)
class Startled(ClaudeCode):
    """Does something to the folder whenever a file of it was read."""

    then: Callable[[Path], None] = lambda path: None

    def parse(self, path: str, file: BinaryIO, *, want: Want, now: int) -> FileReading:
        reading = ClaudeCode.parse(self, path, file, want=want, now=now)
        self.then(Path(path))
        return reading


def others(path: Path) -> list[Path]:
    return [each for each in path.parent.iterdir() if each != path and each.is_file()]


def test_what_vanishes_before_it_is_read_is_not_there(home: Path) -> None:
    def clear(path: Path) -> None:
        for each in others(path):
            each.unlink()

    counts = told(home, Startled(then=clear)).counts
    assert (counts.files, counts.kept, counts.skipped_total) == (1, 1, 0)


def test_what_can_no_longer_be_opened_is_left_out_and_counted(home: Path) -> None:
    def shut(path: Path) -> None:
        for each in others(path):
            each.unlink()
            each.mkdir()

    counts = told(home, Startled(then=shut)).counts
    assert (counts.kept, counts.skipped) == (1, {SkipReason.UNREADABLE_FILE: 5})
    assert counts.records == 6


@dataclass
class Memory:
    """Remembers in a dictionary."""

    kept: dict[tuple[str, str], bytes] = field(default_factory=dict)
    hits: int = 0

    def recall(self, file: str, fingerprint: str) -> bytes | None:
        found = self.kept.get((file, fingerprint))
        self.hits += found is not None
        return found

    def keep(self, file: str, fingerprint: str, reading: bytes) -> None:
        self.kept[file, fingerprint] = reading


def from_memory(home: Path, memory: Memory, source: ClaudeCode | None = None) -> tuple[int, int]:
    """How many requests are known, and of how many files from memory."""
    memory.hits = 0
    reading = read(source or ClaudeCode(), homes=[home], want=USAGE_ONLY, now=NOW, remembered=memory)
    return reading.counts.kept, memory.hits


def test_memory_answers_for_the_very_same_state_only(home: Path) -> None:
    memory, log = Memory(), home / ".claude" / "projects" / "p" / "0.jsonl"
    assert from_memory(home, memory) == (6, 0)
    assert from_memory(home, memory) == (6, 6)
    os.utime(log, ns=(1, 1))
    assert from_memory(home, memory) == (6, 5)
    log.write_bytes(LINE % 0 + LINE % 90)
    assert from_memory(home, memory) == (7, 5)
    log.unlink()
    assert from_memory(home, memory) == (5, 5)


def test_what_memory_garbled_is_read_again(home: Path) -> None:
    memory = Memory()
    from_memory(home, memory)
    memory.kept = {key: kept[:-1] for key, kept in memory.kept.items()}
    assert from_memory(home, memory) == (6, 6)


def test_a_log_that_grew_while_it_was_read_is_read_again(home: Path) -> None:
    def grow(path: Path) -> None:
        path.write_bytes(path.read_bytes() + LINE % (100 + int(path.stem)))

    memory = Memory()
    assert from_memory(home, memory, Startled(then=grow)) == (6, 0)
    assert from_memory(home, memory) == (12, 0)
    assert from_memory(home, memory) == (12, 6)


def test_what_may_be_told_otherwise_tomorrow_is_not_remembered(home: Path) -> None:
    log = home / ".claude" / "projects" / "p" / "0.jsonl"
    log.write_bytes((LINE % 0).replace(b"2026-11-01", b"2026-12-24"))
    memory = Memory()
    assert from_memory(home, memory) == (5, 0)
    assert from_memory(home, memory) == (5, 5)


DOOMED = SourceId("doomed")


@dataclass
class Doomed:
    """A source whose second process dies on the way."""

    parent: int = field(default_factory=os.getpid)
    id: SourceId = DOOMED
    version: int = 1
    written_against: str = "nothing"

    def folders(self, home: Path | None) -> tuple[Path, ...]:
        return (home or Path(),)

    def files(self, folders: Sequence[Path]) -> list[Path]:
        return sorted(folders[0].glob("*.log"))

    def parse(self, path: str, file: BinaryIO, *, want: Want, now: int) -> FileReading:
        if os.getpid() != self.parent:
            os.kill(os.getpid(), signal.SIGKILL)
        builder = RowBuilder()
        builder.add(
            key=path, at=0, session="s", model="m", input_uncached=1, cache_read=0, cache_write=0, output=1
        )
        return FileReading(path=path, rows=builder.rows, records=1)

    def merge(self, readings: Iterable[FileReading], *, looked: Sequence[str]) -> Reading:
        return combined(self.id, readings, looked=looked)

    def retention(self, folders: Sequence[Path]) -> int | Unknown:
        return Unknown("none")


def test_what_a_killed_process_left_undone_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("counterfoil.collect.scan.WORTH_SHARING", 0)
    monkeypatch.setattr("counterfoil.collect.parallel.CHUNK", 1)
    for n in range(40):
        (tmp_path / f"{n}.log").write_bytes(b"x")
    reading = read(Doomed(), homes=[tmp_path], want=USAGE_ONLY, now=NOW, jobs=3)
    assert reading.counts.kept == 40


def test_results_that_no_pipe_holds_arrive_whole_while_others_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("counterfoil.collect.parallel.CHUNK", 1)
    sizes = {f"{n}.log": 1 for n in range(40)}

    def work(path: str) -> bytes:
        return path.encode() * 50_000

    done = dict(shared(work, sizes, packed=bytes, jobs=3, meanwhile=lambda: time.sleep(0.05)))
    assert done == {path: work(path) for path in sizes}
