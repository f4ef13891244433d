"""What was let through, held and refused, as security events that other systems read.

Source: OCSF 1.6.0, class API Activity with the profile Security Control (schema.ocsf.io, read 2026-11-26).
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from counterfoil.agents.keeping import Keeping
from counterfoil.store.agents import effects, told
from counterfoil.store.agents.effects import Intended
from counterfoil.store.agents.told import Step
from counterfoil.terms.effect import EffectState
from counterfoil.terms.tool import EffectClass

VERSION = "1.6.0"
CATEGORY, CLASS = 6, 6003
"""Application Activity; API Activity."""
CREATE, READ, UPDATE, DELETE = 1, 2, 3, 4
ACTIVITY = {
    EffectClass.READ: READ,
    EffectClass.ASK: READ,
    EffectClass.CHANGE: UPDATE,
    EffectClass.ARRANGE: UPDATE,
    EffectClass.DEPLOY: UPDATE,
    EffectClass.DELETE: DELETE,
    EffectClass.GOVERN: UPDATE,
}
ALLOWED, DENIED, OTHER = 1, 2, 99
DISPOSITION = {
    "permit": (ALLOWED, "Allowed", 1),
    "refuse": (DENIED, "Denied", 2),
    "hold": (OTHER, "Held", 14),
}
"""By verdict: the action, its name, and the disposition: allowed, blocked, delayed."""
STATUS = {EffectState.DONE: (1, "Success"), EffectState.FAILED: (2, "Failure")}
INFORMATIONAL, LOW, MEDIUM = 1, 2, 3
SEVERITY = {"permit": INFORMATIONAL, "hold": LOW, "refuse": MEDIUM}
PEOPLE = frozenset({"mail", "person"})
"""Kinds of destinations that are people."""
Event = Mapping[str, Any]


def lines(keeping: Keeping, since: datetime, until: datetime) -> Iterator[str]:
    """The events of a span as JSON lines, oldest first.

    Raises: StoreError where the database can't be asked.
    """
    for event in events(keeping, since, until):
        yield json.dumps(event, separators=(",", ":"), sort_keys=True) + "\n"


def events(keeping: Keeping, since: datetime, until: datetime) -> Iterator[Event]:
    """The events of a span, oldest first.

    Raises: StoreError where the database can't be asked.
    """
    keeping.recorder.settle()
    with keeping.database.read() as db:
        found = [effect_event(one) for one in effects.of_span(db, since, until)]
        found += [step_event(step) for step in told.steps_of_span(db, since, until)]
    yield from sorted(found, key=lambda event: (event["time"], event["metadata"]["uid"]))


def effect_event(one: Intended) -> Event:
    """A call that was let through, with what became of it."""
    effect = one.effect
    status, name = STATUS.get(effect.state, (OTHER, effect.state.value.capitalize()))
    run, _, number = effect.key.rpartition(":")
    return {
        **_event("permit", effect.key, effect.tool, one.does, effect.at, effect.clause),
        "actor": _actor(effect.agent, run),
        "api": _api(effect.tool, f"{run}:{number}"),
        "resources": [{"name": _where(to), "role_id": 1} for to in effect.to],
        "status_id": status,
        "status": name,
        "status_detail": one.why,
    }


def step_event(step: Step) -> Event:
    """A call that was held or refused."""
    key = f"{step.run}:{step.number}"
    return {
        **_event(
            step.verdict, f"{key}:{step.verdict}:{step.clause}", step.tool, step.does, step.at, step.clause
        ),
        "actor": _actor(step.agent, step.run),
        "api": _api(step.tool, key),
        "count": step.times,
        "status_id": OTHER if step.verdict == "hold" else 2,
        "status": "Held" if step.verdict == "hold" else "Failure",
        "status_detail": step.why,
    }


def _event(verdict: str, uid: str, tool: str, does: EffectClass, at: datetime, clause: str) -> Event:
    activity = ACTIVITY.get(does, CREATE)
    action, name, disposition = DISPOSITION[verdict]
    return {
        "activity_id": activity,
        "category_uid": CATEGORY,
        "class_uid": CLASS,
        "type_uid": CLASS * 100 + activity,
        "time": int(at.timestamp() * 1000),
        "severity_id": SEVERITY[verdict],
        "action_id": action,
        "action": name,
        "disposition_id": disposition,
        "policy": {"name": clause, "uid": clause},
        "message": f"{name}: {tool}",
        "src_endpoint": {"name": "agents", "type_id": OTHER},
        "metadata": {
            "version": VERSION,
            "uid": uid,
            "profiles": ["security_control"],
            "product": {"name": "counterfoil", "vendor_name": "Counterfoil"},
        },
    }


def _where(to: str) -> str:
    """A destination; of a person only that it is one."""
    kind = to.partition(":")[0]
    return kind if kind in PEOPLE else to


def _actor(agent: str, run: str) -> Event:
    """The agent, which is an application. Whose it is opens in a case, and not to whoever reads events."""
    return {"app_name": agent, "app_uid": agent, "session": {"uid": run}}


def _api(tool: str, key: str) -> Event:
    service, _, operation = tool.partition("/")
    return {"operation": operation, "service": {"name": service}, "request": {"uid": key}}
