"""Keeps that a run begins: who asked for it, what was said to it, and how far that can be trusted."""

from dataclasses import dataclass

from counterfoil.agents.gate import Gate
from counterfoil.store.agents import recorded
from counterfoil.store.agents.recorded import Begun
from counterfoil.terms.agent import AgentId, Cause, RunId
from counterfoil.terms.effect import Run, RunState
from counterfoil.terms.ids import MicroUsd, Pseudonym
from counterfoil.terms.label import OWNERS, Label
from counterfoil.terms.release import Refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a run is to do."""

    agent: AgentId
    owner: Pseudonym
    cause: Cause
    set_off: str
    """The trigger, as `agents/*.toml` names it, or `agent`, or `consolidate`."""
    said: str = ""
    label: Label = OWNERS
    """Of what was said; only its owner's own words are trusted as such."""
    parent: RunId | None = None
    depth: int = 0


def enter(gate: Gate, order: Order, run: RunId, version: int) -> Refuse | None:
    """Keep that a run begins; nothing where it was kept before, since that is the same run."""
    begun = Begun(run=run, set_off=order.set_off, said=order.said, label=order.label, depth=order.depth)
    with gate.keeping.database.write() as db:
        recorded.begin(db, begun)
    answer = gate.spending.begin_run(
        Run(
            id=run,
            agent=order.agent,
            owner=order.owner,
            version=version,
            cause=order.cause,
            state=RunState.QUEUED,
            began=gate.keeping.now(),
            ended=None,
            spent=MicroUsd(0),
            spent_is_floor=False,
            parent=order.parent,
        )
    )
    return answer if isinstance(answer, Refuse) and answer.clause != "run-known" else None
