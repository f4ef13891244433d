"""One call of one tool, in one step: judged, recorded, made, finished; found as done where it was made."""

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from counterfoil.agents.attempt import Attempt
from counterfoil.agents.connectors.connector import Answer, Connector, NotDone
from counterfoil.agents.gate import Cleared, Held
from counterfoil.agents.memory import Notebook, remembered
from counterfoil.agents.own_tools import AGENTS, NOTES
from counterfoil.agents.runtime.ending import end
from counterfoil.agents.runtime.hand import Hand, shown
from counterfoil.agents.written import call_bytes
from counterfoil.store.agents.labelled import written as label_text
from counterfoil.store.agents.recorded import Did
from counterfoil.terms.agent import RunId
from counterfoil.terms.effect import Call, Effect, EffectState, Hold, RunState
from counterfoil.terms.label import Label
from counterfoil.terms.release import Permit, Refuse

UNCONFIRMED = (
    "It was sent, and nobody knows whether it happened. Somebody has to look; it is not tried again."
)
NO_SYSTEM = Refuse("no-system", "Its system can't be reached, or its access was taken away.")
MORE_THAN_ABOVE = Refuse("more-than-above", "The agent that delegated this may not do it without a person.")
NOT_THE_SAME = Refuse("not-what-was-asked", "Another call was made under its number.")
STOPS = ("stopped", "not-live")
"""Clauses that end a run, since nothing else would be let through either."""


def act(hand: Hand, call: Call, place: int) -> dict[str, Any]:
    """Make one call, if it may be made; what became of it, as JSON."""
    limit = hand.definition.limits.tool_calls
    if call.number > hand.allowed(limit):
        return end(RunState.FAILED, f"It called tools {limit} times, which is its limit.")
    began, before = time.monotonic(), hand.world.gate.effect(call.key)
    result = _asked(hand, call) if before is None else _told_again(hand, call, before)
    result["seconds"] = round(time.monotonic() - began, 3)
    hand.record(_did(hand, call, place, result))
    return result


def _asked(hand: Hand, call: Call) -> dict[str, Any]:
    """Ask the gate, and do what it lets through."""
    connector = hand.connectors().get(call.tool.connector)
    if call.tool.connector in {AGENTS, NOTES}:
        tool = call.tool
    elif connector is None or (now := connector.tools.get(call.tool.name)) is None:
        return _refused(NO_SYSTEM)
    else:
        # As its server has it now: one that changed since it was granted is another tool.
        tool = now
    call = replace(call, tool=tool)
    needless = ""
    # A system is not even looked at for what is refused whatever it says.
    asks = connector is not None and tool.effect.has_effect
    if asks and not isinstance(hand.world.gate.judge(call), Refuse):
        with Attempt() as looked:
            needless = connector.needless(tool.name, values_of(call)) if connector is not None else ""
        if looked.error is not None:
            return _refused(NO_SYSTEM)
    refused = above(hand, call, needless)
    answer = hand.world.gate.begin(call, needless=needless) if refused is None else refused
    if isinstance(answer, Refuse):
        return end(RunState.STOPPED, answer.why) if answer.clause in STOPS else _refused(answer)
    if isinstance(answer, Held):
        hand.world.ask(answer)
        return {
            "verdict": "hold",
            "clause": answer.hold.clause,
            "why": answer.hold.why,
            "approval": answer.approval.id,
        }
    return _done(hand, connector, answer)


def above(hand: Hand, call: Call, needless: str) -> Refuse | None:
    """Why an agent above this one could not do it: a delegate never does more than who delegated to it."""
    if not hand.above or call.tool.connector in {AGENTS, NOTES}:
        return None
    # Under a name of its own, so that what a person said of the call itself is none of it.
    plain = replace(call, run=RunId(f"{call.run}^"))
    own = hand.world.gate.judge(plain, needless=needless)
    for agent in hand.above:
        judged = hand.world.gate.judge(replace(plain, agent=agent), needless=needless)
        if isinstance(judged, Refuse):
            return Refuse(
                MORE_THAN_ABOVE.clause, f"The agent that delegated this may not do it: {judged.why}"
            )
        if isinstance(judged, Hold) and isinstance(own, Permit):
            return MORE_THAN_ABOVE
    return None


