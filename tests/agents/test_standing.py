"""A rule that stands is narrow, or it is none."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from agents.kept import ANNA, BORIS, FOREIGN, TRIAGE, World, cleared, grant, held, refused
from counterfoil.terms.agent import AgentId, RunId, Standing
from counterfoil.terms.effect import Call
from counterfoil.terms.label import OWNERS, Label
from counterfoil.terms.release import Permit, Refuse
from counterfoil.terms.tool import ArgumentRole, ArgumentSpec, EffectClass
from guard.acting.calls import REQUEST, argument, tool

SPECS = {
    "message": ArgumentSpec(role=ArgumentRole.SELECTOR),
    "folder": ArgumentSpec(role=ArgumentRole.DESTINATION, kind="folder"),
}
SHARE = replace(tool(EffectClass.CHANGE, name="share"), reversible=True, arguments=SPECS)
RULE = Standing(
    id="r1", agent=TRIAGE, tool=SHARE.id, to=("folder:Team",), per_day=2, until=date(2026, 12, 24), by=ANNA
)


def shared(number: int, folder: str = "Team", label: Label = FOREIGN) -> Call:
    """What a mail of somebody else wants to be shared."""
    return Call(
        run=RunId("run-1"),
        number=number,
        agent=TRIAGE,
        owner=ANNA,
        tool=SHARE,
        arguments=(
            argument("message", f"m{number}", OWNERS, role=ArgumentRole.SELECTOR),
            argument("folder", folder, label, role=ArgumentRole.DESTINATION, kind="folder"),
        ),
        cause=REQUEST,
        run_label=OWNERS,
    )


@pytest.fixture
def ruled(w: World) -> World:
    w.enrol(grant(SHARE, "folder:*"))
    held(w.gate.begin(shared(99)))
    assert isinstance(w.gate.standing.make(RULE, SHARE), Permit)
    return w


def test_it_lets_through_what_it_names_so_often_a_day_and_until_its_end(ruled: World) -> None:
    for number in (1, 2):
        cleared(ruled.gate.begin(shared(number)))
    held(ruled.gate.begin(shared(3)))
    held(ruled.gate.begin(shared(4, "Other")))
    ruled.clock.on(days=1)
    cleared(ruled.gate.begin(shared(5)))
    ruled.clock.on(days=40)
    held(ruled.gate.begin(shared(6)))


def test_it_ends_when_its_owner_says_so(ruled: World) -> None:
    assert not ruled.gate.standing.end("r1", BORIS)
    assert ruled.gate.standing.end("r1", ANNA) and not ruled.gate.standing.end("r1", ANNA)
    held(ruled.gate.begin(shared(1)))


def test_a_tool_that_says_something_else_now_is_not_covered(ruled: World) -> None:
    other = replace(SHARE, digest="other")
    ruled.enrol(grant(SHARE, "folder:*"), grant(other, "folder:*"))
    held(ruled.gate.begin(replace(shared(1), tool=other)))


@pytest.mark.parametrize(
    ("rule", "of"),
    [
        ({"to": ()}, {}),
        ({"to": ("folder:*",)}, {}),
        ({"to": ("Team",)}, {}),
        ({"to": tuple(f"folder:{n}" for n in range(21))}, {}),
        ({"per_day": 0}, {}),
        ({"per_day": 51}, {}),
        ({"until": date(2026, 11, 25)}, {}),
        ({"until": date(2027, 6, 1)}, {}),
        ({"by": BORIS}, {}),
        ({"agent": AgentId("other")}, {}),
        ({"tool": "mail/other"}, {}),
        ({}, {"reversible": False}),
        ({}, {"effect": EffectClass.PAY}),
        ({}, {"arguments": {**SPECS, "text": ArgumentSpec(role=ArgumentRole.TEXT)}}),
    ],
)
def test_any_other_rule_is_refused(here: World, rule: Any, of: Any) -> None:
    here.enrol(grant(SHARE, "folder:*"))
    assert isinstance(here.gate.standing.make(replace(RULE, **rule), replace(SHARE, **of)), Refuse)


def test_a_rule_opens_nothing_that_needs_somebody_else(ruled: World) -> None:
    ceiling = replace(ruled.lifeline.ceilings[0], inside=())
    ruled.lifeline.tell(ceilings=[ceiling])
    assert held(ruled.gate.begin(shared(1))).needs.value == "other"
    ruled.lifeline.tell(stops={"everything"})
    assert refused(ruled.gate.begin(shared(2))) == "stopped"
