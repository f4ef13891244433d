"""What people of an invented company do for a living, and how much of each kind of work a task comes to."""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from counterfoil.simulate.company.chance import seeded, uniform
from counterfoil.simulate.company.people import People


class Role(StrEnum):
    """A whole team has one."""

    ENGINEERING = "engineering"
    OPERATIONS = "operations"
    SUPPORT = "support"
    OFFICE = "office"


class Made(StrEnum):
    """Kinds of work that are followed."""

    CHANGE = "change"
    DEPLOYMENT = "deployment"
    DRAFT = "draft"
    TICKET = "ticket"


SHARES = {Role.ENGINEERING: 0.55, Role.OPERATIONS: 0.15, Role.SUPPORT: 0.1, Role.OFFICE: 0.2}
"""Share of teams: an assumption."""
RATES = {
    Made.CHANGE: (0.45, 0.15, 0.0, 0.02),
    Made.DEPLOYMENT: (0.06, 0.2, 0.0, 0.0),
    Made.DRAFT: (0.05, 0.1, 0.3, 0.45),
    Made.TICKET: (0.1, 0.2, 0.5, 0.05),
}
"""Works of each kind that one task comes to, in each role: assumptions."""


def roles(people: People, *, seed: int) -> NDArray[np.int64]:
    """The role of each person, that of their first team; its place in Role.

    Shape: (people,).
    """
    drawn = uniform(seeded(seed, np.arange(people.teams) + (1 << 55)))
    edges = np.cumsum(list(SHARES.values()))
    return np.minimum(np.searchsorted(edges, drawn, side="right"), len(SHARES) - 1)[people.team]
