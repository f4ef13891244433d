"""A question that may have been billed is asked once and counts as spent; only a free one is repeated."""

from pathlib import Path

import pytest

from agents.runtime.lived import Life, life
from agents.runtime.stand_in import StandIn, standing_in
from counterfoil.agents.runtime.models import Place
from counterfoil.terms.effect import Run, RunState

MODELS = ("openai:gpt-4o-mini@eu", "anthropic:claude-sonnet-5@eu")


def asked(world: Life, server: StandIn, model: str, limits: str = "") -> Run:
    provider = model.split(":")[0]
    world.places[provider] = Place("key", server.url + ("/v1" if provider == "openai" else ""))
    world.agent(f"[limits]\n{limits}", model=model)
    ended = world.until(world.run())
    assert ended.state is RunState.FAILED
    return ended


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("mode", ["dropped", "broken", "garbage", "slow", "408", "502", "504"])
def test_what_may_have_been_billed_is_asked_once_and_counts_as_spent(
    tmp_path: Path, model: str, mode: str
) -> None:
    with life(tmp_path) as world, standing_in(mode=mode, seconds=1.0) as server:
        ended = asked(world, server, model, "model_seconds = 0.3" if mode == "slow" else "")
        assert len(server.asked) == 1
        assert ended.spent > 0 and ended.spent_is_floor
        assert ("line" in ended.why) is (mode in {"dropped", "broken"})


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(("mode", "times"), [("429", 3), ("500", 3), ("503", 3), ("400", 1), ("401", 1)])
def test_what_the_model_refused_itself_is_free(tmp_path: Path, model: str, mode: str, times: int) -> None:
    with life(tmp_path) as world, standing_in(mode=mode) as server:
        ended = asked(world, server, model)
        assert len(server.asked) == times
        assert (ended.spent, ended.spent_is_floor) == (0, False)


@pytest.mark.parametrize("model", MODELS)
def test_what_never_reached_a_server_is_free(tmp_path: Path, model: str) -> None:
    with life(tmp_path) as world:
        ended = asked(world, StandIn(url="http://127.0.0.1:9"), model)
        assert ended.why == "The model's server could not be reached."
        assert (ended.spent, ended.spent_is_floor) == (0, False)
