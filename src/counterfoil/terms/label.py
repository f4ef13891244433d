"""Where a value comes from and who may know it: labels that only ever grow."""

from dataclasses import dataclass
from enum import IntEnum


class Integrity(IntEnum):
    """How far the words of a value can be trusted; the larger, the less."""

    OWNER = 0
    """The owner's own words, or their definition of the agent."""
    TYPED = 1
    """A field of a trusted system that nobody outside can write in: an id, a date, a state."""
    UNTRUSTED = 2
    """Text that somebody else could have written, or of which nothing is known."""


class Secrecy(IntEnum):
    """Who may know a value; the larger, the fewer."""

    PUBLIC = 0
    INTERNAL = 1
    """For anybody in the organisation."""
    PRIVATE = 2
    """For the owner, and for whom the owner names."""


@dataclass(frozen=True, slots=True)
class Label:
    """What a value carries along, whoever hands it on."""

    integrity: Integrity
    secrecy: Secrecy
    sources: frozenset[str] = frozenset()
    """Where its parts come from, such as `owner` or `mail/read#3`; for the card, never for a decision."""

    def __or__(self, other: "Label") -> "Label":
        """The label of both together: no more trusted, and no less secret, than either."""
        return Label(
            max(self.integrity, other.integrity),
            max(self.secrecy, other.secrecy),
            self.sources | other.sources,
        )


OWNERS = Label(Integrity.OWNER, Secrecy.PUBLIC, frozenset({"owner"}))
UNSEEN = Label(Integrity.UNTRUSTED, Secrecy.PRIVATE, frozenset({"unknown"}))
"""Of what nothing is known."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of an argument with its label."""

    text: str
    label: Label
