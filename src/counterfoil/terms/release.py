"""Questions and what may come back of them."""

from dataclasses import dataclass
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Released(Generic[Answer]):
    """An answer that the guard let out. Only the guard builds one; show accepts nothing else."""

    answer: Answer
    clause: str
    """The rule under which it was released."""


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave to answer, under a clause."""

    clause: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """A refusal with its clause in words, decided from the question and rules only."""

    clause: str
    why: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """An answer held back because of its values. It gives no reason, since a reason would tell of them."""
