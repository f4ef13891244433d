"""What organisations of some size could see of a number before they launch it; nothing is read for it."""

from collections.abc import Sequence

from counterfoil.measure.gaming.power import SIZES as SIMULATED
from counterfoil.measure.gaming.power import outlook
from counterfoil.terms.audit import Outlook

SIZES = tuple(SIMULATED)
"""The sizes that are told of where none is named."""


def outlooks(sizes: Sequence[int]) -> Sequence[Outlook]:
    """What each could see, and how soon."""
    return [outlook(size) for size in sizes]
