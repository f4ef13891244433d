"""Origins equal what git blame says, on random histories with merges, renames and octopuses."""

import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.collect.git.command import environment
from counterfoil.collect.git.open import open_past
from counterfoil.measure.fate.replay import origins, replay
from counterfoil.terms.history import MergeStyle

Tree = Mapping[str, tuple[str, ...]]
NAMES = ("a.py", "b c.py", "sub/ö.py", 'q"x.py')
LINES = st.sampled_from(
    [f"line number {i} of the text" for i in range(6)] + ["", "}", "\tpass", "@@ -1 +1 @@"]
)
TEXT = st.lists(LINES, max_size=9).map(tuple)


@dataclass(frozen=True)
class Node:
    parents: tuple[int, ...]
    tree: Tree


@st.composite
def histories(draw: st.DrawFn) -> list[Node]:
    nodes = [Node((), {NAMES[0]: draw(TEXT), NAMES[1]: draw(TEXT)})]
    for _ in range(draw(st.integers(1, 9))):
        recent = range(max(0, len(nodes) - 4), len(nodes))
        parents = tuple(draw(st.lists(st.sampled_from(recent), min_size=1, max_size=3, unique=True)))
        tree = dict(nodes[parents[0]].tree)
        for parent in parents[1:]:
            for path, lines in nodes[parent].tree.items():
                ours = tree.get(path, ())
                tree[path] = draw(
                    st.sampled_from([ours, lines, ours[: len(ours) // 2] + lines[len(lines) // 2 :]])
                )
        for _ in range(draw(st.integers(0 if len(parents) > 1 else 1, 2))):
            _edit(draw, tree)
        nodes.append(Node(parents, tree))
    return nodes


def _edit(draw: st.DrawFn, tree: dict[str, tuple[str, ...]]) -> None:
    path = draw(st.sampled_from(NAMES))
    if path not in tree:
        tree[path] = draw(TEXT)
        return
    kind = draw(st.sampled_from(["splice", "splice", "splice", "rename", "delete"]))
    if kind == "splice":
        lines = tree[path]
        at = draw(st.integers(0, len(lines)))
        tree[path] = (
            lines[:at] + draw(st.lists(LINES, max_size=3).map(tuple)) + lines[at + draw(st.integers(0, 2)) :]
        )
    elif len(tree) > 1:
        lines = tree.pop(path)
        if kind == "rename":
            tree[draw(st.sampled_from(NAMES))] = lines


def _quoted(path: str) -> str:
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'


def written(nodes: list[Node], where: Path) -> Path:
    """The history as a bare repository."""
    out: list[str] = []
    for i, node in enumerate(nodes):
        head = [
            "commit refs/heads/main",
            f"mark :{i + 1}",
            f"committer A <a@example.org> {1_700_000_000 + i} +0000",
        ]
        out += [*head, "data 1", "x"]
        out += [f"{'merge' if k else 'from'} :{p + 1}" for k, p in enumerate(node.parents)]
        out.append("deleteall")
        for path, lines in node.tree.items():
            text = "".join(f"{line}\n" for line in lines)
            out += [f"M 100644 inline {_quoted(path)}", f"data {len(text.encode())}", text]
    git = ["git", f"--git-dir={where}"]
    subprocess.run(["git", "init", "-q", "--bare", str(where)], check=True, env=environment())
    subprocess.run(
        [*git, "fast-import", "--quiet"], input="\n".join(out).encode() + b"\n", check=True, env=environment()
    )
    subprocess.run([*git, "symbolic-ref", "HEAD", "refs/heads/main"], check=True, env=environment())
    return where


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
