"""Calls through the gateway: what reaches the server, what waits, what is refused, and what is recorded."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from agents.gateway.front import Front, Up, front, reached, run, stdio
from agents.kept import World
from counterfoil.store.agents import effects
from counterfoil.terms.agent import Stop
from counterfoil.terms.effect import Effect, EffectState
from deadline import soon
from guard.acting.calls import ANNA


def journal_of(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def effects_of(w: World) -> list[Effect]:
    whole = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    with w.database.read() as db:
        return [one.effect for one in effects.of_span(db, *whole)]


def test_a_granted_call_is_recorded_before_it_reaches_the_server_and_finished_after(
    w: World, journal: Path
) -> None:
    async def go() -> Front:
        at = await front(w, stdio("notes", journal))
        assert await at.call("post_note", channel="#ops", text="all well") == "posted"
        return at

    run(go())
    assert journal_of(journal) == ["post #ops all well"]
    (effect,) = effects_of(w)
    assert (effect.state, effect.to, effect.cause.kind) == (EffectState.DONE, ("channel:#ops",), "request")


def test_a_held_call_is_the_same_one_when_it_is_made_again_and_happens_once_after_a_yes(
    w: World, up: Up
) -> None:
    async def go() -> None:
        at = await front(w, reached(up.port))
        await at.call("read_note", id=1)
        first = await at.call("post_note", channel="#ops", text="as the note says")
        again = await at.call("post_note", channel="#ops", text="as the note says")
        assert first == again
        assert first.startswith("Held: waits for approval ")
        (asked,) = w.gate.approvals.open_for(ANNA)
        assert asked.id in first
        w.gate.approvals.approve(asked.id, ANNA)
        other = await at.call("post_note", channel="#ops", text="something else")
        assert "Held" in other
        assert await at.call("post_note", channel="#ops", text="as the note says") == "posted"
        assert "Held" in await at.call("post_note", channel="#ops", text="as the note says")

    run(go())
    assert up.deeds == ["read 1", "post #ops as the note says"]


def test_what_the_server_is_and_was_not_granted_never_reaches_it(w: World, up: Up) -> None:
    async def go() -> None:
        at = await front(w, reached(up.port))
        assert "Refused (unknown-tool)" in await at.call("surprise")
        assert "Refused (unknown-tool)" in await at.call("no_such_tool")
        assert "Refused (not-granted)" in await at.call("post_note", channel="#all", text="hi")
        assert "Refused (unknown-argument)" in await at.call(
            "post_note", channel="#ops", text="hi", cc="#all"
        )
        assert "Refused (strange-destination)" in await at.call("post_note", channel={"a": 1}, text="hi")
        w.gate.switches.off(Stop(what="agent:triage", by=ANNA, at=w.clock(), why="enough"))
        assert "Refused (stopped)" in await at.call("post_note", channel="#ops", text="hi")

    run(go())
    assert up.deeds == []


def test_a_no_stays_a_no_and_a_person_can_change_what_is_sent(w: World, up: Up) -> None:
    async def go() -> None:
        at = await front(w, reached(up.port))
        await at.call("read_note", id=1)
        for text in ("one", "two"):
            await at.call("post_note", channel="#ops", text=text)
        one, two = sorted(w.gate.approvals.open_for(ANNA), key=lambda asked: asked.number)
        w.gate.approvals.deny(one.id, ANNA, "not now")
        w.gate.approvals.edit(two.id, ANNA, {"channel": "#ops", "text": "better"})
        for _ in range(2):
            refused = await at.call("post_note", channel="#ops", text="one")
            assert "Refused (denied)" in refused
            assert "not now" in refused
        assert await at.call("post_note", channel="#ops", text="two") == "posted"

    run(go())
    assert up.deeds == ["read 1", "post #ops better"]


def test_a_held_call_can_wait_a_while_for_its_yes(w: World, up: Up) -> None:
    async def go() -> None:
        text = reached(up.port).replace('reads = "nothing"', 'reads = "untrusted"\nwait_seconds = 20')
        at = await front(w, text)
        asking = asyncio.create_task(at.call("post_note", channel="#ops", text="late"))
        await soon(lambda: w.gate.approvals.open_for(ANNA), what="a call that waits for a yes")
        w.gate.approvals.approve(w.gate.approvals.open_for(ANNA)[0].id, ANNA)
        assert await asking == "posted"

    run(go())


def test_a_client_that_reads_elsewhere_speaks_for_nobody_unless_its_owner_named_the_place(
    w: World, up: Up
) -> None:
    async def go() -> None:
        private = reached(up.port).replace('reads = "nothing"', 'reads = "private"')
        at = await front(w, private, to=("channel:*",))
        assert "Refused (private-to-unnamed)" in await at.call("post_note", channel="#ops", text="hi")
        told = private.replace('reads = "private"', 'reads = "private"\nwords = "post to #ops"')
        at = await front(w, told, to=("channel:*",))
        assert "Refused (private-to-unnamed)" in await at.call("post_note", channel="#all", text="hi")
        assert "Held" in await at.call("post_note", channel="#ops", text="hi")

    run(go())
    assert up.deeds == []
