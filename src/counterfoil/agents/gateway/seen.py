"""What one session has read through the gateway: its label only grows, and no text of it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import msgspec

from counterfoil.agents.gateway.manifest import Reads
from counterfoil.agents.taint.words import Words
from counterfoil.agents.upstream.normal import is_closed
from counterfoil.terms.label import OWNERS, UNSEEN, Integrity, Label, Part, Secrecy
from counterfoil.terms.tool import Argument, ArgumentRole, ArgumentSpec, Tool

CLIENT = frozenset({"client"})
BEGINS: Mapping[Reads, Label] = MappingProxyType(
    {
        Reads.PRIVATE: UNSEEN,
        Reads.UNTRUSTED: Label(Integrity.UNTRUSTED, Secrecy.INTERNAL, CLIENT),
        Reads.NOTHING: Label(Integrity.TYPED, Secrecy.INTERNAL, CLIENT),
    }
)
"""What a client's words are before it has read anything here: never its owner's."""
_encode = msgspec.json.Encoder(order="deterministic").encode


@dataclass(slots=True)
class Seen:
    """The label of a session, and the words of its owner where they were told."""

    label: Label
    words: str = ""
    answers: int = 0

    def answered(self, tool: Tool, asked: Mapping[str, Any], value: Any) -> Label:
        """Take in that a tool answered; what it said is not kept."""
        self.answers += 1
        label = Label(tool.output, tool.secrecy, frozenset({f"{tool.id}#{self.answers}"}))
        sources = self.label.sources if len(self.label.sources) > 20 else self.label.sources | label.sources
        joined = self.label | label
        self.label = Label(joined.integrity, joined.secrecy, sources)
        return label

    def arguments(self, tool: Tool, values: Mapping[str, Any]) -> tuple[Argument, ...]:
        """The arguments of a call: destinations that the owner named are theirs, all else the client's."""
        return tuple(self._argument(tool.arguments.get(name), name, value) for name, value in values.items())

    def _argument(self, spec: ArgumentSpec | None, name: str, value: Any) -> Argument:
        role = ArgumentRole.TEXT if spec is None else spec.role
        if role is ArgumentRole.TYPED and not is_closed(value):
            role = ArgumentRole.TEXT
        if role is ArgumentRole.DESTINATION:
            names = [str(one) for one in (value if isinstance(value, list) else [value])]
            parts = tuple(Part(one, OWNERS if self._names(one) else self.label) for one in names)
        else:
            parts = (Part(value if isinstance(value, str) else "", self.label),)
        return Argument(
            name=name,
            role=role,
            kind="" if spec is None else spec.kind,
            json=_encode(value).decode(),
            parts=parts or (Part("", self.label),),
        )

    def _names(self, name: str) -> bool:
        """Whether the owner's words have this name whole, and not as a piece of another."""
        return bool(self.words) and Words(self.words).names(name)
