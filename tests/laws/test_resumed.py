"""A replay taken up from an earlier one says the same as one from scratch, wherever the history was cut."""

import subprocess
import tempfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.collect.git.command import environment
from counterfoil.collect.git.open import open_past
from counterfoil.collect.lines import LineHasher
from counterfoil.measure.fate import checkpoint
from counterfoil.measure.fate.lines import LineFates
from counterfoil.measure.fate.match import Matcher
from counterfoil.measure.fate.noted import Noted
from counterfoil.measure.fate.replay import replay
from counterfoil.measure.fate.saved import resume
from counterfoil.terms.history import MergeStyle
from counterfoil.terms.ids import LineKey, SessionId, SourceId
from counterfoil.terms.mark import Written
from laws.random_histories import LINES, NAMES, START, Node, histories, written

KEY = bytes(32)
DAY = 86_400
CODEX = SourceId("codex")
Known = tuple[LineFates, Matcher]


@dataclass
class Kept:
    """A memory of one entry, which notes what it was asked for."""

    entry: bytes | None = None
    asked: list[str] = field(default_factory=list)

    def recall(self, file: str, fingerprint: str) -> bytes | None:
        self.asked.append(f"{file} {fingerprint}")
        return self.entry

    def keep(self, file: str, fingerprint: str, reading: bytes) -> None:
        self.entry = reading


@st.composite
def calls(draw: st.DrawFn) -> list[Written]:
    hasher = LineHasher(KEY)
    keys = st.lists(LINES, max_size=4).map(
        lambda lines: [k for k in (hasher.key_of(line.encode()) for line in lines) if k is not None]
    )
    return [
        Written(
            source=CODEX,
            session=SessionId(draw(st.sampled_from("abc"))),
            at=datetime.fromtimestamp(START, UTC) + timedelta(days=draw(st.integers(0, 40))),
            path=draw(st.sampled_from(NAMES)),
            directory="/r",
            added=draw(keys),
            removed=draw(keys),
        )
        for _ in range(draw(st.integers(0, 6)))
    ]


def names_of(repo: Path, count: int) -> list[str]:
    """Every commit's name by its number in the story."""
    said = subprocess.run(
        ["git", f"--git-dir={repo}", "log", "--all", "--format=%ct %H"],
        check=True,
        capture_output=True,
        env=environment(),
    ).stdout.decode()
    return [name for _, name in sorted(line.split() for line in said.splitlines())][:count]


def known(repo: Path, rev: str, style: MergeStyle, said: Sequence[Written], memory: Kept | None) -> Known:
    past = open_past(str(repo), rev=rev, style=style, line_key=KEY, memory=memory)
    number = {session: n for n, session in enumerate(sorted({w.session for w in said}))}
    matcher = Matcher(said, [], number=number, roots=["/r"])
    return replay(past, evidence=matcher), matcher


def differences(one: Known, other: Known) -> list[str]:
    unlike = [
        f.name
        for f in fields(LineFates)
        if f.name not in ("head", "_positions")
        and not np.array_equal(np.asarray(getattr(one[0], f.name)), np.asarray(getattr(other[0], f.name)))
    ]
    heads = [{p: lines.tolist() for p, lines in fates.head.items()} for fates in (one[0], other[0])]
    removed = [{c: n for c, n in matcher.removed_lines.items() if n} for matcher in (one[1], other[1])]
    return [*unlike, *["head"] * (heads[0] != heads[1]), *["removed"] * (removed[0] != removed[1])]


@pytest.fixture(autouse=True)
def _short_histories_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "WORTH_KEEPING", 0)
    monkeypatch.setattr("counterfoil.measure.fate.replay.BULK_LINES", 3)


