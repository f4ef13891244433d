"""What a run has read: values that a system vouches for, things that people call by a name, and the rest."""

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from counterfoil.agents.taint.words import Words
from counterfoil.terms.label import Integrity, Label
from counterfoil.terms.tool import ConnectorId, Tool


@dataclass(frozen=True, slots=True)
class Record:
    """One thing in an answer, and the name that people call it by."""

    name: str
    typed: tuple[tuple[str, str], ...]
    """Field and value, where the system vouches for it; a list is told item by item."""
    label: Label
    kind: str
    """What it is a destination of, where its name is all that there is of it."""
    asked: bool
    """Whether it was looked for before anything foreign was read, or by the owner's words alone."""

    @property
    def id(self) -> tuple[str, ...]:
        """What the system knows it by; all that it vouches for, where it has no id."""
        return tuple(value for name, value in self.typed if _is_id(name)) or tuple(v for _, v in self.typed)


@dataclass
class Seen:
    """Everything that one run has read so far."""

    words: Words
    typed: dict[str, Label] = field(default_factory=dict)
    """Values that a system vouches for, wherever in an answer they stood."""
    texts: list[tuple[str, Label]] = field(default_factory=list)
    """What stood in answers that nobody vouches for."""
    _records: dict[ConnectorId, dict[str, list[Record]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    def read(self, tool: Tool, value: Any, label: Label, *, asked: bool, echoed: Sequence[str] = ()) -> None:
        """Take in an answer. What repeats a foreign question is no more trusted than the question was."""
        vouched = Label(Integrity.TYPED, label.secrecy, label.sources)
        for path, leaf in leaves(value):
            vouches = tool.output is not Integrity.UNTRUSTED or any(fits(typed, path) for typed in tool.typed)
            if vouches and not any(_repeats(text_of(leaf), text) for text in echoed):
                self._vouch(leaf, vouched)
            else:
                self.texts.append((text_of(leaf), label))
        for record in _records_of(tool, value, vouched, asked=asked):
            if self.words.calls(record.name) or self.words.begins(record.name):
                self._records[tool.connector][record.name.casefold()].append(record)

    def where(self, text: str) -> list[Label]:
        """Of the texts of others in which this stands word for word."""
        return [label for seen, label in self.texts if text and text in seen]

    def reads(self, name: str) -> bool:
        """Whether an address stood in what was read, whole and not as a piece of a longer one."""
        whole = re.compile(r"(?<![\w@./+-])" + re.escape(name) + r"(?![\w@/+-]|[.:?=&#%][\w/])")
        return any(name in seen and whole.search(seen) for seen, _ in self.texts)

    def object(self, connector: ConnectorId, value: str) -> Label | None:
        """The label of an id, where the owner named the one thing that has it."""
        for record in self._named(connector):
            if any(_is_id(name) and one == value for name, one in record.typed):
                return record.label
        return None

    def place(self, value: str, kind: str, beside: Collection[str]) -> Label | None:
        """The label of a destination that belongs to the one thing that the owner named.

        A thing's people are named together: to take one of them alone is a choice of the model's.
        """
        for connector in self._records:
            for record in self._named(connector):
                if record.kind == kind and record.name == value:
                    return record.label
                people = {one for _, one in record.typed if "@" in one}
                if not record.kind and value in people <= set(beside):
                    return record.label
        return None

    def _vouch(self, leaf: Any, label: Label) -> None:
        text = text_of(leaf)
        for one in {text, *text.splitlines()}:
            if one.strip():
                before = self.typed.get(one, label)
                self.typed[one] = Label(label.integrity, max(label.secrecy, before.secrecy), before.sources)

    def _named(self, connector: ConnectorId) -> Iterator[Record]:
        """Things that the owner named: by the whole name, or by how it begins, and only one is so called."""
        by_name = self._records[connector]
        for name, records in by_name.items():
            called = records[0].name
            if self.words.calls(called) and (records[0].kind or _only(records)):
                yield from (record for record in records if record.asked)
            elif self.words.begins(called) and _only(records):
                prefixed = [other for other in by_name if self.words.begins(by_name[other][0].name)]
                if prefixed == [name]:
                    yield from (record for record in records if record.asked)


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every single value in an answer, and the keys of what maps names to values, with the path to it."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield (*path, str(key), "key"), str(key)
            yield from leaves(inner, (*path, str(key)))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from leaves(inner, (*path, "*"))
    elif value is not None:
        yield path, value


def fits(pattern: str, path: Sequence[str]) -> bool:
    """Whether a dotted path of a manifest is this one; items of a list in the end belong to it."""
    wanted = pattern.split(".")
    found = list(path)
    while found and found[-1] == "*" and len(found) > len(wanted):
        found.pop()
    if len(found) == len(wanted) - 1 and wanted[0] == "*":
        wanted = wanted[1:]
    return len(found) == len(wanted) and all(w in ("*", f) for w, f in zip(wanted, found, strict=True))


def text_of(leaf: Any) -> str:
    """A single value as it would be written."""
    return leaf if isinstance(leaf, str) else json.dumps(leaf)


def _repeats(answer: str, asked: str) -> bool:
    """Whether an answer has in it what was asked, also where the system writes it in its own form."""
    bare = _bare(asked)
    return bool(asked) and (asked in answer or (bool(bare) and bare in _bare(answer)))


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


def _records_of(tool: Tool, value: Any, label: Label, *, asked: bool) -> Iterator[Record]:
    if not tool.named:
        return
    kind = tool.named.removesuffix(":*") if tool.named.endswith(":*") else ""
    for item in value if isinstance(value, list | tuple) else [value]:
        if kind and isinstance(item, str):
            yield Record(item, (), label, kind, asked)
        elif isinstance(item, Mapping) and isinstance(name := item.get(tool.named), str):
            typed = tuple(
                (path[0], text_of(leaf))
                for path, leaf in leaves(item)
                if path[-1] != "key" and any(fits(pattern, ("*", *path)) for pattern in tool.typed)
            )
            yield Record(name, typed, label, "", asked)


def _only(records: Sequence[Record]) -> bool:
    """Whether all that bear a name are the same thing."""
    return len({record.id for record in records}) == 1


def _is_id(name: str) -> bool:
    return name.strip("_").casefold().endswith("id")
