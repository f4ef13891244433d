"""A real repository held against the log: what somebody did around the gate is told, and nothing else is."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agents.git.test_git import SHOP, Server
from agents.kept import ANNA, BORIS, World, cleared, grant
from counterfoil.agents.connectors.git.connector import Git
from counterfoil.agents.connectors.git.manifest import GIT, TOOLS
from counterfoil.agents.connectors.git.repository import kept_under
from counterfoil.agents.reconcile import Odd, reconciled
from counterfoil.store.agents.shape import EFFECT
from counterfoil.terms.effect import Call, EffectState
from counterfoil.terms.label import OWNERS
from counterfoil.terms.tool import ArgumentRole, EffectClass
from guard.acting.calls import CEILING, REQUEST, TRIAGE, argument, call, tool

REPO = ArgumentRole.DESTINATION
DEPLOY = replace(TOOLS["deploy"], digest="pinned")


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


@pytest.fixture
def w(here: World) -> Iterator[World]:
    over = replace(CEILING, connectors={**CEILING.connectors, GIT: tuple(EffectClass)}, production=())
    here.lifeline.tell(ceilings=[replace(over, inside=("repo:*", "environment:*"))])
    here.enrol(grant(DEPLOY, "repo:shop", "environment:production"))
    yield here


def deploy(server: Server, which: int, number: int) -> Call:
    arguments = (
        argument("repo", "shop", role=REPO, kind="repo"),
        argument("environment", "production", role=REPO, kind="environment"),
        argument("revision", server.revisions[which], role=ArgumentRole.SELECTOR),
    )
    made = call(tool(EffectClass.READ), number=number)
    return replace(made, tool=DEPLOY, arguments=arguments, cause=REQUEST, agent=TRIAGE, run_label=OWNERS)


def done(w: World, server: Server, which: int, number: int) -> str:
    """A deployment by an agent, through the gate."""
    one = cleared(w.gate.begin(deploy(server, which, number)))
    answer = server.connector.do("deploy", {**SHOP, "revision": server.revisions[which]}, one.key)
    w.gate.finish(one, state=EffectState.DONE, ref=answer.ref)
    return one.key


def odd(w: World, connector: Any, who: Any = ANNA) -> list[tuple[Odd, str]]:
    return [(one.odd, one.what) for one in reconciled(w.gate, who, {GIT: connector})]


def test_asi10_what_agents_did_and_what_the_log_says_are_the_same(w: World, server: Server) -> None:
    done(w, server, 0, 1)
    done(w, server, 1, 2)
    assert not odd(w, server.connector)


def test_asi10_what_was_done_around_the_gate_is_an_alarm(w: World, server: Server) -> None:
    key = done(w, server, 0, 1)
    # With the agent's own credentials, and its marks, but not through the gate.
    server.deploy(1, key="rogue:1")
    assert odd(w, server.connector) == [(Odd.UNRECORDED, f"shop: a deployment of {server.revisions[1]}")]
    # Without a mark: a person may have done that, and so it is said.
    server.push(f"{server.revisions[2]}:refs/heads/production")
    told = dict(odd(w, server.connector))
    assert told[Odd.NOT_OURS] == f"shop: production runs {server.revisions[2]}"
    # Somebody takes the trace of a real one away.
    server.push(f":{kept_under(key)}")
    assert (Odd.NOT_THERE, key) in odd(w, server.connector)


def test_asi10_a_system_that_says_ok_and_did_nothing_is_found(w: World, server: Server) -> None:
    one = cleared(w.gate.begin(deploy(server, 0, 1)))
    w.gate.finish(one, state=EffectState.DONE, ref="it said so")
    assert odd(w, server.connector) == [(Odd.NOT_THERE, one.key)]
    # What nobody knows of may be there or not, and is for a person anyway.
    two = cleared(w.gate.begin(deploy(server, 1, 2)))
    w.gate.finish(two, state=EffectState.UNCONFIRMED)
    assert odd(w, server.connector) == [(Odd.NOT_THERE, one.key)]


def test_asi10_an_effect_that_is_in_no_log_is_told(w: World, server: Server) -> None:
    key = done(w, server, 0, 1)
    with w.gate.keeping.database.write() as db:
        row = dict(db.execute(EFFECT.select()).mappings().one())
        db.execute(EFFECT.insert().values(**{**row, "key": "made-up:1", "content": ""}))
    server.deploy(0, key="made-up:1")
    told = odd(w, server.connector)
    assert (Odd.UNLOGGED, "made-up:1") in told and (Odd.NOT_THERE, key) not in told


def test_asi10_nobody_is_told_of_the_effects_of_others(w: World, server: Server) -> None:
    done(w, server, 0, 1)
    assert [what for what, _ in odd(w, server.connector, BORIS)] == [Odd.UNRECORDED]
    assert not odd(w, Git({}), BORIS)


def test_asi10_a_system_that_can_not_be_asked_is_said_to_be_that(w: World, server: Server) -> None:
    server.bare.rename(server.bare.with_name("away.git"))
    assert [what for what, _ in odd(w, server.connector)] == [Odd.NOT_EXAMINED]
    assert odd(w, object()) == [(Odd.NOT_EXAMINED, "it does not list what agents did in it")]