def _done(hand: Hand, connector: Connector | None, cleared: Cleared) -> dict[str, Any]:
    """Do what was let through, and say what became of it."""
    call, label = cleared.call, None
    answer = Answer(None)
    with Attempt() as attempt:
        if call.tool.connector == NOTES:
            answer, label = _noted(hand, call)
        elif connector is not None:
            answer = connector.do(call.tool.name, values_of(call), cleared.key)
    if isinstance(attempt.error, NotDone):
        hand.world.gate.finish(cleared, state=EffectState.FAILED, why=attempt.error.message)
        return {"verdict": "failed", "clause": cleared.clause, "why": attempt.error.message}
    if attempt.error is not None and not cleared.recorded:
        return {"verdict": "failed", "clause": cleared.clause, "why": attempt.why}
    if attempt.error is not None:
        hand.world.gate.finish(cleared, state=EffectState.UNCONFIRMED, why=type(attempt.error).__name__)
        return _found(hand, call, cleared.clause)
    hand.world.gate.finish(cleared, state=EffectState.DONE, ref=answer.ref)
    return _permitted(cleared.clause, answer, label, edited=cleared.call if cleared.approval else None)


def _told_again(hand: Hand, call: Call, before: Effect) -> dict[str, Any]:
    """What became of a call that was let through before: after a crash, or when a person lets a run go on."""
    if before.tool != call.tool.id:
        return _refused(NOT_THE_SAME)
    match before.state:
        case EffectState.DONE:
            answer = _read_back(hand, call) or Answer({"done": True}, ref=before.ref)
            return _permitted(before.clause, answer, None)
        case EffectState.FAILED:
            return {
                "verdict": "failed",
                "clause": before.clause,
                "why": "it was looked at, and did not happen",
            }
    return _found(hand, call, before.clause)


def _found(hand: Hand, call: Call, clause: str) -> dict[str, Any]:
    """Look whether a call of which nobody knows did happen. It is never made again."""
    answer = _read_back(hand, call)
    if answer is None:
        return {**end(RunState.UNCONFIRMED, UNCONFIRMED), "verdict": "unconfirmed", "clause": clause}
    hand.world.gate.settle(call.key, state=EffectState.DONE, ref=answer.ref, why="read back")
    return _permitted(clause, answer, None)


def _read_back(hand: Hand, call: Call) -> Answer | None:
    connector = hand.connectors().get(call.tool.connector)
    found: Answer | None = None
    with Attempt():
        if call.tool.connector == NOTES:
            found = _noted(hand, call)[0]
        elif connector is not None:
            found = connector.read_back(call.tool.name, values_of(call), call.key)
    return found


def _noted(hand: Hand, call: Call) -> tuple[Answer, Label | None]:
    """A call to the notes; the same note twice is the same note."""
    world = hand.world
    notebook = Notebook(world.gate.keeping.database, hand.run.agent, world.gate.keeping.now)
    return remembered(notebook, call.tool.name, values_of(call), label=call.run_label, run=call.run)


def values_of(call: Call) -> dict[str, Any]:
    """Arguments as they will be sent."""
    return {argument.name: json.loads(argument.json) for argument in call.arguments}


def _refused(refusal: Refuse) -> dict[str, Any]:
    return {"verdict": "refuse", "clause": refusal.clause, "why": refusal.why}


def _permitted(
    clause: str, answer: Answer, label: Label | None, edited: Call | None = None
) -> dict[str, Any]:
    result = {"verdict": "permit", "clause": clause, "answer": shown(answer.value), "ref": answer.ref}
    if label is not None:
        result["label"] = label_text(label)
    if edited is not None:
        result["made"] = values_of(edited)
    return result


def _did(hand: Hand, call: Call, place: int, result: Mapping[str, Any]) -> Did:
    made = result.get("verdict") in {"permit", "failed", "unconfirmed"} and call.tool.effect.has_effect
    return Did(
        run=call.run,
        place=place,
        kind="agent" if call.tool.connector == AGENTS else "call",
        number=call.number,
        tool=call.tool.id,
        verdict=str(result.get("verdict", "end")),
        clause=str(result.get("clause", "")),
        why=str(result.get("why", "")),
        label=call.run_label,
        call=call_bytes(call),
        effect=call.key if made else "",
        at=hand.world.gate.keeping.now(),
    )
