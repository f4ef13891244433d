"""Single model requests of an invented company, as columns: what a tool would write for each of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from counterfoil.simulate.company.days import REQUEST_TOKENS, UNATTENDED, WEEK_DAYS, Days
from counterfoil.simulate.company.people import Flags, Floats, Ints, People, Workload
from counterfoil.simulate.company.tactics import TACTICS

CHUNK = 65_536
"""Requests of one batch, unless one person's day alone has more."""
DAY = 86_400
EVENING, MORNING = 22 * 3_600, 6 * 3_600
NIGHT = DAY - EVENING + MORNING
ORDINARY_NIGHT = 0.04
"""Share of an ordinary person's requests between 22 and 6 o'clock."""
SPREAD = 0.6
"""Unit: logarithms; how much the size of requests varies."""
WRITTEN_SHARE = 0.6
"""Share of what is neither output nor read from a cache that is written to one."""
OTHER_MODEL = 77
"""Of 256 requests of somebody who uses two models, those with the second."""


class Trigger(IntEnum):
    """What started a request."""

    HUMAN = 0
    SCHEDULE = 1
    EVENT = 2
    AGENT = 3


class Credential(IntEnum):
    """Whose key was used."""

    PERSON = 0
    SERVICE = 1


MODELS = (
    ("claude-sonnet-4-5", 3.0, 15.0),
    ("claude-opus-4-5", 5.0, 25.0),
    ("claude-haiku-4-5", 1.0, 5.0),
    ("gpt-5-codex", 1.25, 10.0),
    ("gpt-5", 1.25, 10.0),
    ("gpt-5-mini", 0.25, 2.0),
    ("gemini-2.5-pro", 1.25, 10.0),
    ("gemini-2.5-flash", 0.3, 2.5),
)
"""Name, and list price in dollars of a million tokens of input and of output."""
CACHE_WRITE, CACHE_READ = 1.25, 0.1
"""Price over that of input."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """A batch of requests of one day.

    Shape: every array (requests,).
    """

    day: int
    person: Ints
    second: Ints
    """Unit: seconds of the day, UTC."""
    session: NDArray[np.int64]
    """Unique within the day."""
    model: NDArray[np.uint8]
    """A place in MODELS."""
    input_uncached: Ints
    cache_read: Ints
    cache_write: Ints
    output: Ints
    micro_usd: Ints
    tool_calls: NDArray[np.uint8]
    human_turns: NDArray[np.uint8]
    repeated: Flags
    """Whether the same prompt was sent before."""
    trigger: NDArray[np.int8]
    credential: NDArray[np.int8]
    workload: NDArray[np.int8]
    """What heavy use is honestly for, where it was declared."""
    gamed: Flags
    """Whether nobody needed it: truth that no tool reports."""
    tactic: NDArray[np.int8]
    """A place in TACTICS or -1: truth as well."""

    def __len__(self) -> int:
        return len(self.person)


@dataclass(frozen=True, slots=True)
class _Streams:
    """What one person does in one way on one day; one person may have two.

    Shape: every array (streams,).
    """

    person: Ints
    tokens: NDArray[np.int64]
    count: NDArray[np.int64]
    """Requests."""
    spread: Floats
    output_share: Floats
    cached: Floats
    night: Floats
    jitter: Floats
    """Zero where requests come like a clock."""
    repeat: NDArray[np.uint8]
    human: NDArray[np.uint8]
    tools: NDArray[np.uint8]
    """These three in parts of 256."""
    usual: NDArray[np.uint8]
    other: NDArray[np.uint8]
    zone: NDArray[np.int8]
    sessions: NDArray[np.int64]
    trigger: NDArray[np.int8]
    credential: NDArray[np.int8]
    workload: NDArray[np.int8]
    tactic: NDArray[np.int8]


def requests_of(
    people: People, days: Days, day: int, *, seed: int, who: Ints | None = None, declared: bool = True
) -> Iterator[Requests]:
    """Every request of one day, of everybody or of those in `who`; the same for the same seed.

    `declared` says whether evaluation, CI and migration work stand in a register.
    """
    rng = np.random.Generator(np.random.SFC64([seed, len(people), day, 13]))
    streams = _streams(rng, people, days, day, np.arange(len(people), dtype=np.int32) if who is None else who)
    ends = np.cumsum(streams.count)
    first, session = 0, 0
    while first < len(ends):
        begun = int(ends[first - 1]) if first else 0
        last = max(int(np.searchsorted(ends, begun + CHUNK, side="right")), first + 1)
        part = slice(first, last)
        yield _batch(rng, streams, part, day, session, declared=declared)
        session += int(streams.sessions[part].sum())
        first = last


def _streams(rng: np.random.Generator, people: People, days: Days, day: int, who: Ints) -> _Streams:
    """What is needed first, then what is not."""
    needed = np.rint(days.needed[who, day]).astype(np.int64)
    extra = np.rint(days.tokens[who, day].astype(np.float64)).astype(np.int64) - needed
    tactic = days.tactic[who, day // WEEK_DAYS]
    works, games = np.flatnonzero(needed > 0), np.flatnonzero(extra > 0)
    at = np.concatenate([works, games])
    person = who[at].astype(np.int32)
    gamed = np.arange(len(at)) >= len(works)
    chosen = np.where(gamed, tactic[at], -1).astype(np.int8)
    tokens = np.concatenate([needed[works], extra[games]])
    workload = np.where(gamed, np.int8(Workload.ORDINARY), people.workload[person]).astype(np.int8)
    alone = np.isin(workload, np.array(UNATTENDED, np.int8))
    count = np.maximum(np.rint(tokens / _signed(chosen, "request_tokens", _honest_size(workload))), 1)
    models = days.models[person, day]
    share = _signed(chosen, "output_share", np.full(len(at), 0.05))
    regular = _signed(chosen, "metronomic", workload == Workload.PIPELINE) > 0
    return _Streams(
        person=person,
        tokens=tokens,
        count=count.astype(np.int64),
        spread=np.where(chosen >= 0, 0.15, SPREAD).astype(np.float32),
        output_share=share.astype(np.float32),
        cached=(days.cache_read[person, day] / np.maximum(days.tokens[person, day], 1)).astype(np.float32),
        night=_signed(chosen, "night", np.where(alone, 0.4, ORDINARY_NIGHT)).astype(np.float32),
        jitter=np.where(regular, 0.0, 1.0).astype(np.float32),
        repeat=_parts(_signed(chosen, "repeat", np.where(workload == Workload.EVALUATION, 0.75, 0.1))),
        human=_parts(_signed(chosen, "human_turns", np.where(alone, 0.01, 0.15))),
        tools=_parts(_signed(chosen, "tool_calls", np.full(len(at), 0.6))),
        usual=_lowest(models),
        other=_highest(models),
        zone=people.zone[person],
        sessions=np.maximum(np.ceil(np.sqrt(count) / 4), 1).astype(np.int64),
        trigger=_trigger(workload, chosen),
        credential=np.where(
            alone & (rng.random(len(at)) < 0.5), Credential.SERVICE, Credential.PERSON
        ).astype(np.int8),
        workload=workload,
        tactic=chosen,
    )


def _signed(tactic: NDArray[np.int8], name: str, honest: Floats) -> Floats:
    """A figure of each stream's tactic, or the honest one."""
    table = np.array([float(getattr(t, name)) for t in TACTICS])
    return np.where(tactic >= 0, table[tactic], honest)


