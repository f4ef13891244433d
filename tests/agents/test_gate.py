"""What the gate clears is recorded first and happens once; what it holds waits for a person's yes."""

from pathlib import Path

from agents.kept import ANN, ANNA, READ, SEND, call, cleared, foreign, held, refused, world
from counterfoil.agents.recorder import body_of
from counterfoil.terms.effect import EffectState


def test_an_effect_is_recorded_before_it_may_happen(tmp_path: Path) -> None:
    with world(tmp_path) as w:
        one = cleared(w.gate.begin(call(SEND, to=ANN)))
        effect = w.gate.effect("run-1:1")
        assert effect is not None and effect.state is EffectState.INTENDED and effect.to == (f"mail:{ANN}",)
        body = body_of(w.gate.keeping.recorder.log.entry(one.entry or 0))
        assert (body["what"], body["key"]) == ("effect", "run-1:1")
        w.gate.finish(one, state=EffectState.DONE, ref="<m1>")
        effect = w.gate.effect("run-1:1")
        assert effect is not None and (effect.state, effect.ref) == (EffectState.DONE, "<m1>")
        assert refused(w.gate.begin(call(SEND, to=ANN))) == "twice"


def test_reading_is_cleared_without_an_entry(tmp_path: Path) -> None:
    with world(tmp_path) as w:
        before = len(w.gate.keeping.recorder.log)
        assert not cleared(w.gate.begin(call(READ))).recorded
        assert len(w.gate.keeping.recorder.log) == before


def test_a_yes_is_good_once(tmp_path: Path) -> None:
    with world(tmp_path) as w:
        asked = held(w.gate.begin(foreign()))
        assert held(w.gate.begin(foreign())) == asked
        w.gate.approvals.approve(asked.id, ANNA)
        assert cleared(w.gate.begin(foreign())).approval == asked.id
        assert refused(w.gate.begin(foreign())) == "twice"
