"""OWASP ASI03, ASI04, ASI05: nobody's rights but the owner's, no tool but the pinned one, no code at all."""

import ast
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agents.kept import ANN, ANNA, BORIS, ENROLLED, World, call, cleared, foreign, grant, held, refused, tool
from agents.owasp.attacks import fooled
from agents.owasp.test_asi_goals_and_tools import TOOLS
from agents.runtime.lived import TRIAGE, life
from counterfoil.agents.hearing import Hearing
from counterfoil.agents.office import Office
from counterfoil.agents.outbox import Outbox
from counterfoil.agents.shown import Rule
from counterfoil.agents.tokens import Tokens
from counterfoil.agents.triggers import Event
from counterfoil.agents.upstream.listed import stricter
from counterfoil.agents.wire import Asker
from counterfoil.guard.acting.judge import Rules
from counterfoil.terms.agent import AgentId
from counterfoil.terms.ask import Role
from counterfoil.terms.effect import Approver, EffectState, RunState
from counterfoil.terms.error import SourceError
from counterfoil.terms.release import Permit, Refuse
from counterfoil.terms.tool import EffectClass
from guard.acting.calls import CEILING, NOW

SRC = Path(__file__).parents[3] / "src" / "counterfoil"
SEND = tool(EffectClass.SEND)
OTHERS = AgentId("theirs")


def test_asi03_no_grant_of_an_owner_is_wider_than_what_is_over_the_owner(here: World) -> None:
    """Whatever they write into a grant: the ceiling, and each unit's, is asked too."""
    strict = replace(CEILING, connectors={"mail": (EffectClass.READ,)})  # type: ignore[dict-item]
    here.enrol(*(grant(tool(effect), "mail:*", "*") for effect in EffectClass))
    here.lifeline.tell(ceilings=[CEILING, strict])
    for effect in EffectClass:
        answer = here.gate.judge(call(tool(effect), to=ANN))
        assert isinstance(answer, Refuse) or effect is EffectClass.READ


def test_asi03_whoever_leaves_sets_nothing_off_and_opens_nothing(tmp_path: Path) -> None:
    with life(tmp_path) as world:
        world.agent('[[triggers]]\non = "schedule"\ncron = "0 * * * *"\n[[triggers]]\non = "mail"\n')
        tokens = Tokens(world.gate.keeping)
        text = tokens.issue(TRIAGE, "gateway", timedelta(hours=9))
        assert isinstance(text, str) and tokens.whose(text, "gateway") is not None
        assert not world.triggers.tick()
        world.told.tell(stops={f"owner:{ANNA}"})
        world.clock.on(hours=3)
        assert not world.triggers.tick()
        assert isinstance(world.triggers.came(TRIAGE, Event("mail", "", "<m>", "Hi")), Refuse)
        assert tokens.whose(text, "gateway") is None
        # Back again, what was due meanwhile is due once.
        world.told.tell(stops=set())
        assert len(world.triggers.tick()) == 1
        assert tokens.whose(text, "gateway") is not None


def test_asi03_two_owners_on_one_gate_know_nothing_of_each_other(here: World) -> None:
    theirs = replace(ENROLLED, id=OTHERS, owner=BORIS)
    assert isinstance(
        here.gate.enrolment.enrol(theirs, [replace(grant(SEND, f"mail:{ANN}"), agent=OTHERS)]), Permit
    )
    office = Office(gate=here.gate, hearing=Hearing(here.folder), outbox=Outbox(here.folder))
    anna, boris = (Asker(who=who, roles=(Role.EMPLOYEE,)) for who in (ANNA, BORIS))
    asked = held(here.gate.begin(foreign(text="canary-of-anna")))
    for who, own, other in ((anna, "triage", OTHERS), (boris, OTHERS, "triage")):
        assert [line.id for line in office.agents(who)] == [own]
        with pytest.raises(SourceError):
            office.agent(who, AgentId(other))
    assert "canary-of-anna" not in str([office.waiting(boris), office.agents(boris), office.stops(boris)])
    deeds: tuple[Callable[[], Any], ...] = (
        lambda: office.approve(boris, asked.id, asked.digest),
        lambda: office.make_standing(
            boris, asked.id, asked.digest, Rule(per_day=1, until=here.clock().date())
        ),
    )
    for deed in deeds:
        with pytest.raises(SourceError):
            deed()
    # Nor does one agent act under the other's name.
    stolen = replace(call(SEND, to=ANN), agent=OTHERS)
    assert refused(here.gate.begin(stolen)) == "not-the-owner"