def _honest_size(workload: NDArray[np.int8]) -> Floats:
    return np.where(workload == Workload.LARGE_CONTEXT, 80_000, REQUEST_TOKENS).astype(np.float64)


def _parts(shares: Floats) -> NDArray[np.uint8]:
    return np.minimum(np.rint(shares * 256), 255).astype(np.uint8)


def _lowest(models: NDArray[np.uint8]) -> NDArray[np.uint8]:
    table = np.array([(m & -m).bit_length() - 1 if m else 0 for m in range(256)], np.uint8)
    return table[models]


def _highest(models: NDArray[np.uint8]) -> NDArray[np.uint8]:
    table = np.array([m.bit_length() - 1 if m else 0 for m in range(256)], np.uint8)
    return table[models]


def _trigger(workload: NDArray[np.int8], tactic: NDArray[np.int8]) -> NDArray[np.int8]:
    """Unattended work and unattended gaming say what started them; nobody is active for it."""
    honest = np.select(
        [workload == Workload.PIPELINE, workload == Workload.EVALUATION, workload == Workload.MIGRATION],
        [Trigger.EVENT, Trigger.SCHEDULE, Trigger.AGENT],
        Trigger.HUMAN,
    )
    alone = np.array([t.human_turns == 0 for t in TACTICS])
    return np.where((tactic >= 0) & alone[tactic], Trigger.SCHEDULE, honest).astype(np.int8)