@pytest.mark.parametrize("style", list(MergeStyle))
@settings(max_examples=12, deadline=None)
@given(nodes=histories(), early=calls(), late=calls())
def test_a_resumed_replay_says_the_same(
    style: MergeStyle, nodes: list[Node], early: list[Written], late: list[Written]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        repo = written(nodes, Path(folder) / "r.git", step=5 * DAY)
        names = names_of(repo, len(nodes))
        afresh = known(repo, "HEAD", style, early + late, None)
        for name in names:
            memory = Kept()
            known(repo, name, style, early, memory)
            assert memory.entry
            assert not differences(known(repo, "HEAD", style, early + late, memory), afresh)
            assert not differences(known(repo, "HEAD", style, early + late, memory), afresh)


def chain(length: int) -> list[Node]:
    """A file that grows by a line with each commit."""
    lines = tuple(f"line number {n} of the text" for n in range(length))
    return [Node((n - 1,) if n else (), {NAMES[0]: lines[: n + 1]}) for n in range(length)]


def began(
    folder: Path,
    before: list[Node],
    after: list[Node],
    early: Sequence[Written] = (),
    late: Sequence[Written] = (),
) -> int:
    """The commit at which a replay of the second story begins, after one of the first."""
    memory = Kept()
    known(written(before, folder / "before.git", step=20 * DAY), "HEAD", MergeStyle.FULL, early, memory)
    repo = written(after, folder / "after.git", step=20 * DAY)
    past = open_past(str(repo), style=MergeStyle.FULL, line_key=KEY, memory=memory)
    said = [*early, *late]
    number = {session: n for n, session in enumerate(sorted({w.session for w in said}))}
    matcher = Matcher(said, [], number=number, roots=["/r"])
    return resume(Noted(past.commits(), formatting=past.formatting), past, matcher)


def call(day: int) -> Written:
    at = datetime.fromtimestamp(START, UTC) + timedelta(days=day)
    return Written(
        source=CODEX,
        session=SessionId("a"),
        at=at,
        path=NAMES[0],
        directory="/r",
        added=[LineKey(7)],
        removed=[],
    )


def test_sessions_keep_their_lines_where_their_numbers_change(tmp_path: Path) -> None:
    hasher = LineHasher(KEY)
    late = call(2_000)
    line = hasher.key_of(b"line number 7 of the text")
    early = replace(call(140), session=SessionId("b"), added=[line] if line else [])
    memory = Kept()
    repo = written(chain(40), tmp_path / "r.git", step=20 * DAY)
    known(repo, "HEAD", MergeStyle.FULL, [early], memory)
    resumed = known(repo, "HEAD", MergeStyle.FULL, [early, late], memory)
    assert not differences(resumed, known(repo, "HEAD", MergeStyle.FULL, [early, late], None))
    assert 1 in resumed[0].session


def test_new_commits_are_replayed_alone(tmp_path: Path) -> None:
    assert began(tmp_path, chain(40), chain(43)) == 40


def test_nothing_is_replayed_where_nothing_is_new(tmp_path: Path) -> None:
    assert began(tmp_path, chain(40), chain(40)) == 40


def test_an_amended_last_commit_costs_the_days_before_it(tmp_path: Path) -> None:
    amended = [*chain(39), Node((38,), {NAMES[0]: ("something else",)})]
    assert began(tmp_path, chain(40), amended) == 39


def test_a_branch_cut_long_ago_is_replayed_from_before_it_was_cut(tmp_path: Path) -> None:
    late = [*chain(40), Node((30,), {NAMES[1]: ("a branch",)}), Node((39, 40), chain(40)[-1].tree)]
    assert 0 < began(tmp_path, chain(40), late) <= 31


def test_sessions_that_wrote_more_cost_the_commits_they_can_be_about(tmp_path: Path) -> None:
    assert began(tmp_path, chain(40), chain(41), [call(700)], [call(779)]) == 39
    assert began(tmp_path / "2", chain(40), chain(41), [call(700)], [call(1_000)]) == 40


def test_what_is_listed_as_formatting_since_is_replayed_again(tmp_path: Path) -> None:
    nodes = chain(40)
    name = names_of(written(nodes, tmp_path / "n.git", step=20 * DAY), 40)[30]
    listed = [*nodes, Node((39,), {**nodes[-1].tree, ".git-blame-ignore-revs": (name,)})]
    assert 0 < began(tmp_path, nodes, listed) <= 30


def test_paths_that_count_no_more_cost_everything(tmp_path: Path) -> None:
    nodes = chain(40)
    vendored = [*nodes, Node((39,), {**nodes[-1].tree, ".gitattributes": ("*.py linguist-generated",)})]
    assert began(tmp_path, nodes, vendored) == 0


@pytest.mark.parametrize("entry", [b"", b"nothing of ours", zlib.compress(b"nothing of ours")])
def test_what_can_t_be_read_is_as_good_as_nothing(tmp_path: Path, entry: bytes) -> None:
    past = open_past(str(written(chain(2), tmp_path / "r.git")), memory=Kept(entry))
    assert resume(Noted(past.commits(), formatting=past.formatting), past, None) == 0


def test_another_first_day_of_hashed_lines_is_another_entry(tmp_path: Path) -> None:
    repo, memory = str(written(chain(2), tmp_path / "r.git")), Kept()
    for since in (0, 0, DAY):
        open_past(repo, memory=memory, keys_since=since).recalled()
    first, second, third = memory.asked
    assert first == second != third
