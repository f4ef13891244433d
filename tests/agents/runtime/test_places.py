"""Where models are reached: a file that one user alone can read says it, and nothing else does."""

from pathlib import Path

import pytest

from counterfoil.agents.runtime.models import Place, model_of
from counterfoil.agents.runtime.places import places_in
from counterfoil.terms.error import SourceError


def written(folder: Path, text: str, mode: int = 0o600) -> Path:
    file = folder / "models.toml"
    file.write_text(text)
    file.chmod(mode)
    return file


def test_a_key_is_named_and_never_just_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "canary-key")
    file = written(
        tmp_path,
        '[anthropic.eu]\nkey_from = "ANTHROPIC_API_KEY"\n[openai.local]\nkey = "k"\nurl = "http://x/v1"\n',
    )
    places = places_in(file)
    assert places.place("anthropic", "eu") == Place(key="canary-key")
    assert places.place("openai", "local") == Place(key="k", url="http://x/v1")
    assert places.place("anthropic", "us") is None
    assert (
        model_of("anthropic:claude-haiku-4-5@eu", places, scripts=tmp_path).model_name == "claude-haiku-4-5"
    )
    with pytest.raises(SourceError, match="no key for anthropic in us"):
        model_of("anthropic:claude-haiku-4-5@us", places, scripts=tmp_path)


@pytest.mark.parametrize(
    ("text", "mode", "code"),
    [
        ('[openai.eu]\nkey = "k"\n', 0o640, "models-open"),
        ("[openai.eu]\n", 0o600, "models-key"),
        ('[openai.eu]\nkey_from = "COUNTERFOIL_NO_SUCH_KEY"\n', 0o600, "models-key"),
        ('[openai]\nkey = "k"\n', 0o600, "models-file"),
        ('[openai.eu]\ntoken = "k"\n', 0o600, "models-file"),
        ("[[", 0o600, "models-file"),
    ],
)
def test_what_can_not_be_used_is_said(tmp_path: Path, text: str, mode: int, code: str) -> None:
    with pytest.raises(SourceError) as said:
        places_in(written(tmp_path, text, mode))
    assert said.value.code == code
    with pytest.raises(SourceError):
        places_in(tmp_path / "none.toml")