def _batch(
    rng: np.random.Generator, s: _Streams, part: slice, day: int, session: int, *, declared: bool
) -> Requests:
    """The requests of some streams; this is where the time goes."""
    count = s.count[part]
    total = int(count.sum())
    row = np.repeat(np.arange(len(count), dtype=np.int32), count)
    ends = np.cumsum(count)
    place = np.arange(total, dtype=np.int32) - np.repeat((ends - count).astype(np.int32), count)
    tokens = _sizes(rng, s.spread[part], s.tokens[part], count, ends, row)
    output = (tokens * s.output_share[part][row]).astype(np.int32)
    left = tokens - output
    cache_read = (left * s.cached[part][row]).astype(np.int32)
    left -= cache_read
    cache_write = (left * np.float32(WRITTEN_SHARE)).astype(np.int32)
    left -= cache_write
    bits = rng.integers(0, 256, (4, total), np.uint8)
    model = np.where(bits[0] < OTHER_MODEL, s.other[part][row], s.usual[part][row])
    within = place / s.count[part].astype(np.float32)[row]
    begins = session + np.cumsum(s.sessions[part]) - s.sessions[part]
    tactic = s.tactic[part][row]
    workload = s.workload[part][row] if declared else np.zeros(total, np.int8)
    return Requests(
        day=day,
        person=s.person[part][row],
        second=_seconds(rng, s, part, row, within),
        session=begins[row] + (within * s.sessions[part].astype(np.float32)[row]).astype(np.int64),
        model=model,
        input_uncached=left,
        cache_read=cache_read,
        cache_write=cache_write,
        output=output,
        micro_usd=_price(model, left, cache_read, cache_write, output),
        tool_calls=(bits[1] < s.tools[part][row]).astype(np.uint8),
        human_turns=(bits[2] < s.human[part][row]).astype(np.uint8),
        repeated=bits[3] < s.repeat[part][row],
        trigger=s.trigger[part][row],
        credential=s.credential[part][row],
        workload=workload,
        gamed=tactic >= 0,
        tactic=tactic,
    )


def _sizes(
    rng: np.random.Generator,
    spread: Floats,
    tokens: NDArray[np.int64],
    count: NDArray[np.int64],
    ends: NDArray[np.int64],
    row: Ints,
) -> Ints:
    """Tokens of each request, so that each stream's come to its tokens exactly.

    A stream's tokens are cut where its weights have come to; the last cut is its end.
    """
    weights = np.exp(rng.standard_normal(len(row), np.float32) * spread[row])
    run = np.cumsum(weights, dtype=np.float64)
    before = np.concatenate([[0.0], run[ends[:-1] - 1]])
    scale = tokens / (run[ends - 1] - before)
    cut = ((run - before[row]) * scale[row]).astype(np.int64)
    cut[ends - 1] = tokens
    firsts = ends - count
    sizes: Ints = np.diff(cut, prepend=0).astype(np.int32)
    sizes[firsts] = cut[firsts]
    return sizes


def _seconds(rng: np.random.Generator, s: _Streams, part: slice, row: Ints, within: Floats) -> Ints:
    """When each request began: a share of them at night, the others between six and ten."""
    steps = (rng.random(len(row), np.float32) * s.jitter[part][row]) / s.count[part].astype(np.float32)[row]
    at = within + steps
    night = s.night[part][row]
    late = at < night
    part_of_night = np.float32(NIGHT) * at / np.maximum(night, np.float32(1e-6))
    part_of_day = np.float32(DAY - NIGHT) * (at - night) / (1 - night)
    local = np.where(late, EVENING + part_of_night, MORNING + part_of_day).astype(np.int32)
    utc: Ints = (local - s.zone[part].astype(np.int32)[row] * 3_600) % DAY
    return utc


def _price(model: NDArray[np.uint8], fresh: Ints, read: Ints, write: Ints, output: Ints) -> Ints:
    """List price; a dollar a million tokens is a micro-dollar each.

    Unit: millionths of a dollar.
    """
    inward = np.array([price for _, price, _ in MODELS], np.float32)[model]
    outward = np.array([price for _, _, price in MODELS], np.float32)[model]
    billed = fresh + np.float32(CACHE_READ) * read + np.float32(CACHE_WRITE) * write
    price: Ints = (inward * billed + outward * output).astype(np.int32)
    return price
