"""What carries runs can't begin: it is tried again, said to be so, and let go of with its process."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.agents_place import place
from counterfoil.agents.household import Household
from counterfoil.agents.living import NoRuns
from counterfoil.agents.process import opened
from counterfoil.terms.error import StoreError
from deadline import until


@dataclass(frozen=True)
class Stuck(NoRuns):
    """It never begins."""

    done: list[str] = field(default_factory=list)

    def start(self) -> None:
        self.done.append("start")
        raise StoreError("full", "the disk is full", hint="make room")

    def close(self) -> None:
        self.done.append("close")


def test_what_could_not_begin_is_closed_with_its_process(tmp_path: Path) -> None:
    made: list[Household] = []
    stuck = Stuck()

    def household(hearing: Any, outbox: Any) -> Household:
        made.append(Household(tmp_path / "agents", hearing, outbox, lives=lambda _: stuck))
        return made[0]

    with place(tmp_path) as at, at.server(), opened(tmp_path / "agents", at.path, household):
        until(lambda: stuck.done.count("start") == 2, what="a second try")
        living = made[0].office.living
        assert isinstance(living, NoRuns) and "the disk is full" in living.why.why
        assert "close" not in stuck.done
    assert stuck.done.count("close") == 1
