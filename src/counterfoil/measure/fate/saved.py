"""Writes the points of a replay as bytes, and takes a replay up again at the newest one that still holds."""

import io
import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from counterfoil.measure.fate.checkpoint import Point, children_from, names_of
from counterfoil.measure.fate.lines import NONE
from counterfoil.measure.fate.mainline import Event
from counterfoil.measure.fate.noted import Column, Noted, State
from counterfoil.terms.history import LineEvidence, Past
from counterfoil.terms.ids import SessionId

FORMAT: Final = 1
"""Raised whenever a replay, or the evidence it asks, would note something else of the same history."""
Arrays = dict[str, NDArray[Any]]


def saved(points: Sequence[Point], noted: Noted, past: Past, evidence: LineEvidence | None) -> bytes:
    """The points, and the columns up to the last of them."""
    last = points[-1]
    arrays: Arrays = {
        "format": np.array([FORMAT]),
        "points": np.array([_numbers(point) for point in points], np.int64),
        "names": _digests(names_of(noted.commits[: point.commits]) for point in points),
        "basis": _digests(_basis(noted, point.commits, evidence) for point in points),
        "mainline": np.array(noted.mainline.positions[: last.changes], np.int32),
        "undone": noted.mainline.undone[: last.changes],
        "removed_counted": noted.removed_counted[: last.commits],
        "added_counted": noted.added_counted[: last.commits],
        "formatting": np.array(sorted(noted.formatting), np.int32),
        "listed": np.array(sorted(past.formatting), np.int32),
        "paths": _texts(noted.placed.paths),
        "counts": np.array([past.counts(path) for path in noted.placed.paths], np.bool_),
        "tools": _texts(noted.placed.tools),
        "excluded": _texts(past.excluded),
        "sessions": _texts(evidence.sessions if evidence else ()),
        "removals": _table(_removals(noted, evidence), 3),
        **_files(points),
        **_events(points),
    }
    for (name, column), length in zip(noted.columns().items(), last.lengths, strict=True):
        arrays[name] = _steps(column, length)
    out = io.BytesIO()
    np.savez(out, allow_pickle=False, **arrays)
    return zlib.compress(out.getvalue(), 1)


def resume(noted: Noted, past: Past, evidence: LineEvidence | None) -> int:
    """Note what an earlier replay did up to the newest point that holds; the first commit left to do."""
    kept = past.recalled()
    arrays = _loaded(kept) if kept else None
    if arrays is None or not _read_alike(arrays, past):
        return 0
    for number in reversed(range(len(arrays["points"]))):
        if _holds(arrays, number, noted, past, evidence):
            _note(arrays, number, noted, evidence)
            return int(arrays["points"][number, 0])
    return 0


def _loaded(kept: bytes) -> Arrays | None:
    """The arrays; None for what was written in another form."""
    try:
        with np.load(io.BytesIO(zlib.decompress(kept)), allow_pickle=False) as file:
            return dict(file) if file["format"].tolist() == [FORMAT] else None
    except (zlib.error, BadZipFile, ValueError, KeyError, EOFError, AttributeError):
        return None


def _read_alike(arrays: Arrays, past: Past) -> bool:
    """Whether the repository still leaves out the same paths, and still counts the same."""
    paths, counts = _strings(arrays["paths"]), arrays["counts"].tolist()
    return _strings(arrays["excluded"]) == list(past.excluded) and counts == [past.counts(p) for p in paths]


def _holds(arrays: Arrays, number: int, noted: Noted, past: Past, evidence: LineEvidence | None) -> bool:
    """Whether all before a point would be noted again, and the files to go on from are kept."""
    commits, changes = arrays["points"][number, :2].tolist()
    mainline, listed, held = noted.mainline.positions, arrays["listed"], arrays["held"]
    children = children_from(commits, past, mainline)
    needed = {position for position in range(commits) if children[position]}
    if commits == len(noted.commits):
        needed.add(commits - 1)
    return (
        names_of(noted.commits[:commits]) == arrays["names"][number].tobytes()
        and [p for p in mainline if p < commits] == arrays["mainline"][:changes].tolist()
        and {p for p in past.formatting if p < commits} == set(listed[listed < commits].tolist())
        and needed <= set(held[held[:, 0] == number, 1].tolist())
        and _basis(noted, commits, evidence) == arrays["basis"][number].tobytes()
    )


def _note(arrays: Arrays, number: int, noted: Noted, evidence: LineEvidence | None) -> None:
    """Note everything up to a point, as if it had been replayed."""
    commits, changes, moved, formatting, paths, tools, *lengths = arrays["points"][number].tolist()
    for (name, column), length in zip(noted.columns().items(), lengths, strict=True):
        values = np.cumsum(arrays[name][:length], dtype=arrays[name].dtype)
        _extend(column, _renumbered(values, arrays, evidence) if name == "session" else values)
    placed, mainline = noted.placed, noted.mainline
    placed.paths.update((path, n) for n, path in enumerate(_strings(arrays["paths"])[:paths]))
    placed.tools.update((tool, n) for n, tool in enumerate(_strings(arrays["tools"])[:tools]))
    noted.moved_lines, noted.formatting_lines = moved, formatting
    noted.formatting.update(arrays["formatting"][arrays["formatting"] < commits].tolist())
    noted.removed_counted[:commits] = arrays["removed_counted"][:commits]
    noted.added_counted[:commits] = arrays["added_counted"][:commits]
    undone = arrays["undone"][:changes]
    mainline.undone[:changes] = np.where(undone < changes, undone, NONE)
    for event in _events_of(arrays, number):
        mainline.put_back(event)
    noted.states.update(_states_of(arrays, number))
    if evidence is not None:
        _note_removals(arrays, commits, noted, evidence)


