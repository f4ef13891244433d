"""One gate for a gateway, and a server that notes down what it did."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agents.gateway.front import Up, running
from agents.gateway.servers import notes
from agents.kept import World, world
from counterfoil.terms.tool import ConnectorId, EffectClass
from guard.acting.calls import CEILING

NOTES = replace(CEILING, connectors={ConnectorId("notes"): tuple(EffectClass)})


@pytest.fixture
def w(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path / "gate", ceilings=[NOTES]) as made:
        yield made


@pytest.fixture
def up() -> Iterator[Up]:
    deeds: list[str] = []
    with running(notes(deeds.append).streamable_http_app()) as port:
        yield Up(port, deeds)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal"
