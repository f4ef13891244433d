"""Proposes to take back a deployment that does not work; a person says yes, or it stays."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from counterfoil.agents.attempt import Attempt
from counterfoil.agents.connectors.connector import Connector, NotDone, Undoing
from counterfoil.agents.gate import Cleared, Gate
from counterfoil.agents.recovery import Connected
from counterfoil.agents.written import canonical
from counterfoil.store.agents import followed
from counterfoil.terms.agent import Cause, CauseKind, RunId
from counterfoil.terms.effect import Call, Effect, EffectState
from counterfoil.terms.label import Integrity, Label, Part, Secrecy
from counterfoil.terms.tool import Argument, ConnectorId, Tool

WATCH = ".watch"
"""The run of what is proposed is named after the run whose effect it would take back."""


@dataclass(frozen=True, slots=True)
class Watching:
    """For each failing deployment one proposal, once; made only after a yes."""

    gate: Gate
    connected: Connected

    def sweep(self) -> int:
        """Ask about what fails now, and make what a person said yes to; how many are failing.

        Raises: StoreError where the database can't be used.
        """
        with self.gate.keeping.database.read() as db:
            failing = followed.failing(db)
        for one in failing:
            self._take_back(one.effect)
        return len(failing)

    def _take_back(self, effect: Effect) -> None:
        connector = self.connected(effect.agent, ConnectorId(effect.tool.partition("/")[0]))
        system: object = connector
        if connector is None or not isinstance(system, Undoing) or self.gate.effect(_key(effect)):
            return
        undo, needless = None, ""
        with Attempt() as looked:
            if (undo := system.undo(effect)) is not None:
                needless = connector.needless(*undo)
        if undo is None or looked.error is not None:
            return
        name, arguments = undo
        call = undoing(effect, connector.tools[name], arguments)
        answer = self.gate.begin(call, needless=needless)
        if isinstance(answer, Cleared):
            made(self.gate, answer, connector, name)


def undoing(effect: Effect, tool: Tool, arguments: Mapping[str, Any]) -> Call:
    """The call that takes an effect back: the same every time it is asked about."""
    label = Label(Integrity.TYPED, Secrecy.INTERNAL, frozenset({effect.tool}))
    return Call(
        run=RunId(effect.key.rpartition(":")[0] + WATCH),
        number=int(effect.key.rpartition(":")[2]),
        agent=effect.agent,
        owner=effect.owner,
        tool=tool,
        arguments=tuple(_argument(tool, name, value, label) for name, value in arguments.items()),
        cause=Cause(CauseKind.EFFECT, effect.key),
        run_label=label,
    )


def made(gate: Gate, cleared: Cleared, connector: Connector, name: str) -> None:
    """Make a cleared call, once, and say what became of it."""
    arguments = {one.name: json.loads(one.json) for one in cleared.call.arguments}
    with Attempt() as attempt:
        ref = connector.do(name, arguments, cleared.key).ref
    if attempt.error is None:
        gate.finish(cleared, state=EffectState.DONE, ref=ref)
    else:
        surely_not = isinstance(attempt.error, NotDone)
        state = EffectState.FAILED if surely_not else EffectState.UNCONFIRMED
        gate.finish(cleared, state=state, why=attempt.why)


def _key(effect: Effect) -> str:
    run, _, number = effect.key.rpartition(":")
    return f"{run}{WATCH}:{number}"


def _argument(tool: Tool, name: str, value: Any, label: Label) -> Argument:
    spec = tool.arguments[name]
    parts = (Part(str(value), label),)
    return Argument(name=name, role=spec.role, kind=spec.kind, json=canonical(value), parts=parts)
