"""The patch language of Codex: which lines a call added to and removed from which file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_BEGIN, _END = "*** Begin Patch", "*** End Patch"
_ADD, _DELETE, _UPDATE, _MOVE = "*** Add File: ", "*** Delete File: ", "*** Update File: ", "*** Move to: "


@dataclass(slots=True)
class Change:
    """What one call did to one file; it lives only until its lines are hashed."""

    path: str
    """Where the file stands afterwards."""
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


def patched(text: str) -> list[Change]:
    r"""The changes of every patch in a text, such as a shell command that feeds `apply_patch`.

    Source: apply_patch instructions bundled with Codex 0.169.0, read 2026-11-23.
    Example:
        >>> patched("*** Begin Patch\n*** Update File: a\n@@\n-x\n+y\n*** End Patch")
        [Change(path='a', added=['y'], removed=['x'])]
    """
    changes: list[Change] = []
    inside = False
    for line in text.split("\n"):
        bare = line.strip()
        if bare.endswith(_BEGIN):
            inside = True
        elif bare == _END:
            inside = False
        elif inside:
            _read(line.removesuffix("\r"), changes)
    return changes


def _read(line: str, changes: list[Change]) -> None:
    for head in (_ADD, _DELETE, _UPDATE):
        if line.startswith(head):
            changes.append(Change(line.removeprefix(head).strip()))
            return
    if not changes:
        return
    if line.startswith(_MOVE):
        changes[-1].path = line.removeprefix(_MOVE).strip()
    elif line.startswith("+"):
        changes[-1].added.append(line[1:])
    elif line.startswith("-"):
        changes[-1].removed.append(line[1:])


def changed(changes: Any) -> Iterator[Change]:
    """The changes that an event states for each path, in the older and the newer spelling."""
    if not isinstance(changes, Mapping):
        return
    for path, told in changes.items():
        if not isinstance(told, Mapping):
            continue
        kind = told.get("type")
        body = told if isinstance(kind, str) else next(iter(told.values()), None)
        if not isinstance(kind, str):
            kind = next(iter(told), None)
        if isinstance(body, Mapping):
            yield _stated(path, kind, body)


def _stated(path: str, kind: object, body: Mapping[str, Any]) -> Change:
    content, diff, moved = (body.get(name) for name in ("content", "unified_diff", "move_path"))
    change = Change(moved if isinstance(moved, str) else path)
    if isinstance(content, str) and kind in ("add", "delete"):
        (change.added if kind == "add" else change.removed).extend(content.split("\n"))
    if isinstance(diff, str):
        for hunk in f"\n{diff}".split("\n@@")[1:]:
            lines = hunk.split("\n")[1:]
            change.added += [line[1:] for line in lines if line.startswith("+")]
            change.removed += [line[1:] for line in lines if line.startswith("-")]
    return change
