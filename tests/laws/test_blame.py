"""Origins equal what git blame says, on random histories with merges, renames and octopuses."""

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings

from counterfoil.collect.git.command import environment
from counterfoil.collect.git.open import open_past
from counterfoil.measure.fate.replay import origins, replay
from counterfoil.terms.history import MergeStyle
from laws.random_histories import Node, Tree, histories, written

LINE = "line number 0 of the text"
RENAMED_INTO_A_NAME_THAT_THE_OTHER_PARENT_HAS = [
    Node((), {"a.py": (), "b c.py": (LINE,)}),
    Node((0,), {"a.py": (), "b c.py": (LINE,), "sub/ö.py": (LINE, LINE)}),
    Node((0,), {"a.py": (), "b c.py": (LINE,)}),
    Node((1, 2), {"a.py": (), "sub/ö.py": (LINE,)}),
]
"""Blame takes the line from the file of the very same content, not from the one of the same name."""


def blamed(repo: Path, path: str, *options: str) -> list[str]:
    asked = ["git", f"--git-dir={repo}", "blame", "-s", "-l", "--root", *options, "HEAD", "--", path]
    done = subprocess.run(asked, check=True, capture_output=True, env=environment())
    return [line[:40].decode() for line in done.stdout.split(b"\n")[:-1]]


def disagreements(
    repo: Path, tree: Tree, style: MergeStyle, *options: str
) -> Iterator[tuple[str, list[str], list[str]]]:
    past = open_past(str(repo), style=style, content=False)
    found = origins(past)
    assert set(found.files) == set(tree)
    names = [c.id for c in past.commits()]
    for path, lines in found.files.items():
        ours = [str(names[found.origin[n]]) for n in lines]
        theirs = blamed(repo, path, *options)
        if ours != theirs:
            yield path, ours, theirs


@pytest.mark.parametrize(
    ("style", "options"), [(MergeStyle.FIRST_PARENT, ["--first-parent"]), (MergeStyle.FULL, [])]
)
@settings(max_examples=25, deadline=None)
@example(nodes=RENAMED_INTO_A_NAME_THAT_THE_OTHER_PARENT_HAS)
@given(nodes=histories())
def test_origins_are_what_blame_says(style: MergeStyle, options: list[str], nodes: list[Node]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        repo = written(nodes, Path(folder) / "r.git")
        assert not list(disagreements(repo, nodes[-1].tree, style, *options))


@pytest.mark.parametrize("style", list(MergeStyle))
@settings(max_examples=15, deadline=None)
@given(nodes=histories())
def test_what_stands_at_the_end_is_what_the_last_tree_holds(style: MergeStyle, nodes: list[Node]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        fates = replay(open_past(str(written(nodes, Path(folder) / "r.git")), style=style))
    assert {path: len(lines) for path, lines in fates.head.items()} == {
        p: len(t) for p, t in nodes[-1].tree.items()
    }
    standing = {int(n) for lines in fates.head.values() for n in lines}
    dead = fates.ended != -1
    assert (fates.landed_in[fates.killer[dead]] <= fates.ended[dead]).all()
    assert standing == set((fates.ended == -1).nonzero()[0].tolist())
