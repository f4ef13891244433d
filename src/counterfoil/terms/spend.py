"""What became of what sessions of a person cost on a day, by how it is known which changes they made."""

from dataclasses import dataclass
from datetime import date

from counterfoil.terms.ids import MicroUsd, Pseudonym


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend:
    """A day's spend of a person, in parts that sum to it to the micro-dollar."""

    day: date
    who: Pseudonym
    path: str
    """How a session's commits are known: event, span, shared or mark; empty where none is."""
    cost: MicroUsd
    standing: MicroUsd
    """Made changes that stood 30 days after they landed."""
    undone: MicroUsd
    """Made changes that were corrected or taken back within 30 days."""
    not_landed: MicroUsd
    """Made commits of which nothing landed so far, in a repository whose forge tells of what lands."""
    too_young: MicroUsd
    """Made changes that landed less than 30 days ago, and that nothing undid so far."""
    not_examined: MicroUsd
    """Made commits in a repository of which no forge tells."""
    unknown: MicroUsd
    """No commit is known of it."""
    changes: int
    """Changes that stand and that this day's sessions were the first to work on."""
    requests: int
    unpriced: int
    """Requests that have no price."""
