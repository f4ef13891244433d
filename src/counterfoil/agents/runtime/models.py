"""The model of a definition, made from its name, a key and an address; never from the environment."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pydantic_ai.models import Model

from counterfoil.agents.definition.written import SCRIPTED
from counterfoil.agents.runtime.scripted import ScriptedModel, script_of
from counterfoil.terms.error import SourceError

WAIT_SECONDS = 600.0
"""A bound of the client; how long a run waits is in its definition."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a provider is reached in a region."""

    key: str
    """Secret; held in memory only."""
    url: str = ""
    """Its address; empty for the provider's own."""
    speaks: str = ""
    """As which provider it wants to be asked, such as `openai`; empty where it is what it is called."""

    def __repr__(self) -> str:
        return f"Place({self.url or 'its own address'})"


class Places(Protocol):
    """Keys and addresses of providers, from where the process keeps its secrets."""

    def place(self, provider: str, region: str) -> Place | None:
        """Where a provider is reached in a region; nothing where nobody set it up."""


def model_of(name: str, places: Places, *, scripts: Path) -> Model:
    """The model that `provider:name@region` names.

    Raises: SourceError where nobody set the provider up in that region, or its package is missing.
    """
    whole, _, region = name.rpartition("@")
    provider, _, short = whole.partition(":")
    if provider == SCRIPTED:
        return _scripted(short, scripts)
    place = places.place(provider, region)
    if place is None:
        hint = f"set up `{provider}` for the region `{region}`, or name another model"
        raise SourceError("model-unknown", f"no key for {provider} in {region}", hint=hint)
    match place.speaks or provider:
        case "openai":
            return _openai(short, place)
        case "anthropic":
            return _anthropic(short, place)
    return _any(provider, short, place)


def _scripted(short: str, scripts: Path) -> Model:
    if "/" in short or short.startswith("."):
        hint = "name a script that lies beside the agents' files"
        raise SourceError("script-wrong", f"{short} is no name of a script", hint=hint)
    return ScriptedModel(script_of(scripts / f"{short}.script.toml"), short)


def _openai(short: str, place: Place) -> Model:
    from openai import AsyncOpenAI
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    # The client would ask again by itself, and each question has its price.
    client = AsyncOpenAI(api_key=place.key, base_url=place.url or None, max_retries=0, timeout=WAIT_SECONDS)
    return OpenAIChatModel(short, provider=OpenAIProvider(openai_client=client))


def _anthropic(short: str, place: Place) -> Model:
    from anthropic import AsyncAnthropic
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    client = AsyncAnthropic(
        api_key=place.key, base_url=place.url or None, max_retries=0, timeout=WAIT_SECONDS
    )
    return AnthropicModel(short, provider=AnthropicProvider(anthropic_client=client))


def _any(provider: str, short: str, place: Place) -> Model:
    """Every other provider that pydantic-ai has, where its package is installed."""
    from pydantic_ai.exceptions import UserError
    from pydantic_ai.models import infer_model
    from pydantic_ai.providers import infer_provider_class

    wanted: dict[str, Any] = {"api_key": place.key} | ({"base_url": place.url} if place.url else {})
    try:
        return infer_model(f"{provider}:{short}", lambda name: infer_provider_class(name)(**wanted))
    except (ImportError, TypeError, UserError, ValueError) as odd:
        hint = "name a provider that pydantic-ai has, and install what it needs"
        raise SourceError("model-unknown", f"{provider} can't be asked: {odd}", hint=hint) from odd
