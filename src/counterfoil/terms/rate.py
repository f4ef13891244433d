"""What a token costs: list prices and an organisation's own rates, as whole numbers."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from counterfoil.terms.ids import PicoUsd


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """Prices of one token, for requests whose whole prompt is longer than `over` tokens."""

    over: int
    input_uncached: PicoUsd
    cache_read: PicoUsd
    cache_write: PicoUsd
    cache_write_1h: PicoUsd
    output: PicoUsd


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Prices of one model on one day; crossing a tier's threshold prices the whole request at that tier."""

    tiers: tuple[Tier, ...]
    """In rising order of `over`; the first has 0."""


Rates = Callable[[Iterable[tuple[str, str, str]]], Mapping[tuple[str, str], Rate]]
"""The price of each (source, model, day) that has one, by model and day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateCard:
    """Every price that a reading needs, with where it comes from."""

    rates: Mapping[tuple[str, str], Rate]
    """By model as the source names it and day (UTC, YYYY-MM-DD); an absent pair has no price."""
    basis: str
    """Source, version and date of the prices, in words."""
