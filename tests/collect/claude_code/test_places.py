"""Where transcripts are looked for, how long they stay, and that a second copy adds nothing."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from counterfoil.collect.claude_code import ClaudeCode
from counterfoil.collect.scan import read
from counterfoil.collect.source import USAGE_ONLY
from counterfoil.terms.absent import Unknown

NOW = datetime(2026, 11, 25, tzinfo=UTC)
LINE = json.dumps(
    {
        "type": "assistant",
        "timestamp": "2026-11-01T10:00:00.000Z",
        "message": {"id": "m", "model": "x", "usage": {"input_tokens": 1, "output_tokens": 2}},
    }
)
TOLD = LINE.replace('"id": "m"', '"id": "other"')


def write(root: Path, text: str = LINE, settings: object = None) -> Path:
    log = root / "projects" / "-shop" / "one.jsonl"
    log.parent.mkdir(parents=True)
    log.write_text(text + "\n", "utf-8")
    if settings is not None:
        (root / "settings.json").write_text(json.dumps(settings), "utf-8")
    return log


def test_both_roots_of_a_home_are_read(tmp_path: Path) -> None:
    write(tmp_path / ".claude")
    write(tmp_path / ".config" / "claude", TOLD)
    reading = read(ClaudeCode(), homes=[tmp_path], want=USAGE_ONLY, now=NOW)
    assert (reading.counts.files, reading.counts.kept) == (2, 2)


def test_a_stated_place_is_read_alone_and_a_list_of_them_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", f"{tmp_path / 'a'}, ~/b/projects,,{tmp_path / 'a'}")
    write(tmp_path / ".claude")
    write(tmp_path / "a")
    write(tmp_path / "b", TOLD)
    reading = read(ClaudeCode(), homes=None, want=USAGE_ONLY, now=NOW)
    assert reading.looked == (str(tmp_path / "a" / "projects"), str(tmp_path / "b" / "projects"))
    assert (reading.counts.files, reading.counts.kept) == (2, 2)
    assert read(ClaudeCode(), homes=[tmp_path], want=USAGE_ONLY, now=NOW).counts.files == 1


def test_a_blank_place_is_no_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", " , ")
    write(tmp_path / ".claude")
    assert read(ClaudeCode(), homes=None, want=USAGE_ONLY, now=NOW).counts.kept == 1


def test_a_copy_in_another_place_or_under_another_name_adds_nothing(tmp_path: Path) -> None:
    log = write(tmp_path / ".claude")
    shutil.copy(log, log.with_name("two.jsonl"))
    shutil.copytree(tmp_path / ".claude", tmp_path / "old" / ".claude")
    (log.parent / "link").symlink_to(log.parent)
    homes = [tmp_path, tmp_path, tmp_path / "old"]
    counts = read(ClaudeCode(), homes=homes, want=USAGE_ONLY, now=NOW).counts
    assert (counts.files, counts.records, counts.kept, counts.merged) == (4, 4, 1, 3)


@pytest.mark.parametrize(
    ("settings", "days"),
    [
        (None, 30),
        ({}, 30),
        ({"cleanupPeriodDays": 365}, 365),
        ({"cleanupPeriodDays": 0}, 0),
        ({"cleanupPeriodDays": -1}, 30),
        ({"cleanupPeriodDays": True}, 30),
        ({"cleanupPeriodDays": "90"}, 30),
        ([], 30),
    ],
)
def test_retention_is_what_the_settings_state_or_the_default(
    tmp_path: Path, settings: object, days: int
) -> None:
    write(tmp_path, settings=settings)
    assert ClaudeCode().retention([tmp_path / "projects"]) == days


def test_retention_is_the_shortest_of_several_and_unknown_without_any(tmp_path: Path) -> None:
    for name, days in (("a", 90), ("b", 7)):
        write(tmp_path / name, settings={"cleanupPeriodDays": days})
    folders = [tmp_path / name / "projects" for name in ("a", "b", "none")]
    assert ClaudeCode().retention(folders) == 7
    assert isinstance(ClaudeCode().retention(folders[2:]), Unknown)
