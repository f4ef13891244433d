"""A gate as tests need it: an agent with grants, a ceiling, a clock that stands still until it is moved."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from counterfoil.agents.gate import Cleared, Gate, Held
from counterfoil.agents.keeping import Keeping
from counterfoil.agents.lifeline import Told
from counterfoil.ledger.sign import SignerKey
from counterfoil.store.agents.database import Database
from counterfoil.store.agents.granted import Enrolled
from counterfoil.terms.agent import Ceiling, Grant
from counterfoil.terms.effect import Approval, Call
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.release import Permit, Refuse
from counterfoil.terms.tool import EffectClass
from guard.acting.calls import ANNA, BORIS, CEILING, FOREIGN, SOME, TRIAGE, call, grant, tool

ANN = "ann@example.org"
SEND = tool(EffectClass.SEND)
READ = tool(EffectClass.READ)
EVE = "eve@elsewhere.example"
GRANTS = (grant(SEND, f"mail:{ANN}", f"mail:{EVE}"), grant(READ))
ENROLLED = Enrolled(id=TRIAGE, owner=ANNA, budget=SOME)
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
KEY = bytes(range(32))
__all__ = ["ANNA", "BORIS", "CEILING", "FOREIGN", "SOME", "TRIAGE", "call", "grant", "tool"]


@dataclass
class Clock:
    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at

    def on(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class World:
    """A gate, and what it stands on."""

    folder: Path
    database: Database
    lifeline: Told = field(default_factory=lambda: Told([CEILING]))
    clock: Clock = field(default_factory=Clock)
    gate: Gate = field(init=False)

    def __post_init__(self) -> None:
        self.gate = self.opened()

    def opened(self) -> Gate:
        key = SignerKey.of(f"agents.example/{self.folder.name}", KEY)
        return Gate(Keeping(self.folder, key, self.database, self.lifeline, self.clock))

    def again(self) -> Gate:
        """The gate after its process died and another one began."""
        self.gate.keeping.recorder.close()
        self.gate = self.opened()
        return self.gate

    def enrol(self, *grants: Grant, owner: Pseudonym = ANNA) -> None:
        agent = replace(ENROLLED, owner=owner)
        assert isinstance(self.gate.enrolment.enrol(agent, grants or GRANTS), Permit)


@contextmanager
def world(
    folder: Path, database: Database | None = None, ceilings: Sequence[Ceiling] = (CEILING,)
) -> Iterator[World]:
    folder.mkdir(exist_ok=True, parents=True)
    made = World(folder, database or Database.in_file(folder / "agents.sqlite"), Told(list(ceilings)))
    made.enrol()
    yield made
    made.gate.close()


def foreign(number: int = 1, **more: Any) -> Call:
    """A call that needs the owner's yes."""
    return call(SEND, **{"to": ANN, "text": f"re {number}", "text_label": FOREIGN, "number": number, **more})


def cleared(answer: Any) -> Cleared:
    assert isinstance(answer, Cleared), answer
    return answer


def held(answer: Any) -> Approval:
    assert isinstance(answer, Held), answer
    return answer.approval


def refused(answer: Any) -> str:
    assert isinstance(answer, Refuse), answer
    return answer.clause
