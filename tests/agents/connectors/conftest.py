"""What tests of connectors share: a real homeserver, and servers that break in every way."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agents.connectors.environments import install, python_of
from agents.connectors.homeserver import Homeserver, running
from counterfoil.agents.connectors import service


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look again without waiting, as often as otherwise."""
    monkeypatch.setattr(service, "PAUSES", (0.0,) * len(service.PAUSES))


@pytest.fixture(scope="session")
def homeserver(
    need: Callable[[str, bool, str], None], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Homeserver]:
    """A real Synapse."""
    python = python_of("synapse", "synapse")
    need("Synapse", python is not None, install("synapse"))
    assert isinstance(python, Path)
    with running(python, tmp_path_factory.mktemp("synapse")) as found:
        yield found
