"""What can go wrong while logs are read: nothing is lost, nothing silently zero."""

import os
import signal
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from counterfoil.collect import jsonl
from counterfoil.collect.claude_code import ClaudeCode
from counterfoil.collect.combine import combined
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
    for module in (jsonl, __import__("counterfoil.collect.claude_code.usage", fromlist=["x"])):
        if hasattr(module, "LONGEST_LINE"):
            monkeypatch.setattr(module, "LONGEST_LINE", 1_000)
    padded = (LINE % 50).replace(b'"type"', b'"pad":"' + b"x" * 2_000 + b'","type"')
    (home / ".claude" / "projects" / "p" / "long.jsonl").write_bytes(padded + LINE % 51)
    counts = told(home).counts
    assert counts.kept == 7
    assert counts.skipped == {SkipReason.TOO_LONG: 1}


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

    def parse(self, path: str, content: bytes, *, want: Want, now: int) -> FileReading:
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
