"""What a run needs of the rest: the gate, the systems of its owner, models, and what takes its usage."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from pydantic_ai.models import Model

from counterfoil.agents.connectors.connector import Connector
from counterfoil.agents.definition.written import Definition
from counterfoil.agents.gate import Gate, Held
from counterfoil.terms.agent import AgentId
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.tool import ConnectorId
from counterfoil.terms.usage import Usage


class Systems(Protocol):
    """The systems that an owner gave an agent access to, with credentials that live for a short time."""

    def of(self, agent: AgentId, owner: Pseudonym) -> Mapping[ConnectorId, Connector]:
        """Each connector by its id; one whose credential was revoked is not there."""


class Outbox(Protocol):
    """Where usage waits for the server."""

    def put(self, *rows: Usage) -> None:
        """Make rows durable; the same key twice is one row there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long things take, in seconds; tests are faster."""

    look_every: float = 1.0
    """How often it is looked whether a switch is off while a model thinks."""
    again_after: float = 2.0
    """Before a model that did not answer is asked again; twice as long each time."""
    again: int = 2
    """How often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """All of that."""

    gate: Gate
    systems: Systems
    outbox: Outbox
    model: Callable[[Definition], Model]
    """The model of a definition; raises SourceError where it can't be asked."""
    ask: Callable[[Held], None] = lambda held: None
    """Told when a call is held, so that somebody hears of it."""
    pace: Pace = field(default_factory=Pace)
