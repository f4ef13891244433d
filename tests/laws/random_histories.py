"""Random histories with merges, renames and octopuses, and the repositories that hold them."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hypothesis import assume
from hypothesis import strategies as st

from counterfoil.collect.git.command import environment

Tree = Mapping[str, tuple[str, ...]]
NAMES = ("a.py", "b c.py", "sub/ö.py", 'q"x.py')
LINES = st.sampled_from(
    [f"line number {i} of the text" for i in range(6)] + ["", "}", "\tpass", "@@ -1 +1 @@"]
)
START = 1_700_000_000
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
        assume(not any(_pairs_otherwise(nodes[parent].tree, tree) for parent in parents))
        nodes.append(Node(parents, tree))
    return nodes


def _pairs_otherwise(before: Tree, after: Tree) -> bool:
    """Whether several new files may come from one that is gone.

    Git's diff of the whole commit pairs the old file with one of them; blame asks for each file alone, and
    pairs it with every one.
    """
    new = [path for path, lines in after.items() if lines and not before.get(path)]
    return len(new) > 1 and not before.keys() <= after.keys()


def _edit(draw: st.DrawFn, tree: dict[str, tuple[str, ...]]) -> None:
    path = draw(st.sampled_from(NAMES))
    if path not in tree:
        tree[path] = draw(TEXT)
        return
    kind = draw(st.sampled_from(["splice", "splice", "splice", "format", "rename", "delete"]))
    lines = tree[path]
    if kind == "format":
        tree[path] = (" ".join(lines[:2]), *(f"  {line}" for line in lines[2:]))
    elif kind == "splice":
        at = draw(st.integers(0, len(lines)))
        tree[path] = (
            lines[:at] + draw(st.lists(LINES, max_size=3).map(tuple)) + lines[at + draw(st.integers(0, 2)) :]
        )
    elif len(tree) > 1:
        del tree[path]
        if kind == "rename":
            tree[draw(st.sampled_from(NAMES))] = lines


def _quoted(path: str) -> str:
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'


def written(nodes: list[Node], where: Path, *, step: int = 1) -> Path:
    """The history as a bare repository, with so many seconds from commit to commit."""
    out: list[str] = []
    for i, node in enumerate(nodes):
        head = [
            "commit refs/heads/main",
            f"mark :{i + 1}",
            f"committer A <a@example.org> {START + i * step} +0000",
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
