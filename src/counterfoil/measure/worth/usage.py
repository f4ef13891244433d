"""Model requests folded into priced sums, small enough for every view of a report."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, partial
from itertools import compress
from operator import itemgetter
from typing import Any, TypeVar

from counterfoil.terms.absent import Unknown
from counterfoil.terms.batch import Moments, Named, distinct, together
from counterfoil.terms.ids import MicroUsd, SessionId, SourceId
from counterfoil.terms.rate import Rate, RateCard, Tier
from counterfoil.terms.reading import Reading
from counterfoil.terms.report import Totals

NO_REASONING = Unknown("no source states it")
_PICO_PER_MICRO = 1_000_000
_FIRST_DAY = date(1970, 1, 1).toordinal()
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
            asked = together(batch.columns["model"], _days(batch.columns["at"]))
            wanted |= {(reading.source, model, _day(day)) for model, day in asked if isinstance(model, str)}
    return wanted


def fold(readings: Iterable[Reading], card: RateCard, *, since: datetime | None) -> list[Spent]:
    """Priced sums by source, session, directory, model and day, from `since` on."""
    folded: list[Spent] = []
    for reading in readings:
        sums: dict[tuple[Any, ...], Spent] = {}
        for batch in reading.usage:
            columns = batch.columns if since is None else _from(batch.columns, since)
            kind = [*(columns[name] for name in ("session", "directory", "model")), _days(columns["at"])]
            summed = {name: columns[name] for name in (*_BILLED, _HOUR)}
            if any(isinstance(count, int) for count in distinct(columns["reasoning"])):
                summed["reasoning"] = columns["reasoning"]
            for alike in _alike(kind):
                key = session, directory, model, day = tuple([column[alike[0]] for column in kind])
                row = sums.get(key)
                if row is None:
                    row = sums[key] = Spent(reading.source, session, directory, model, _day(day))
                picked = itemgetter(*alike) if len(alike) > 1 else partial(_only, alike[0])
                _add(row, {name: picked(column) for name, column in summed.items()}, card.rates)
        folded += sums.values()
    return folded


_PROMPT = ("input_uncached", "cache_read", "cache_write")
_BILLED = (*_PROMPT, "output")
_HOUR = "cache_write_1h"


def _from(columns: Mapping[str, Sequence[Any]], since: datetime) -> dict[str, Sequence[Any]]:
    """The rows from an instant on."""
    kept = [at >= since for at in columns["at"]]
    return {name: list(compress(column, kept)) for name, column in columns.items()}


def _days(at: Sequence[datetime]) -> Sequence[int]:
    """Days since 1970, UTC."""
    if isinstance(at, Moments):
        return at.days()
    return [moment.astimezone(UTC).toordinal() - _FIRST_DAY for moment in at]


@cache
def _day(number: int) -> str:
    return date.fromordinal(_FIRST_DAY + number).isoformat()


def _only(row: int, column: Sequence[Any]) -> tuple[Any]:
    return (column[row],)


def _alike(columns: Sequence[Sequence[Any]]) -> Iterable[list[int]]:
    """The rows of each combination of values."""
    rows: defaultdict[Any, list[int]] = defaultdict(list)
    # Columns that share their numbers are alike where these are, which takes a third of the time.
    told = list({id(c): c for c in (c.numbers if isinstance(c, Named) else c for c in columns)}.values())
    for row, key in enumerate(told[0] if len(told) == 1 else zip(*told, strict=True)):
        rows[key].append(row)
    return rows.values()


def _add(row: Spent, alike: Mapping[str, Sequence[Any]], rates: Mapping[tuple[str, str], Rate]) -> None:
    """Add requests of one kind to their row."""
    whole = {name: sum(alike[name]) for name in _BILLED}
    requests = len(alike["output"])
    row.requests += requests
    row.input_uncached += whole["input_uncached"]
    row.cache_read += whole["cache_read"]
    row.cache_write += whole["cache_write"]
    row.output += whole["output"]
    stated = [count for count in alike.get("reasoning", ()) if count.__class__ is int]
    row.reasoning += sum(stated)
    row.reasoning_stated += len(stated)
    rate = rates.get((row.model, row.day)) if isinstance(row.model, str) else None
    if rate is not None:
        row.priced += requests
        row.pico += _price(rate, alike, whole)


def _price(rate: Rate, alike: Mapping[str, Sequence[Any]], whole: Mapping[str, int]) -> int:
    """Each request at the prices of the tier that its whole prompt reaches."""
    pairs = zip(alike[_HOUR], alike["cache_write"], strict=True)
    hours = [(h if h < w else w) if h.__class__ is int else 0 for h, w in pairs]
    if len(rate.tiers) == 1 or sum(max(alike[name]) for name in _PROMPT) <= rate.tiers[1].over:
        return _at(rate.tiers[0], *[*whole.values(), sum(hours)])
    requests = zip(*(alike[name] for name in _BILLED), hours, strict=True)
    return sum(_at(_tier(rate, sum(counts[:3])), *counts) for counts in requests)


def _at(tier: Tier, fresh: int, read: int, write: int, output: int, hour: int) -> int:
    return (
        fresh * tier.input_uncached
        + read * tier.cache_read
        + (write - hour) * tier.cache_write
        + hour * tier.cache_write_1h
        + output * tier.output
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
