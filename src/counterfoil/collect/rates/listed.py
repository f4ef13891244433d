"""List prices from the genai-prices package, asked once for each model and day.

Source: genai-prices 0.2.3 (PyPI, MIT), read 2026-11-23.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from counterfoil.collect.rates.copied import copied_rates, copied_version
from counterfoil.terms.ids import PicoUsd
from counterfoil.terms.rate import Rate, Tier

READ_ON = "2026-11-23"
"""When the list was read."""
PROVIDERS = {"claude-code": "anthropic", "codex": "openai", "gemini-cli": "google"}
"""The provider tried first for each source; any other provider is tried after it."""
_PICO_PER_MTOK = Decimal(1_000_000)
_HOSTED = re.compile(
    r"^(?:(?:models|bedrock|vertex_ai)/)?(?:(?:[a-z-]+\.)?(?:anthropic|openai|google)[./])?|-v\d+:\d+$"
)
"""What hosts put before and after a model's own name."""


Wanted = Iterable[tuple[str, str, str]]


def listed_rates(wanted: Wanted) -> dict[tuple[str, str], Rate]:
    """The list price of each (source, model, day) that has one, by model and day."""
    copied = copied_rates()
    found: dict[tuple[str, str], Rate] = {}
    rest = []
    for source, model, day in wanted:
        rate = copied.get(source, {}).get(model)
        if rate is None:
            rest.append((source, model, day))
        else:
            found[model, day] = rate
    return found | from_list(rest) if rest else found


def from_list(wanted: Wanted) -> dict[tuple[str, str], Rate]:
    """The same, asked of the list itself."""
    snapshot = _snapshot()
    found: dict[tuple[str, str], Rate] = {}
    for source, model, day in sorted(wanted):
        info = _find(snapshot, model, PROVIDERS.get(source))
        if info is None:
            continue
        noon = datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC)
        rate = _rate(info.get_prices(noon))
        if rate is not None:
            found.setdefault((model, day), rate)
    return found


def load_list() -> None:
    """Load the prices ahead of their use: the list itself takes a while, and most need only the copy."""
    if not copied_rates():
        _snapshot()


def _snapshot() -> Any:
    from genai_prices import data_snapshot

    return data_snapshot.get_snapshot()


def list_version() -> str:
    """Name and version of the price list."""
    if copied_rates():
        return copied_version()
    import genai_prices

    return f"genai-prices {genai_prices.__version__}"


def list_source() -> str:
    """Which prices these are, from where and when."""
    return f"list prices of {list_version()} (PyPI, MIT), read {READ_ON}"


def _find(snapshot: Any, model: str, provider: str | None) -> Any | None:
    plain = _HOSTED.sub("", model.strip()).replace("@", "-")
    for name in dict.fromkeys((model, plain)):
        for place in dict.fromkeys((provider, None)):
            try:
                return snapshot.find_provider_model(name, None, place, None)[1]
            except LookupError:
                continue
    return None


def _rate(price: Any) -> Rate | None:
    if price.input_mtok is None or price.output_mtok is None:
        return None
    starts = {0}
    for name in ("input_mtok", "cache_read_mtok", "cache_write_mtok", "output_mtok"):
        value = getattr(price, name)
        starts |= {tier.start for tier in getattr(value, "tiers", ())}
    return Rate(tiers=tuple(_tier(price, start) for start in sorted(starts)))


def _tier(price: Any, over: int) -> Tier:
    fresh = _at(price.input_mtok, over)
    write = fresh if price.cache_write_mtok is None else _at(price.cache_write_mtok, over)
    hour = getattr(price, "cache_write_1h_mtok", None)
    return Tier(
        over=over,
        input_uncached=fresh,
        cache_read=fresh if price.cache_read_mtok is None else _at(price.cache_read_mtok, over),
        cache_write=write,
        cache_write_1h=write if hour is None else _at(hour, over),
        output=_at(price.output_mtok, over),
    )


def _at(value: Any, over: int) -> PicoUsd:
    chosen = getattr(value, "base", value)
    for tier in getattr(value, "tiers", ()):
        if over >= tier.start:
            chosen = tier.price
    return PicoUsd(int(chosen * _PICO_PER_MTOK))
