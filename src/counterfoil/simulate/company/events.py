"""Spells portions of days out as the single model requests they are made of."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from counterfoil.simulate.company.chance import (
    FEW,
    STEP,
    STEPS,
    mixed,
    normal_steps,
    uniform,
    waiting_steps,
)
from counterfoil.simulate.company.manner import EVEN, UNEVEN, column
from counterfoil.simulate.company.models import BUCKETS, PRICES
from counterfoil.simulate.company.people import Ints
from counterfoil.simulate.company.portions import Habits, Portions, bits_of

HOUR = 3_600
MORNING, EVENING = 6 * HOUR, 22 * HOUR
NIGHT = 8 * HOUR
EARLY = 0.75
"""Share of a night that lies after midnight."""
JITTER = 0.05
"""How far the gaps of a timer are off, at most."""
OUTPUT_SPREAD = 0.8
AT_ONCE = 1 << 16
"""Requests that are spelled out at a time: what a processor keeps close to itself."""
Reals = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """Single model requests.

    Shape: every array (requests,), in order of portion and, in each, of time.
    """

    who: Ints
    day: Ints
    at: Ints
    """Unit: seconds of the day, local time of the person."""
    session: NDArray[np.int64]
    model: NDArray[np.int8]
    input_uncached: Ints
    cache_read: Ints
    cache_write: Ints
    output: Ints
    cost: Ints
    """Unit: micro-USD."""
    tool_calls: Ints
    human_turns: Ints
    repeated: Ints
    """1 where the prompt was sent before."""
    trigger: NDArray[np.int8]
    credential: NDArray[np.int8]
    registered: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.who)


def events(some: Portions, usual: Habits, *, seed: int) -> Iterator[Events]:
    """Every request of some portions, block by block; the same whatever the portions stand beside."""
    ends = np.cumsum(some.requests)
    start = 0
    while start < len(some):
        before = int(ends[start - 1]) if start else 0
        stop = max(int(np.searchsorted(ends, before + AT_ONCE, side="right")), start + 1)
        yield _block(some[start:stop], usual, seed)
        start = stop


def joined(blocks: Iterator[Events]) -> Events:
    """Blocks as one."""
    held = list(blocks)
    return Events(**{f.name: np.concatenate([getattr(b, f.name) for b in held]) for f in fields(Events)})


@dataclass(frozen=True, slots=True)
class _Rows:
    """Where in a block each portion begins and ends, and which one each request is of."""

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    of: NDArray[np.int32]

    def parts(self, reached: Reals) -> Ints:
        """What each request adds to what was reached before it in its own portion.

        Shape: `reached` (requests,), whole numbers that never fall within a portion.
        """
        added = np.empty(len(reached), np.float64)
        np.subtract(reached[1:], reached[:-1], out=added[1:])
        added[self.first] = reached[self.first]
        return added.astype(np.int32)

    def shares(self, weights: Reals) -> Reals:
        """How much of its portion is reached with each request, from the weight of each.

        Shape: `weights` (requests,).
        """
        reached = np.cumsum(weights, dtype=np.float64)
        before = reached[self.first] - weights[self.first]
        whole = reached[self.last] - before
        reached -= before[self.of]
        reached *= (1 / whole)[self.of]
        reached[self.last] = 1.0
        return reached


def _block(some: Portions, usual: Habits, seed: int) -> Events:
    count = some.requests
    last = np.cumsum(count) - 1
    rows = _Rows(last - count + 1, last, np.repeat(np.arange(len(some), dtype=np.int32), count))
    mine = bits_of(some, seed=seed)
    number = np.arange(len(rows.of), dtype=np.uint64)
    bits = mixed((mine - number[rows.first] * STEP)[rows.of] + number * STEP)
    nth = (number.astype(np.int32) - rows.first.astype(np.int32)[rows.of]).astype(np.float32)
    reached = _spent(some, rows, bits)
    return Events(
        who=some.who[rows.of],
        day=some.day[rows.of],
        at=_times(some, usual, rows, bits, mine),
        session=_sessions(some, rows, nth),
        model=some.model[rows.of],
        **dict(zip((*BUCKETS, "cost"), reached, strict=True)),
        tool_calls=_counted(some, rows, nth, "tool_calls", uniform(mine, 1)),
        human_turns=_counted(some, rows, nth, "human_turns", uniform(mine, 2)),
        repeated=_counted(some, rows, nth, "repeat", uniform(mine, 3)),
        trigger=some.trigger[rows.of],
        credential=some.credential[rows.of],
        registered=some.registered[rows.of],
    )


def _step(bits: NDArray[np.uint64], lot: int) -> NDArray[np.int64]:
    return ((bits >> np.uint64(12 * lot)) & FEW).astype(np.int64)


def _spent(some: Portions, rows: _Rows, bits: NDArray[np.uint64]) -> list[Ints]:
    """Buckets and cost of each request; those of a portion sum to its own, to the token."""
    even = (column("spread")[some.manner] == np.float32(EVEN)).astype(np.int64) * STEPS
    of_even = even[rows.of]
    sizes = _sizes(UNEVEN, EVEN)[of_even + _step(bits, 0)]
    said = _sizes(OUTPUT_SPREAD, EVEN)[of_even + _step(bits, 1)]
    by_size, by_said = rows.shares(sizes), rows.shares(said)
    cost = np.zeros(len(rows.of))
    parts = []
    for place, name in enumerate(BUCKETS):
        whole = getattr(some, name).astype(np.float64)
        reached = np.rint((by_said if name == "output" else by_size) * whole[rows.of])
        parts.append(rows.parts(reached))
        cost += reached * PRICES[some.model, place][rows.of]
    return [*parts, rows.parts(np.rint(cost))]


def _sizes(uneven: float, even: float) -> NDArray[np.float32]:
    steps = normal_steps()
    return np.concatenate([np.exp(np.float32(uneven) * steps), np.exp(np.float32(even) * steps)])


def _gaps() -> NDArray[np.float32]:
    """Gaps between requests: as chance has it, and as a timer has it."""
    steady = 1 + np.float32(JITTER) * np.linspace(-1, 1, STEPS, dtype=np.float32)
    return np.concatenate([waiting_steps(), steady])


def _times(
    some: Portions, usual: Habits, rows: _Rows, bits: NDArray[np.uint64], mine: NDArray[np.uint64]
) -> Ints:
    """Seconds of the day: in a person's own hours, and at night as often as the manner has it."""
    timed = column("metronomic", np.bool_)[some.manner]
    gaps = _gaps()[(timed * STEPS)[rows.of] + _step(bits, 2)]
    reached = np.cumsum(gaps, dtype=np.float64)
    before = reached[rows.first] - gaps[rows.first]
    phase = uniform(mine, 0)
    after = np.where(timed, 0, -np.log(phase))
    scale = 1 / (reached[rows.last] - before + after)
    moved = (before + np.where(timed, phase * np.float32(1 - JITTER), 0)) * scale
    place = (reached * scale[rows.of] - moved[rows.of]).astype(np.float32)
    early, late, offsets, slopes = _clock(some, usual, timed)
    part = rows.of * np.int32(3)
    part += place >= early[rows.of]
    part += place >= late[rows.of]
    seconds: Ints = np.minimum(offsets[part] + place * slopes[part], 24 * HOUR - 1).astype(np.int32)
    return seconds


