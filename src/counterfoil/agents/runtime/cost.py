"""What a question to a model may cost at most, and what it did cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Any

from pydantic_ai.messages import ModelMessage, ModelMessagesTypeAdapter, ModelResponse

from counterfoil.terms.ids import MicroUsd

MOST_OUTPUT = 4_096
"""Tokens that one answer may have, where nothing else is said: without a bound no budget could hold."""
CHARACTERS = 2
"""To a token, at the least: what is reserved is never less than what it will cost."""
MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Cost:
    """Money, and whether it is only the least that it can be."""

    usd: MicroUsd
    is_floor: bool = False
    """Whether no price is known."""


def most(provider: str, model: str, messages: Sequence[ModelMessage], tools: int) -> Cost:
    """The most that a question may cost, with everything in it at full price."""
    if provider == "scripted":
        return Cost(MicroUsd(0))
    size = len(ModelMessagesTypeAdapter.dump_json(list(messages))) + tools
    return price(provider, model, fresh=size // CHARACTERS, output=MOST_OUTPUT)


def cost_of(provider: str, model: str, response: ModelResponse) -> Cost:
    """What an answer cost: as its source says, else by list price, else nothing that is known."""
    if response.usage.cost is not None:
        return Cost(micro(response.usage.cost))
    used = response.usage
    return price(
        provider,
        model,
        fresh=used.input_tokens - used.cache_read_tokens - used.cache_write_tokens,
        read=used.cache_read_tokens,
        write=used.cache_write_tokens,
        output=used.output_tokens,
    )


def price(
    provider: str, model: str, *, fresh: int = 0, read: int = 0, write: int = 0, output: int = 0
) -> Cost:
    """The list price of some tokens.

    Source: genai-prices 0.2.3 (PyPI, MIT), read 2026-11-23.
    """
    from genai_prices import Usage, calc_price

    used = Usage(
        input_tokens=fresh + read + write,
        cache_read_tokens=read,
        cache_write_tokens=write,
        output_tokens=output,
    )
    for place in (provider, None):
        try:
            found: Any = calc_price(used, model, provider_id=place)
        except (LookupError, ValueError):
            continue
        return Cost(micro(found.total_price))
    return Cost(MicroUsd(0), is_floor=True)


def micro(usd: Decimal) -> MicroUsd:
    """Dollars as millionths, rounded up: what is booked is never less than what was spent."""
    return MicroUsd(int((Decimal(usd) * MILLION).to_integral_value(ROUND_CEILING)))
