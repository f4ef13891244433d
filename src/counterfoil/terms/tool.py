"""What a tool does to the world, as our own manifest says it; a server's word makes it stricter at most."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

from counterfoil.terms.label import UNSEEN, Integrity, Label, Part, Secrecy

ConnectorId = NewType("ConnectorId", str)
"""A system that agents work in, such as `mail`, `slack`, `git`."""


class EffectClass(StrEnum):
    """What a tool does, from nothing to what can't be undone."""

    READ = "read"
    """Changes nothing, and what it asks stays with a system that has the data anyway."""
    ASK = "ask"
    """Changes nothing, but what is asked leaves: a page fetched, a search outside, a model."""
    DRAFT = "draft"
    """Lays something before the owner alone, who can throw it away."""
    ARRANGE = "arrange"
    """Moves or marks what is the owner's alone, and can be taken back."""
    CHANGE = "change"
    """Changes something that others see or use."""
    POST = "post"
    """Says something where many in the organisation read it."""
    SEND = "send"
    """Says something to named people, by mail or message."""
    DEPLOY = "deploy"
    """Puts a revision to work."""
    DELETE = "delete"
    """Takes something away for good."""
    PAY = "pay"
    """Moves money, or promises it."""
    GOVERN = "govern"
    """Changes rights, secrets or settings."""
    EXECUTE = "execute"
    """Runs code or commands."""

    @property
    def has_effect(self) -> bool:
        """Whether the world is another one after it; what is asked outside counts, since it leaves."""
        return self is not EffectClass.READ


class ArgumentRole(StrEnum):
    """What an argument is to the gate."""

    DESTINATION = "destination"
    """Where something goes, or whom it reaches. It can be endorsed by the owner's words."""
    SELECTOR = "selector"
    """An id of something that is there. Never endorsed by a mere substring."""
    AMOUNT = "amount"
    """How much money, or how many."""
    TYPED = "typed"
    """A number, date, flag or closed word that carries no text."""
    TEXT = "text"
    """Free text. Never endorsed by a destination beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArgumentSpec:
    """What the manifest says of one argument."""

    role: ArgumentRole
    kind: str = ""
    """For a destination: what it is one of, such as `mail`, `channel`, `host`, `repo`, `environment`."""
    may_be_empty: bool = False
    """For a destination: whether a call without it reaches nobody else, as an event without guests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One argument of a call: its value as it will be sent, and where each part of it comes from."""

    name: str
    role: ArgumentRole
    kind: str
    """What a destination is one of, such as `mail`, `channel`, `host`, `repo`, `environment`, `model`."""
    json: str
    """The value, as canonical JSON."""
    parts: tuple[Part, ...]
    """Everything in it; never none, since a value without an origin is `UNSEEN`."""

    @property
    def label(self) -> Label:
        """Of all its parts together."""
        joined = self.parts[0].label if self.parts else UNSEEN
        for part in self.parts[1:]:
            joined |= part.label
        return joined


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One tool of a connector, as our manifest has it."""

    connector: ConnectorId
    name: str
    effect: EffectClass
    reversible: bool
    """Whether the system itself can take it back: trash, redact, revert."""
    arguments: Mapping[str, ArgumentSpec]
    """By name. An argument that is not here is refused."""
    output: Integrity
    """How far everything in its answer can be trusted, that `typed` does not name."""
    secrecy: Secrecy
    """Who may know its answer."""
    typed: tuple[str, ...] = ()
    """Fields of its answer, as dotted paths with `*` for every item, that the system itself vouches for."""
    named: str = ""
    """Field of a record in its answer by which people call it, such as `title`; `channel:*` where its answer
    is a list of bare destinations of a kind. Whoever wrote it, it is only compared with the owner's words."""
    why: str
    """One sentence that justifies the labels."""
    digest: str = ""
    """Hash of what the server says of it (name, description, schema), as pinned when it was granted."""
    hinted: Mapping[str, bool] = field(default_factory=dict)
    """What the server hints; taken only where it makes the tool stricter."""

    @property
    def id(self) -> str:
        """Its name in grants, rules and records, such as `mail/send`."""
        return f"{self.connector}/{self.name}"
