"""What was made and what became of it."""

from enum import StrEnum


class FateKind(StrEnum):
    """Where a change stands today; the first that applies, in this order."""

    REVERTED = "reverted"
    CORRECTED = "corrected"
    REPLACED = "replaced"
    STANDING = "standing"
    TOO_YOUNG = "too_young"


class SpendPart(StrEnum):
    """The parts of a spend; together they are all of it."""

    STANDING = "standing"
    CORRECTED = "corrected"
    REVERTED = "reverted"
    REPLACED = "replaced"
    """Replaced by design: rewritten or removed for a reason that was no correction."""
    TOO_YOUNG = "too_young"
    """Landed less than 30 days ago and not corrected so far."""
    NOTHING_FOUND = "nothing_found"
    """In a repository that was examined, but no change was found; exploring is not waste."""
    NOT_EXAMINED = "not_examined"
    """In a repository or folder that could not be examined."""
    UNKNOWN = "unknown"
    """The log does not say where it was spent."""


class Rewriter(StrEnum):
    """Who rewrote a line, as a class; never a name."""

    SAME_PERSON = "same_person"
    OTHER = "other"
    AGENT = "agent"
