"""Providers are set up in a file; a key is there, or in the environment, and shows itself nowhere."""

import json
import logging
from dataclasses import replace
from pathlib import Path

import pytest

from agents.runtime.lived import life
from agents.runtime.stand_in import standing_in
from counterfoil.agents.providers import FILE, Providers
from counterfoil.app.run import run
from counterfoil.guard.acting.ceilings import example
from counterfoil.terms.effect import RunState
from counterfoil.terms.error import SourceError

CANARY = "sk-canary-key-of-a-provider"


def written(folder: Path, text: str) -> Providers:
    (folder / FILE).write_text(text)
    (folder / FILE).chmod(0o600)
    return Providers.of(folder)


def test_a_provider_is_reached_where_it_is_set_up_and_its_key_shows_nowhere(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with standing_in() as server:
        text = f'[house.local]\nspeaks = "openai"\nurl = "{server.url}/v1"\nkey = "{CANARY}"\n'
        found = written(tmp_path, text)
        place = found.place("house", "local")
        assert place is not None
        assert CANARY not in f"{place} {found}"
        assert (found.place("house", "eu"), found.place("openai", "local")) == (None, None)
        with life(tmp_path / "lived") as world:
            world.told.tell(ceilings=[replace(world.ceiling, models=("house:*",))])
            world.places["house"] = place
            world.agent(model="house:gpt-4o-mini@local")
            ended = world.run("Say it.")
            assert world.until(ended).state is RunState.DONE, world.state(ended)
            assert server.asked
            assert CANARY not in json.dumps(server.asked)
    for file in (tmp_path / "lived").rglob("*"):
        assert not file.is_file() or CANARY.encode() not in file.read_bytes(), file
    assert CANARY not in caplog.text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[a.eu]\nkey = 1\n", "Expected `str`"),
        ('[a.eu]\ntoken = "x"\n', "unknown field `token`"),
        ('["a:b".eu]\nkey = "x"\n', "as models name them"),
        ('[a.eu]\nurl = "http://example.org"\n', "use https"),
        ('[a.eu]\nurl = "https://u:p@example.org"\n', "no address"),
        ('[a.eu]\nkey = "x"\nkey_from = "X"\n', "two places"),
        ("[a.eu]\n", "no key"),
        ("[a.eu", "can't be read"),
    ],
)
def test_what_is_wrong_with_the_file_is_said(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(SourceError, match=says):
        written(tmp_path, text)


def test_a_key_that_others_can_read_or_that_is_not_there_is_said(tmp_path: Path) -> None:
    found = written(
        tmp_path,
        f'[house.eu]\nkey = "{CANARY}"\n[anthropic.eu]\nkey_from = "CANARY_KEY"\n'
        '[own.local]\nurl = "http://127.0.0.1:8000/v1"\nspeaks = "openai"\n',
    )
    without = Providers(found.set_up, {})
    with pytest.raises(SourceError, match="has no key"):
        without.place("anthropic", "eu")
    own = found.place("own", "local")
    assert own is not None and own.key == "none"
    (tmp_path / FILE).chmod(0o644)
    with pytest.raises(SourceError, match="others can read"):
        Providers.of(tmp_path)


def test_a_check_says_whether_a_model_can_be_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(tmp_path, f'[anthropic.eu]\nkey = "{CANARY}"\n')
    file, ceiling = tmp_path / "a.toml", tmp_path / "ceiling.toml"
    ceiling.write_text(example())

    def says(model: str, code: int) -> str:
        file.write_text(f'name = "a"\npurpose = "P."\ninstructions = "I."\nmodel = "{model}"\n')
        asked = ["agent", "check", str(file), "--agents", str(tmp_path), "--ceiling", str(ceiling)]
        assert run(asked) == code
        return capsys.readouterr().out

    assert says("anthropic:claude-haiku-4-5@eu", 0) == "nothing is wrong\n"
    assert "no key for anthropic in us" in says("anthropic:claude-haiku-4-5@us", 1)
    written(tmp_path, f'[anthropic.us]\nkey = "{CANARY}"\n')
    said = says("anthropic:claude-haiku-4-5@us", 1)
    assert "ceiling of organisation does not let" in said
    assert CANARY not in said
