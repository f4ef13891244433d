"""What the directory says of people and groups; it lies with the keys of people, and nowhere else."""

from dataclasses import dataclass
from enum import StrEnum

from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import CardId, Pseudonym, UnitId
from counterfoil.terms.usage import NOT_STATED

NOT_A_PERSON = Pseudonym("")


class CardKind(StrEnum):
    """What a card is about."""

    PERSON = "person"
    GROUP = "group"
    FORMER = "former"
    """Somebody whom the directory no longer has; if it has them again, they are the same person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One entry of the directory."""

    id: CardId
    """Issued here, never changed, and no pseudonym: whoever runs the directory learns none by it."""
    kind: CardKind
    who: Pseudonym = NOT_A_PERSON
    """Whose it is; empty for a group."""
    names: tuple[str, ...] = ()
    """What they are called elsewhere: user name, number, addresses. No two cards share one."""
    says: str
    """What the directory says of them, as JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where the directory puts somebody: what of all it says counts here."""

    active: bool
    role: str
    """Empty where it says none."""
    department: UnitId | Unknown
    division: UnitId | Unknown
    manager: str | Unknown
    """However the directory names them; they may come later, or never."""
    groups: tuple[CardId, ...] = ()
    """In the order in which they were put there."""


NOWHERE = Placed(active=False, role="", department=NOT_STATED, division=NOT_STATED, manager=NOT_STATED)
"""Somebody whom the directory no longer has."""
