"""Holds what a system has against what was let through: what fits neither way is told."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from counterfoil.agents.connectors.connector import Connector, Listing
from counterfoil.agents.gate import Gate
from counterfoil.agents.recorder import body_of
from counterfoil.store.agents import effects
from counterfoil.terms.effect import Effect, EffectState
from counterfoil.terms.error import ToolError
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.tool import ConnectorId


class Odd(StrEnum):
    """What does not fit."""

    UNRECORDED = "unrecorded"
    """It has the mark of an agent, and no effect here made it: somebody went around the gate."""
    NOT_OURS = "not-ours"
    """It stands there and no effect here made it: a person did, or somebody went around the gate."""
    NOT_THERE = "not-there"
    """It was said to be done, and the system has nothing of it."""
    UNLOGGED = "unlogged"
    """The database has it as an effect, and the log does not."""
    NOT_EXAMINED = "not-examined"
    """The system can't be asked, or does not say what agents did in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that does not fit."""

    odd: Odd
    connector: ConnectorId
    what: str
    """What the system calls it, or the key of an effect."""


def reconciled(
    gate: Gate, owner: Pseudonym, connectors: Mapping[ConnectorId, Connector]
) -> Sequence[Difference]:
    """What does not fit between the systems of an owner and the effects of all their agents.

    Raises: StoreError where the log or the database can't be read.
    """
    gate.keeping.recorder.settle()
    with gate.keeping.database.read() as db:
        known = effects.of_owner(db, owner)
    logged, holder = _logged(gate), gate.keeping.recorder.holder
    found = []
    for name, connector in sorted(connectors.items()):
        mine = [one.effect for one in known if one.effect.tool.startswith(f"{name}/") and one.does.has_effect]
        unlogged = [one.effect for one in known if one.holder == holder and one.effect.key not in logged]
        found += [
            Difference(odd=Odd.UNLOGGED, connector=name, what=one.key) for one in unlogged if one in mine
        ]
        found += _compared(name, connector, [one for one in mine if one not in unlogged])
    return found


def _compared(name: ConnectorId, connector: Connector, known: Sequence[Effect]) -> Iterator[Difference]:
    if not isinstance(connector, Listing):
        yield Difference(odd=Odd.NOT_EXAMINED, connector=name, what="it does not list what agents did in it")
        return
    try:
        listed = connector.listed()
    except ToolError as error:
        yield Difference(odd=Odd.NOT_EXAMINED, connector=name, what=error.message)
        return
    # What is intended or unconfirmed may be there, and need not.
    marks = {connector.mark(one.key): one for one in known if one.state is not EffectState.FAILED}
    for mark, what in sorted(listed.marked.items()):
        if mark not in marks:
            yield Difference(odd=Odd.UNRECORDED, connector=name, what=what)
    for mark, what in sorted(listed.standing.items()):
        if mark not in listed.marked:
            yield Difference(odd=Odd.NOT_OURS, connector=name, what=what)
    for mark, effect in sorted(marks.items()):
        if effect.state is EffectState.DONE and mark not in listed.marked:
            yield Difference(odd=Odd.NOT_THERE, connector=name, what=effect.key)


def _logged(gate: Gate) -> frozenset[str]:
    """The keys of all effects in this process's log."""
    log = gate.keeping.recorder.log
    bodies = (body_of(log.entry(index)) for index in range(len(log)))
    return frozenset(str(body["key"]) for body in bodies if body["what"] == "effect")
