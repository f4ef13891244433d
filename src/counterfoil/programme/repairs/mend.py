"""What a repair is: a function from a case and the place of a finding to a changed programme, in words."""

from collections.abc import Callable
from dataclasses import dataclass

from counterfoil.programme.rule import Case
from counterfoil.terms.programme import Programme


@dataclass(frozen=True, slots=True)
class Mended:
    """A programme with one thing changed."""

    programme: Programme
    says: str
    """What was changed, in words."""
    to_do: bool = False
    """Whether the organisation has to make it true before launch."""


Mend = Callable[[Case, str], Mended]
"""Changes what a finding at a place asks for, and nothing else."""
