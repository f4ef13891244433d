"""Looks for effects of which nobody knows whether they happened, where the system itself can tell."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from counterfoil.agents.attempt import Attempt
from counterfoil.agents.connectors.connector import Connector
from counterfoil.agents.gate import Gate
from counterfoil.store.agents import effects
from counterfoil.terms.agent import AgentId
from counterfoil.terms.effect import Effect, EffectState
from counterfoil.terms.tool import ConnectorId, EffectClass

Connected = Callable[[AgentId, ConnectorId], Connector | None]
"""The connector of an agent, with its owner's credentials; None where there is none any longer."""
MOST = 200
"""Effects that are looked for at a time."""


def unconfirmed(gate: Gate) -> Sequence[Effect]:
    """Effects that a person has to look at, oldest first; what was only asked changed nothing.

    Raises: StoreError where the database can't be asked.
    """
    with gate.keeping.database.read() as db:
        return [one.effect for one in _in_doubt(db)]


def look_back(gate: Gate, connected: Connected) -> Sequence[Effect]:
    """Ask each system for what nobody knows of; what it has is done. Which effects are still unconfirmed.

    That a system has nothing of one proves nothing: it may be on its way. It is never made again; a person
    may say that it did not happen.

    Raises: StoreError where what was found can't be recorded.
    """
    with gate.keeping.database.read() as db:
        left = _in_doubt(db)
    found = {one.effect.key for one in left[:MOST] if _found(gate, one, connected)}
    return [one.effect for one in left if one.effect.key not in found]


def _in_doubt(db: Connection) -> Sequence[effects.Intended]:
    return [one for one in effects.left(db, EffectState.UNCONFIRMED) if one.does is not EffectClass.ASK]


def _found(gate: Gate, one: effects.Intended, connected: Connected) -> bool:
    name, _, tool = one.effect.tool.partition("/")
    arguments: Mapping[str, Any] = json.loads(one.arguments or "{}")
    connector = connected(one.effect.agent, ConnectorId(name))
    if connector is None or tool not in connector.tools:
        return False
    answer = None
    with Attempt():
        answer = connector.read_back(tool, arguments, one.effect.key)
    if answer is None:
        return False
    return gate.settle(
        one.effect.key, state=EffectState.DONE, ref=answer.ref, why="found in the system itself"
    )
