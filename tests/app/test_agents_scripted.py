"""A script that stands in for a model is marked, on every page of its agent and of its runs."""

from pathlib import Path

from app.test_agents_lived import AGENT, SHIPPER, living
from counterfoil.agents.office import Office
from deadline import until


def test_a_script_is_marked_however_it_is_written_and_where_a_model_answers_by_now(tmp_path: Path) -> None:
    with living(tmp_path) as world:
        run = world.ask(Office.begin, AGENT).of
        until(lambda: world.answered() and world.ask(Office.run, run).run.state.value == "done", 30)
        spelled = SHIPPER.replace('model = "scripted:shipper@local"', "model='scripted:shipper@local'")
        for text, says in ((spelled, True), (SHIPPER.replace("scripted:shipper", "openai:gpt-9"), False)):
            world.ask(Office.keep, text)
            for path in ("/agents", f"/agents/{AGENT}"):
                assert ("SCRIPTED" in world.browser.get(path).text) is says
            assert "SCRIPTED" in world.browser.get(f"/agents/{AGENT}/runs/{run}").text
