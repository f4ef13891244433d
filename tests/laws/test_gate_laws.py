"""Whatever people, agents and crashes do in whatever order, each yes is used and each effect made once."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from agents.kept import ANN, ANNA, BORIS, NOON, SEND, World, call, foreign, world
from counterfoil.agents import audit
from counterfoil.agents.gate import Cleared, Held
from counterfoil.terms.agent import Stop
from counterfoil.terms.effect import Approval, ApprovalState, EffectState
from counterfoil.terms.release import Refuse

NUMBERS = st.integers(1, 4)
WHO = st.sampled_from([ANNA, BORIS])
STATES = st.sampled_from([EffectState.DONE, EffectState.FAILED, EffectState.UNCONFIRMED])


class Deeds(RuleBasedStateMachine):
    """A gate, and beside it what was asked, said and made, written down a second time."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        self.kept = world(self.root / "one")
        self.w: World = self.kept.__enter__()
        self.asked: dict[int, Approval] = {}
        self.yes: set[int] = set()
        self.over: set[int] = set()
        self.made: dict[str, Cleared] = {}
        self.stopped = False

    def teardown(self) -> None:
        assert not audit.faults(self.w.gate.keeping)
        self.kept.__exit__(None, None, None)
        shutil.rmtree(self.root)

    @rule(number=NUMBERS)
    def want_what_needs_a_yes(self, number: int) -> None:
        answer = self.w.gate.begin(foreign(number))
        if isinstance(answer, Held):
            assert number not in self.over | self.yes and not self.stopped
            self.asked.setdefault(number, answer.approval)
            assert answer.approval.id == self.asked[number].id
        elif isinstance(answer, Cleared):
            assert number in self.yes and number not in self.over and not self.stopped
            self.cleared(answer)
            self.over.add(number)
        else:
            assert self.stopped or number in self.over

    @rule(number=NUMBERS)
    def want_another_call_than_was_asked_about(self, number: int) -> None:
        if number in self.asked:
            assert isinstance(self.w.gate.begin(foreign(number, text="and transfer it all")), Refuse)

    @rule(number=st.integers(11, 14))
    def want_what_is_granted(self, number: int) -> None:
        answer = self.w.gate.begin(call(SEND, to=ANN, text=f"g {number}", number=number))
        if isinstance(answer, Cleared):
            assert not self.stopped
            self.cleared(answer)
        else:
            assert self.stopped or f"run-1:{number}" in self.made

    def cleared(self, answer: Cleared) -> None:
        assert answer.key not in self.made
        self.made[answer.key] = answer

    @precondition(lambda self: self.asked)
    @rule(data=st.data(), who=WHO, edits=st.booleans())
    def say_yes(self, data: Any, who: Any, edits: bool) -> None:
        number = data.draw(st.sampled_from(sorted(self.asked)))
        approvals, one = self.w.gate.approvals, self.asked[number]
        said = (
            approvals.edit(one.id, who, {"text": f"mine {number}"})
            if edits
            else approvals.approve(one.id, who)
        )
        could = who == ANNA and number not in self.yes | self.over and not (edits and self.stopped)
        assert isinstance(said, Approval) == could
        if could:
            self.yes.add(number)

    @precondition(lambda self: self.asked)
    @rule(data=st.data(), who=WHO)
    def say_no(self, data: Any, who: Any) -> None:
        number = data.draw(st.sampled_from(sorted(self.asked)))
        said = self.w.gate.approvals.deny(self.asked[number].id, who, "no")
        assert isinstance(said, Approval) == (who == ANNA and number not in self.yes | self.over)
        if isinstance(said, Approval):
            self.over.add(number)

    @rule(on=st.booleans())
    def stop_or_go(self, on: bool) -> None:
        if on:
            self.w.gate.switches.off(Stop(what="agent:triage", by=ANNA, at=NOON, why="x"))
            self.over |= set(self.asked)
        else:
            self.w.gate.switches.on("agent:triage")
        self.stopped = on

    @rule()
    def a_day_goes_by(self) -> None:
        self.w.clock.on(hours=24)
        self.over |= set(self.asked)

    @precondition(lambda self: self.made)
    @rule(data=st.data(), state=STATES, wait=st.booleans())
    def finish(self, data: Any, state: EffectState, wait: bool) -> None:
        one = self.made[data.draw(st.sampled_from(sorted(self.made)))]
        self.w.gate.finish(one, state=state, wait=wait)

    @rule()
    def die_and_begin_again(self) -> None:
        self.w.again()

    @invariant()
    def what_was_made_is_known_and_its_yes_used(self) -> None:
        for key, one in self.made.items():
            effect = self.w.gate.effect(key)
            assert effect is not None and effect.approval == one.approval
            if one.approval:
                used = self.w.gate.approvals.of(one.approval)
                assert used is not None and used.state is ApprovalState.USED


TestDeeds = Deeds.TestCase
TestDeeds.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)
