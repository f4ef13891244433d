"""Model requests folded into priced sums, small enough for every view of a report."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import MicroUsd, SessionId, SourceId
from counterfoil.terms.rate import Rate, RateCard, Tier
from counterfoil.terms.reading import Reading
from counterfoil.terms.report import Totals

NO_REASONING = Unknown("no source states it")
_PICO_PER_MICRO = 1_000_000
Part = TypeVar("Part", bound=str)


@dataclass(slots=True)
class Spent:
    """Sums over the requests of one session in one directory with one model on one day."""

    source: SourceId
    session: SessionId
    directory: str | Unknown
    model: str | Unknown
    day: str
    requests: int = 0
    input_uncached: int = 0
    cache_read: int = 0
    cache_write: int = 0
    output: int = 0
    reasoning: int = 0
    reasoning_stated: int = 0
    """Requests whose source states the reasoning part."""
    priced: int = 0
    """Requests for whose model a price is known."""
    pico: int = 0
    """Exact list price of the priced requests. Unit: pico-dollars."""


def wanted_rates(readings: Iterable[Reading]) -> set[tuple[str, str, str]]:
    """Every (source, model, day) that needs a price."""
    wanted: set[tuple[str, str, str]] = set()
    for reading in readings:
        for batch in reading.usage:
            pairs = set(
                zip(batch.columns["model"], map(datetime.toordinal, batch.columns["at"]), strict=True)
            )
            wanted |= {
                (reading.source, model, date.fromordinal(day).isoformat())
                for model, day in pairs
                if not isinstance(model, Unknown)
            }
    return wanted


def fold(readings: Iterable[Reading], card: RateCard, *, since: datetime | None) -> list[Spent]:
    """Priced sums by source, session, directory, model and day, from `since` on."""
    folded: list[Spent] = []
    for reading in readings:
        sums: dict[tuple[object, ...], Spent] = {}
        for batch in reading.usage:
            _fold_batch(reading.source, batch.columns, card.rates, since, sums)
        folded += sums.values()
    return folded


_COLUMNS = (
    "at",
    "session",
    "directory",
    "model",
    "input_uncached",
    "cache_read",
    "cache_write",
    "output",
    "reasoning",
    "cache_write_1h",
)


def _fold_batch(
    source: SourceId,
    columns: Mapping[str, Sequence[Any]],
    rates: Mapping[tuple[str, str], Rate],
    since: datetime | None,
    sums: dict[tuple[object, ...], Spent],
) -> None:
    days: dict[int, str] = {}
    for at, session, directory, model, fresh, read, write, out, reasoning, hour in zip(
        *(columns[name] for name in _COLUMNS), strict=True
    ):
        if since is not None and at < since:
            continue
        number = at.toordinal()
        key = (session, directory, model, number)
        row = sums.get(key)
        if row is None:
            day = days.setdefault(number, date.fromordinal(number).isoformat())
            row = sums[key] = Spent(source, session, directory, model, day)
        row.requests += 1
        row.input_uncached += fresh
        row.cache_read += read
        row.cache_write += write
        row.output += out
        if reasoning.__class__ is int:
            row.reasoning += reasoning
            row.reasoning_stated += 1
        rate = rates.get((model, row.day))
        if rate is not None:
            row.priced += 1
            row.pico += _price(rate, fresh, read, write, out, hour if hour.__class__ is int else 0)


def _price(rate: Rate, fresh: int, read: int, write: int, out: int, hour: int) -> int:
    tier = rate.tiers[0] if len(rate.tiers) == 1 else _tier(rate, fresh + read + write)
    hour = min(hour, write)
    return (
        fresh * tier.input_uncached
        + read * tier.cache_read
        + (write - hour) * tier.cache_write
        + hour * tier.cache_write_1h
        + out * tier.output
    )


def _tier(rate: Rate, prompt: int) -> Tier:
    return next((tier for tier in reversed(rate.tiers) if prompt > tier.over), rate.tiers[0])


def totals(rows: Iterable[Spent]) -> Totals:
    """Sums of folded rows; reasoning is Unknown where no source states it."""
    kept = list(rows)
    requests = sum(r.requests for r in kept)
    return Totals(
        requests=requests,
        input_uncached=sum(r.input_uncached for r in kept),
        cache_read=sum(r.cache_read for r in kept),
        cache_write=sum(r.cache_write for r in kept),
        output=sum(r.output for r in kept),
        reasoning=sum(r.reasoning for r in kept)
        if not kept or any(r.reasoning_stated for r in kept)
        else NO_REASONING,
        unpriced_requests=requests - sum(r.priced for r in kept),
        list_usd=micro(sum(r.pico for r in kept)),
    )


def micro(pico: int) -> MicroUsd:
    """Micro-dollars, rounded to the nearest."""
    return MicroUsd((2 * pico + _PICO_PER_MICRO) // (2 * _PICO_PER_MICRO))


def micro_parts(parts: Mapping[Part, int]) -> dict[Part, MicroUsd]:
    """Each part in micro-dollars, so that they sum to the rounded whole.

    Source: largest remainder method (Hamilton).
    Example:
        >>> micro_parts({"a": 500_000, "b": 500_000})
        {'a': 1, 'b': 0}
    """
    short = micro(sum(parts.values())) - sum(pico // _PICO_PER_MICRO for pico in parts.values())
    order = sorted(parts, key=lambda name: parts[name] % _PICO_PER_MICRO, reverse=True)
    raised = set(order[:short])
    return {name: MicroUsd(pico // _PICO_PER_MICRO + (name in raised)) for name, pico in parts.items()}


def divided(pico: int, weights: Sequence[int]) -> list[int]:
    """A spend divided by weight into whole pico-dollars that sum to it.

    Shape: weights (n,), n >= 1, at least one positive.
    Example:
        >>> divided(10, [1, 1, 1])
        [4, 3, 3]
    """
    whole = sum(weights)
    shares = [pico * weight // whole for weight in weights]
    rest = pico - sum(shares)
    order = sorted(range(len(weights)), key=lambda i: pico * weights[i] % whole, reverse=True)
    for i in order[:rest]:
        shares[i] += 1
    return shares
