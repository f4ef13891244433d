"""One thing that is wrong with a definition."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wrong:
    """What keeps a definition from being run."""

    where: str
    """The field, such as `grants[0].to`; empty for the file as a whole."""
    says: str
    hint: str
    """One thing to do."""