def _clock(some: Portions, usual: Habits, timed: NDArray[np.bool_]) -> tuple[Reals, Reals, Reals, Reals]:
    """How the share of a day that is done turns into the time of day: night, day, night.

    Shape: the shares at which day and evening begin (portions,); offset and slope (3 x portions,).
    """
    night = column("night")[some.manner]
    even = NIGHT * (1 - night) / np.maximum(night, np.float32(0.01))
    begins = np.where(timed, MORNING, usual.begins[some.who] * HOUR).astype(np.float32)
    lasts = np.where(timed, even, usual.lasts[some.who] * HOUR)
    lasts = np.minimum(lasts, EVENING - begins).astype(np.float32)
    early, late = EARLY * night, EARLY * night + 1 - night
    slopes = np.stack([NIGHT / night, lasts / (1 - night), NIGHT / night], axis=1)
    offsets = np.stack(
        [np.zeros_like(early), begins - early * slopes[:, 1], EVENING - late * slopes[:, 2]], axis=1
    )
    return early, late, offsets.ravel().astype(np.float32), slopes.ravel().astype(np.float32)


def _sessions(some: Portions, rows: _Rows, nth: NDArray[np.float32]) -> NDArray[np.int64]:
    each = (some.sessions / some.requests).astype(np.float32)
    within = (nth * each[rows.of]).astype(np.int32)
    return some.place[rows.of] + within


def _counted(
    some: Portions, rows: _Rows, nth: NDArray[np.float32], name: str, phase: NDArray[np.float32]
) -> Ints:
    """Things that come at a rate for each request, at regular distances."""
    rate = column(name)[some.manner]
    shift = phase[rows.of]
    every = rate[rows.of]
    upto = np.floor((nth + 1) * every + shift)
    upto -= np.floor(nth * every + shift)
    counts: Ints = upto.astype(np.int32)
    return counts