def _note_removals(arrays: Arrays, commits: int, noted: Noted, evidence: LineEvidence) -> None:
    rows = arrays["removals"][arrays["removals"][:, 0] < commits]
    sessions = _renumbered(rows[:, 1], arrays, evidence)
    for (position, _, n), session in zip(rows.tolist(), sessions.tolist(), strict=True):
        evidence.removed_lines[noted.commits[position].id][session] = n


def _numbers(point: Point) -> list[int]:
    return [
        *(point.commits, point.changes, point.moved_lines, point.formatting_lines, point.paths, point.tools),
        *point.lengths,
    ]


def _basis(noted: Noted, commits: int, evidence: LineEvidence | None) -> bytes:
    return evidence.basis(noted.commits[:commits]) if evidence else bytes(16)


def _removals(noted: Noted, evidence: LineEvidence | None) -> Iterator[tuple[int, int, int]]:
    if evidence is None:
        return
    for position, commit in enumerate(noted.commits):
        for session, n in evidence.removed_lines.get(commit.id, {}).items():
            yield position, session, n


def _renumbered(sessions: NDArray[Any], arrays: Arrays, evidence: LineEvidence | None) -> NDArray[Any]:
    """The numbers that sessions have now; without those that a line names, the point would not hold."""
    now = {session: n for n, session in enumerate(evidence.sessions if evidence else ())}
    number = [*(now.get(SessionId(name), NONE) for name in _strings(arrays["sessions"])), NONE]
    return np.take(np.array(number, np.int32), sessions)


def _files(points: Sequence[Point]) -> Arrays:
    """The files of every state: which path has which blob and which lines; what is shared is kept once."""
    texts: dict[str, int] = {}
    pool: dict[int, int] = {}
    lines: list[array[int]] = []
    files: list[tuple[int, int, int, int, int]] = []
    held = [(number, position) for number, point in enumerate(points) for position in point.states]
    for number, position in held:
        for path, (blob, own) in points[number].states[position].items():
            if own is not None and id(own) not in pool:
                pool[id(own)] = len(lines)
                lines.append(own)
            placed = NONE if own is None else pool[id(own)]
            names = texts.setdefault(path, len(texts)), texts.setdefault(blob, len(texts))
            files.append((number, position, *names, placed))
    every = array("i")
    for own in lines:
        every.extend(own)
    return {
        "held": _table(held, 2),
        "files": _table(files, 5),
        "lines": _steps(every, len(every)),
        "ends": np.cumsum([len(own) for own in lines], dtype=np.int64),
        "file_texts": _texts(texts),
    }


def _states_of(arrays: Arrays, number: int) -> dict[int, State]:
    texts = _strings(arrays["file_texts"])
    every = np.cumsum(arrays["lines"], dtype=np.int32)
    ends = [*arrays["ends"].tolist(), 0]
    known: dict[int, array[int] | None] = {NONE: None}
    held, files = arrays["held"], arrays["files"]
    states: dict[int, State] = {position: {} for position in held[held[:, 0] == number, 1].tolist()}
    for _, position, path, blob, placed in files[files[:, 0] == number].tolist():
        if placed not in known:
            known[placed] = array("i", every[ends[placed - 1] : ends[placed]].tobytes())
        states[position][texts[path]] = texts[blob], known[placed]
    return states


def _events(points: Sequence[Point]) -> Arrays:
    """What the main line did shortly before each point."""
    texts: dict[str, int] = {}
    rows = [
        (number, at, *(texts.setdefault(text, len(texts)) for text in change))
        for number, point in enumerate(points)
        for at, changes in point.recent
        for change in changes
    ]
    held = [(number, at) for number, point in enumerate(points) for at, _ in point.recent]
    return {"events": _table(held, 2), "changes": _table(rows, 5), "event_texts": _texts(texts)}


def _events_of(arrays: Arrays, number: int) -> Iterable[Event]:
    texts = _strings(arrays["event_texts"])
    held, rows = arrays["events"], arrays["changes"]
    events: dict[int, Event] = {at: (at, []) for at in held[held[:, 0] == number, 1].tolist()}
    for _, at, path, before, after in rows[rows[:, 0] == number].tolist():
        events[at][1].append((texts[path], texts[before], texts[after]))
    return events.values()


def _steps(column: Column, length: int) -> NDArray[Any]:
    """A column as differences, most of which are alike and so take little room."""
    values = np.frombuffer(column, np.uint8 if isinstance(column, bytearray) else np.int32)[:length]
    return np.diff(values, prepend=values.dtype.type(0))


def _extend(column: Column, values: NDArray[Any]) -> None:
    if isinstance(column, bytearray):
        column.extend(values.tobytes())
    else:
        column.frombytes(values.astype(np.int32).tobytes())


def _table(rows: Iterable[Sequence[int]], width: int) -> NDArray[np.int32]:
    return np.array(list(rows), np.int32).reshape(-1, width)


def _digests(digests: Iterable[bytes]) -> NDArray[np.uint8]:
    return np.array([list(digest) for digest in digests], np.uint8)


def _texts(texts: Iterable[str]) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(b"\0" + t.encode("utf-8", "surrogateescape") for t in texts), np.uint8)


def _strings(texts: NDArray[Any]) -> list[str]:
    return texts.tobytes().decode("utf-8", "surrogateescape").split("\0")[1:]