def test_asi04_a_tool_is_what_was_pinned_when_it_was_granted(here: World) -> None:
    changed = replace(SEND, digest="other words")
    assert refused(here.gate.begin(call(changed, to=ANN))) == "not-granted"
    # Nor does a yes that was said before let the changed one through.
    asked = held(here.gate.begin(foreign(7)))
    here.gate.approvals.approve(asked.id, ANNA)
    later = foreign(7)
    assert refused(here.gate.begin(replace(later, tool=changed))) in {"not-what-was-asked", "not-granted"}


def test_asi04_a_hint_of_read_only_makes_nothing_looser(here: World) -> None:
    wipe = tool(EffectClass.DELETE, name="wipe")
    lies = replace(wipe, hinted={"readOnlyHint": True, "destructiveHint": False})
    hinted: Any = lies
    assert stricter(wipe, hinted).effect is EffectClass.DELETE
    here.enrol(grant(wipe, f"mail:{ANN}"))
    assert held(here.gate.begin(call(replace(lies), to=ANN))).clause == "for-good"
    assert (
        refused(here.gate.begin(call(tool(EffectClass.READ, name="unknown"), to=ANN, number=2)))
        == "not-granted"
    )


def test_asi05_no_system_brings_a_tool_that_runs_code() -> None:
    assert not [one.id for one in TOOLS if one.effect in {EffectClass.EXECUTE, EffectClass.GOVERN}]


@pytest.mark.parametrize("effect", [EffectClass.EXECUTE, EffectClass.GOVERN])
def test_asi05_no_grant_no_yes_and_no_ceiling_lets_code_run(effect: EffectClass) -> None:
    one = tool(effect)
    for yes in (None, *Approver):
        for facts in (NOW, replace(NOW, standing=True)):
            answer = Rules([CEILING], [grant(one, "*", "mail:*")]).may(
                call(one, to=ANN), replace(facts, approved=yes)
            )
            assert isinstance(answer, Refuse)


def test_asi05_nothing_of_agents_starts_a_shell() -> None:
    """There is no sandbox to be missing: what would need one is not there."""
    for path in (SRC / "agents").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "shell":
                assert isinstance(node.value, ast.Constant) and node.value.value is False, path
            name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            assert name not in {"os.system", "os.popen", "eval", "exec", "create_subprocess_shell"}, path
            assert not name.endswith("create_subprocess_shell"), path


def test_asi05_a_system_that_is_missing_is_no_reason_to_go_another_way(tmp_path: Path) -> None:
    with life(tmp_path) as world:
        fooled(world, [("mail/send", {"to": ANN, "text": "x"}), ("shell/run", {"command": "id"})])
        world.agent()
        world.systems.revoked.add("anna")
        run = world.run()
        assert world.until(run).state is RunState.DONE
        assert not world.mail.done
        assert [step.kind for step in world.steps(run)] == ["model"] * 3


def test_asi03_an_effect_is_settled_by_its_owner_alone(here: World) -> None:
    office = Office(gate=here.gate, hearing=Hearing(here.folder), outbox=Outbox(here.folder))
    done = cleared(here.gate.begin(call(SEND, to=ANN)))
    here.gate.finish(done, state=EffectState.UNCONFIRMED)
    with pytest.raises(SourceError):
        office.settle(Asker(who=BORIS, roles=(Role.EMPLOYEE, Role.ADMIN)), done.key, happened=True)
