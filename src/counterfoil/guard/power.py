"""What could be seen."""

from collections.abc import Sequence

from counterfoil.terms.audit import PowerSeen


def power_of(sizes: Sequence[int]) -> Sequence[PowerSeen]:
    """Power."""
    return []
