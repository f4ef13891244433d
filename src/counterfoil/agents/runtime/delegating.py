"""One agent asks another of the same owner: from its budget, with no more than its grants, and not without end."""

import json
from typing import Any

from counterfoil.agents.own_tools import ASK
from counterfoil.agents.runtime.acting import values_of
from counterfoil.agents.runtime.begun import Order, enter
from counterfoil.agents.runtime.hand import Hand
from counterfoil.store.agents import recorded
from counterfoil.store.agents.labelled import label_of
from counterfoil.terms.agent import AgentId, RunId
from counterfoil.terms.effect import Call, RunState
from counterfoil.terms.label import Integrity, Label


async def delegated(hand: Hand, call: Call, place: int) -> Any:
    """What another agent answered, as text like any other."""
    values = values_of(call)
    child = RunId(f"{hand.run.id}.{call.number}")
    hand.delegated += 1
    count = hand.delegated
    begun = await hand.journal.step("delegate", lambda: _begin(hand, call, child, values, count))
    if "why" in begun:
        return f"Not done: {begun['why']}"
    outcome = await hand.journal.delegate(child)
    label = label_of(outcome["label"])
    said = (
        outcome["said"] if outcome["state"] == RunState.DONE else f"It did not get through: {outcome['why']}"
    )
    hand.trace.told(
        said, Label(Integrity.UNTRUSTED, label.secrecy, label.sources | {f"{ASK.id}#{call.number}"})
    )
    return said


def _begin(hand: Hand, call: Call, child: RunId, values: dict[str, Any], count: int) -> dict[str, Any]:
    """Keep that the other run begins; why not, where it does not."""
    agent, limits = AgentId(str(values.get("agent", ""))), hand.definition.limits
    if count > limits.delegates:
        return {"why": f"it asked {limits.delegates} agents, which is its limit"}
    if hand.depth >= limits.depth:
        return {"why": "it was delegated to itself, as far down as that may go"}
    if agent in {hand.run.agent, *hand.above}:
        return {"why": "that agent delegated this, or something above it"}
    with hand.world.gate.keeping.database.read() as db:
        version = recorded.latest(db, agent)
    if version is None or version.owner != hand.run.owner:
        return {"why": "its owner has no agent of that name"}
    order = Order(
        agent=agent,
        owner=hand.run.owner,
        cause=hand.run.cause,
        set_off="agent",
        said=str(values.get("message", "")),
        label=hand.trace.composed(json.dumps(values.get("message", ""))).label | call.run_label,
        parent=hand.run.id,
        depth=hand.depth + 1,
    )
    refused = enter(hand.world.gate, order, child, version.number)
    return {} if refused is None else {"why": refused.why}
