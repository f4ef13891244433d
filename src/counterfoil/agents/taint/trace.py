"""One run, from the owner's words on: what it has read, and so where each argument of a call comes from."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from counterfoil.agents.taint.seen import Seen, leaves, text_of
from counterfoil.agents.taint.words import Words
from counterfoil.agents.written import canonical
from counterfoil.terms.label import OWNERS, UNSEEN, Integrity, Label, Part, Secrecy
from counterfoil.terms.tool import Argument, ArgumentRole, ArgumentSpec, Tool

NOBODYS = ArgumentSpec(role=ArgumentRole.TEXT)
"""An argument that the manifest does not know; the gate refuses it."""
_TELLING = frozenset({"page", "host"})
"""Kinds of destinations whose name can carry something. One that stands word for word in what was read
carries nothing that its own host does not know; one that the model made can carry all that was read."""


class Trace:
    """What a run was told and has read. Its label only grows: there is no way to take anything back."""

    def __init__(self, words: str, *, label: Label = OWNERS) -> None:
        """From the owner's words; with the label of whoever delegated, or of what it remembers."""
        self._words = Words(words)
        self._seen = Seen(self._words)
        self._label = label
        self._answers = 0

    @property
    def label(self) -> Label:
        """Of everything that the run has seen."""
        return self._label

    @property
    def tainted(self) -> bool:
        """Whether anything that it has seen could be somebody else's."""
        return self._label.integrity is Integrity.UNTRUSTED

    def answered(self, tool: Tool, asked: Mapping[str, Any], value: Any) -> Label:
        """Take in what a tool gave; the label of the answer."""
        self._answers += 1
        label = Label(tool.output, tool.secrecy, frozenset({f"{tool.id}#{self._answers}"}))
        asking = [leaf for one in asked.values() for leaf in _values(one)]
        own = [text_of(leaf) for leaf in asking if self.tainted and not self._owners(leaf)]
        foreign = [text for text in own if text not in self._seen.typed]
        self._seen.read(tool, value, label, asked=not own, echoed=foreign)
        self._label |= Label(tool.output, tool.secrecy, frozenset({tool.id}))
        return label

    def told(self, text: str, label: Label = UNSEEN) -> None:
        """Take in what another agent said, or what was remembered; unknown unless it carries a label."""
        self._answers += 1
        self._seen.texts.append((text, label))
        self._label |= label

    def composed(self, text: str) -> Part:
        """A text that the model made now, for memory or a delegate: as trusted as all that it has seen."""
        return Part(text, OWNERS if self._words.says(text) else self._label)

    def arguments(self, tool: Tool, values: Mapping[str, Any]) -> tuple[Argument, ...]:
        """The arguments of a call, each with where its parts come from."""
        return tuple(self._argument(tool, name, value, values) for name, value in values.items())

    def _argument(self, tool: Tool, name: str, value: Any, values: Mapping[str, Any]) -> Argument:
        spec, single = tool.arguments.get(name, NOBODYS), list(_values(value))
        if spec.role is ArgumentRole.DESTINATION:
            parts = self._destinations(spec.kind, [text_of(leaf) for leaf in single])
        else:
            parts = [part for leaf in single for part in self._parts(tool, spec.role, leaf, values)]
        return Argument(
            name=name,
            role=spec.role,
            kind=spec.kind,
            json=canonical(value),
            parts=tuple(parts) or (Part("", OWNERS),),
        )

    def _parts(
        self, tool: Tool, role: ArgumentRole, leaf: Any, values: Mapping[str, Any]
    ) -> tuple[Part, ...]:
        text = text_of(leaf)
        match role:
            case ArgumentRole.SELECTOR:
                return (Part(text, self._seen.object(tool.connector, text) or self._made(text)),)
            case ArgumentRole.AMOUNT:
                return (Part(text, OWNERS if self._counted(leaf) else self._made(text)),)
            case ArgumentRole.TYPED:
                return (Part(text, OWNERS if self._timed(text, values) else self._made(text)),)
            case _:
                return self._text(text)

    def _destinations(self, kind: str, names: Sequence[str]) -> list[Part]:
        return [Part(name, self._destination(kind, name, names)) for name in names]

    def _destination(self, kind: str, name: str, beside: Sequence[str]) -> Label:
        if self._words.names(name, kind):
            return OWNERS
        if (place := self._seen.place(name, kind, beside)) is not None:
            return Label(Integrity.OWNER, Secrecy.PUBLIC, OWNERS.sources | place.sources)
        made = self._made(name)
        told = kind in _TELLING and self._seen.reads(name)
        return Label(
            max(made.integrity, Integrity.TYPED), Secrecy.PUBLIC if told else made.secrecy, made.sources
        )

    def _text(self, text: str) -> tuple[Part, ...]:
        if not text or self._words.says(text):
            return (Part(text, OWNERS),)
        if (typed := self._vouched(text)) is not None:
            return (Part(text, typed),)
        filled = self._words.fills(text, lambda value: self._vouched(value) is not None)
        if filled is not None:
            return (Part(text, OWNERS), *(Part(value, self._seen.typed[value]) for value in filled))
        return (Part(text, self._made(text)),)

    def _vouched(self, text: str) -> Label | None:
        """The label of a typed value that may stand as text: none that is for the owner alone."""
        label = self._seen.typed.get(text)
        return label if label is not None and label.secrecy is not Secrecy.PRIVATE else None

    def _made(self, text: str) -> Label:
        """The label of what the model made: all that the run has seen, with where it stands word for word."""
        if not self.tainted:
            return self._label
        stands = self._seen.where(text)
        sources = frozenset[str]().union(*(label.sources for label in stands)) or self._label.sources
        return Label(Integrity.UNTRUSTED, self._label.secrecy, sources)

    def _owners(self, leaf: Any) -> bool:
        """Whether a single value is the owner's, as something to look for."""
        text = text_of(leaf)
        return self._words.says(text) or self._words.moments.name(text) or self._counted(leaf)

    def _counted(self, leaf: Any) -> bool:
        return isinstance(leaf, int | float) and not isinstance(leaf, bool) and self._words.counts(leaf)

    def _timed(self, text: str, values: Mapping[str, Any]) -> bool:
        """Whether a moment is the owner's, or lies after one by a length that is."""
        named = self._words.moments
        if named.name(text):
            return True
        others = [one for one in values.values() if isinstance(one, str) and named.name(one)]
        return any(named.reach(text, since) for since in others)


def _values(value: Any) -> Iterator[Any]:
    """Every single value of an argument, and the names of its fields: the model can write in those too."""
    return (leaf for _, leaf in leaves(value))
