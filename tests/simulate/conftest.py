"""Small companies that several tests live in."""

import pytest

from counterfoil.simulate.company.people import People, invent


@pytest.fixture(scope="session")
def crowd() -> People:
    """Enough people that shares hardly move with the seed; nobody joins or leaves."""
    return invent(20_000, seed=1, weeks=0)


@pytest.fixture(scope="session")
def handful() -> People:
    """A few hundred people."""
    return invent(400, seed=5, weeks=0)
