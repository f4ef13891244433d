"""One's own rates from a TOML file, used before the list."""

import tomllib
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from counterfoil.terms.error import SourceError
from counterfoil.terms.ids import PicoUsd
from counterfoil.terms.rate import Rate, Tier

_FIELDS = ("input", "cache_read", "cache_write", "cache_write_1h", "output")
_PICO_PER_MTOK = Decimal(1_000_000)


class OwnRates:
    r"""Negotiated prices by model, each from a date on; the latest that has begun counts.

    Example:
        >>> rates = OwnRates(tomllib.loads('[[rate]]\nmodel = "m"\ninput = "3"\noutput = "15"'))
        >>> rates.on("m", "2026-11-01").tiers[0].output
        15000000
    """

    def __init__(self, document: dict[str, Any]) -> None:
        self._by_model: dict[str, list[tuple[str, Rate]]] = {}
        for number, entry in enumerate(document.get("rate", ()), start=1):
            model, since, rate = _entry(entry, f"rate {number}")
            self._by_model.setdefault(model, []).append((since, rate))
        for dated in self._by_model.values():
            dated.sort(key=lambda pair: pair[0])

    def on(self, model: str, day: str) -> Rate | None:
        """The price of a model on a day; None where the file has none."""
        begun = [rate for since, rate in self._by_model.get(model, ()) if since <= day]
        return begun[-1] if begun else None


def read_own_rates(path: Path) -> OwnRates:
    """Own rates from a file.

    Raises: SourceError where the file can't be read or an entry is wrong.
    """
    try:
        return OwnRates(tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        raise SourceError(
            "rates-unreadable", f"can't read {path}", hint="give a readable file to --rates"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SourceError(
            "rates-not-toml", f"{path} is not TOML", hint="see docs/reference/rates.md"
        ) from error


def _entry(entry: Any, where: str) -> tuple[str, str, Rate]:
    hint = (
        "each [[rate]] has model, input and output in dollars per million tokens; see docs/reference/rates.md"
    )
    if not isinstance(entry, dict) or not isinstance(entry.get("model"), str):
        raise SourceError("rates-no-model", f"{where} names no model", hint=hint)
    prices = {field: _price(entry[field], f"{where}: {field}") for field in _FIELDS if field in entry}
    if unknown := sorted(set(entry) - {*_FIELDS, "model", "since"}):
        raise SourceError("rates-unknown-field", f"{where}: unknown field {unknown[0]!r}", hint=hint)
    if missing := [field for field in ("input", "output") if field not in prices]:
        raise SourceError("rates-no-price", f"{where} has no {missing[0]}", hint=hint)
    since = entry.get("since", date.min)
    if not isinstance(since, date):
        raise SourceError("rates-no-date", f"{where}: since is no date", hint="write since = 2026-01-31")
    write = prices.get("cache_write", prices["input"])
    tier = Tier(
        over=0,
        input_uncached=prices["input"],
        cache_read=prices.get("cache_read", prices["input"]),
        cache_write=write,
        cache_write_1h=prices.get("cache_write_1h", write),
        output=prices["output"],
    )
    return entry["model"], since.isoformat(), Rate(tiers=(tier,))


def _price(value: Any, where: str) -> PicoUsd:
    try:
        pico = Decimal(str(value)) * _PICO_PER_MTOK
    except InvalidOperation:
        pico = Decimal("NaN")
    if isinstance(value, bool) or not pico.is_finite() or pico < 0 or pico != int(pico):
        hint = "a price is a number of dollars per million tokens with at most six decimals"
        raise SourceError("rates-no-number", f"{where} is no price", hint=hint)
    return PicoUsd(int(pico))
