"""What was let through, held and refused, as other systems read it; and looking back at what nobody knows."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from agents.kept import ANN, NOON, SEND, TRIAGE, World, call, cleared, foreign, held, refused
from counterfoil.agents.connectors.connector import Answer
from counterfoil.agents.events import lines
from counterfoil.agents.recovery import look_back, unconfirmed
from counterfoil.terms.effect import Effect, EffectFate, EffectState, Followed
from counterfoil.terms.error import SourceError
from counterfoil.terms.tool import ConnectorId, Tool


class Mailbox:
    """A system that has some of what was sent."""

    id = ConnectorId("mail")

    def __init__(self, has: Mapping[str, str], *, down: bool = False) -> None:
        self.tools: Mapping[str, Tool] = {"send": SEND}
        self.has, self.down, self.asked = has, down, list[tuple[str, Mapping[str, Any]]]()

    def do(self, tool: str, arguments: Mapping[str, Any], key: str) -> Answer:
        raise AssertionError("an effect was made again")

    def read_back(self, tool: str, arguments: Mapping[str, Any], key: str) -> Answer | None:
        self.asked.append((key, arguments))
        if self.down:
            raise SourceError("down", "it does not answer", hint="wait")
        return Answer(None, self.has[key]) if key in self.has else None

    def needless(self, tool: str, arguments: Mapping[str, Any]) -> str:
        return ""

    def follow(self, effect: Effect, now: datetime) -> Followed:
        return Followed(key=effect.key, fate=EffectFate.NOT_EXAMINED, at=now)


def test_decisions_are_security_events(here: World) -> None:
    here.gate.finish(cleared(here.gate.begin(call(SEND, to=ANN))), state=EffectState.DONE, wait=False)
    held(here.gate.begin(foreign(2)))
    here.clock.on(seconds=1)
    refused(here.gate.begin(call(SEND, to="x@example.org", number=3)))
    told = [json.loads(line) for line in lines(here.gate.keeping, NOON, NOON + timedelta(hours=1))]
    assert [(e["action"], e["action_id"], e["disposition_id"]) for e in told] == [
        ("Allowed", 1, 1),
        ("Held", 99, 14),
        ("Denied", 2, 2),
    ]
    for event in told:
        assert event["class_uid"] == 6003 and event["category_uid"] == 6
        assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
        assert event["metadata"]["profiles"] == ["security_control"]
        assert event["actor"]["app_name"] == "triage" and event["api"]["operation"] == "send"
        assert {"time", "severity_id", "src_endpoint", "policy"} <= set(event)
        assert (
            "user" not in event["actor"] and "anna" not in json.dumps(event) and ANN not in json.dumps(event)
        )
    first = told[0]
    assert (first["status"], first["resources"][0]["name"]) == ("Success", "mail")
    assert told[2]["policy"]["name"] == "not-granted"
    assert len({event["metadata"]["uid"] for event in told}) == 3
    assert not list(lines(here.gate.keeping, NOON + timedelta(hours=1), NOON + timedelta(hours=2)))


def test_what_the_system_has_is_done_and_nothing_else_is(here: World) -> None:
    for number in (1, 2, 3):
        cleared(here.gate.begin(call(SEND, to=ANN, text=f"t{number}", number=number)))
    here.again()
    assert look_back(here.gate, lambda *_: None) == unconfirmed(here.gate)
    down = Mailbox({}, down=True)
    assert len(look_back(here.gate, lambda *_: down)) == 3
    mailbox = Mailbox({"run-1:2": "<m2>"})
    left = look_back(here.gate, lambda *which: mailbox if which == (TRIAGE, "mail") else None)
    assert [effect.key for effect in left] == ["run-1:1", "run-1:3"]
    assert mailbox.asked[0] == ("run-1:1", {"to": ANN, "text": "t1"})
    found = here.gate.effect("run-1:2")
    assert found is not None and (found.state, found.ref) == (EffectState.DONE, "<m2>")
    mailbox.tools = {}
    assert len(look_back(here.gate, lambda *_: mailbox)) == 2
    assert refused(here.gate.begin(replace(call(SEND, to=ANN, text="t1")))) == "twice"
