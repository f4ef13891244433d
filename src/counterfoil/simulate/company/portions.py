"""Cuts a person's day into portions of one model and one manner, in the buckets that are billed."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from counterfoil.simulate.company.chance import Bits, seeded, uniform
from counterfoil.simulate.company.days import UNATTENDED, Days
from counterfoil.simulate.company.live import WEEK_DAYS, Behaviour
from counterfoil.simulate.company.manner import (
    CREDENTIALS,
    FIRST_TACTIC,
    MANNERS,
    TRIGGERS,
    column,
)
from counterfoil.simulate.company.models import DEAREST, PRICES, TOOL_OF, WRITES
from counterfoil.simulate.company.people import Flags, Floats, People, Workload
from counterfoil.simulate.company.tactics import TACTICS
from counterfoil.terms.usage import Credential

Wholes = NDArray[np.int64]
SECOND_SHARE = 0.15
"""Share of a day's honest tokens that goes to the second model: an assumption."""
USUAL = 3
"""Models that somebody's usual one can be, as `days` draws it."""
WRITTEN = 0.6
"""Share of what is not read from a cache that is written to one, where the tool says so: an assumption."""
REGISTERED = 0.8
"""Share of unattended workloads that are entered in the register: an assumption."""
LEAST_USE = 8_000
"""Tokens a day of the least that counts; what else a resister does looks like anybody's work."""
MOST_SESSIONS = 4_000
MOST_DAYS = 1_024
PARTS = 4
PLACES = {tactic.name: place for place, tactic in enumerate(TACTICS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What stays the same of each person.

    Shape: every array (people,).
    """

    usual: NDArray[np.int8]
    """The model that somebody uses; its place in MODELS."""
    begins: Floats
    """Unit: local hour at which their day begins."""
    lasts: Floats
    """Unit: hours."""
    registered: Flags
    """Whether their unattended workload is in the register, and runs on a key of its own."""

    @property
    def tool(self) -> NDArray[np.int64]:
        """The tool of the model that somebody uses; its place in TOOLS."""
        return TOOL_OF[self.usual]


@dataclass(frozen=True, slots=True, kw_only=True)
class Portions:
    """What one person had of one model in one manner on one day, as a tool would add it up.

    Shape: every array (portions,), in order of person and day.
    """

    who: NDArray[np.int32]
    day: NDArray[np.int32]
    place: Wholes
    """Names the portion; its sessions count on from here."""
    manner: NDArray[np.int8]
    """Place in MANNERS: part of the planted truth, not of what a tool can see."""
    model: NDArray[np.int8]
    trigger: NDArray[np.int8]
    credential: NDArray[np.int8]
    registered: Flags
    requests: Wholes
    sessions: Wholes
    input_uncached: Wholes
    cache_read: Wholes
    cache_write: Wholes
    output: Wholes
    cost: Wholes
    """Unit: micro-USD."""

    def __len__(self) -> int:
        return len(self.who)

    def __getitem__(self, which: Any) -> "Portions":
        """Some of them."""
        return Portions(**{field.name: getattr(self, field.name)[which] for field in fields(self)})


def habits(people: People, days: Days, *, seed: int) -> Habits:
    """The habits of everybody, the same for the same seed."""
    count = len(people)
    drawn = seeded(seed, -1 - np.arange(count))
    always = np.bitwise_and.reduce(np.where(days.models > 0, days.models, np.uint8(255)), axis=1)
    unused = np.uint8(1) << (uniform(drawn, 2) * USUAL).astype(np.uint8)
    lowest = np.where(days.models.any(axis=1), always & (~always + np.uint8(1)), unused)
    odd = people.workload == Workload.IRREGULAR_HOURS
    begins = np.where(odd, 6 + 7 * uniform(drawn), 7.5 + 3 * uniform(drawn)).astype(np.float32)
    alone = np.isin(people.workload, np.array(UNATTENDED))
    return Habits(
        usual=np.log2(lowest).astype(np.int8),
        begins=begins,
        lasts=(np.float32(9) * people.hours).astype(np.float32),
        registered=alone & (uniform(drawn, 1) < REGISTERED),
    )


def portions(
    people: People, days: Days, usual: Habits, who: slice, *, first: int = 0, until: int | None = None
) -> Portions:
    """The portions of some people and of the days from `first` to before `until`."""
    count, width = days.tokens.shape
    span = slice(first, width if until is None else until)
    tokens = np.rint(days.tokens[who, span]).astype(np.int64)
    needed = np.minimum(np.rint(days.needed[who, span]).astype(np.int64), tokens)
    week = np.arange(width)[span] // WEEK_DAYS
    behaviour = np.stack([w.behaviour[who] for w in days.weeks], axis=1)[:, week]
    tactic = np.stack([w.tactic[who] for w in days.weeks], axis=1)[:, week].astype(np.int8)
    model, second = _models(days.models[who, span], usual.usual[who][:, None])
    dearest = (tactic == PLACES["dearest-model"]) & (behaviour == Behaviour.MAXIMISE)
    model = np.where(dearest, np.int8(DEAREST), model)
    resists = behaviour == Behaviour.RESIST
    least = np.where(resists, np.minimum(needed, LEAST_USE), 0)
    other = np.where((second >= 0) & ~dearest, np.rint((needed - least) * SECOND_SHARE), 0).astype(np.int64)
    work = np.broadcast_to(people.workload[who][:, None], tokens.shape)
    trick = (FIRST_TACTIC + tactic).astype(np.int8)
    kinds: tuple[tuple[NDArray[Any], ...], ...] = (
        (needed - least - other, work, model),
        (other, work, second),
        (least, trick, model),
        (tokens - needed, trick, model),
    )
    cells = [np.flatnonzero(amount.ravel() > 0) for amount, _, _ in kinds]
    cell = np.concatenate(cells)
    part = np.repeat(np.arange(len(kinds)), [len(found) for found in cells])
    order = np.lexsort((part, cell))
    cell, part = cell[order], part[order]
    picked = [
        np.concatenate([source.ravel()[found] for source, found in zip(sources, cells, strict=True)])[order]
        for sources in zip(*kinds, strict=True)
    ]
    start = range(count)[who].start
    person = (start + cell // len(week)).astype(np.int32)
    day = (first + cell % len(week)).astype(np.int32)
    share = (days.cache_read[person, day] / days.tokens[person, day]).astype(np.float64)
    return _billed(person, day, part, *picked, share=share, registered=usual.registered[person])


def each(people: People, days: Days, *, seed: int, at_once: int = 8_192) -> Iterator[Portions]:
    """The portions of everybody, some people at a time."""
    usual = habits(people, days, seed=seed)
    for start in range(0, len(people), at_once):
        yield portions(people, days, usual, slice(start, min(start + at_once, len(people))))


def _models(used: NDArray[np.uint8], usual: NDArray[np.int8]) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """The model of the day and the second one; -1 where there is none."""
    rest = used & ~(np.uint8(1) << usual.astype(np.uint8))
    second = np.where(rest > 0, np.log2(np.maximum(rest, 1)).astype(np.int8), np.int8(-1))
    return np.broadcast_to(usual, used.shape), second


def _billed(
    who: NDArray[np.int32],
    day: NDArray[np.int32],
    part: NDArray[np.int64],
    tokens: Wholes,
    manner: NDArray[np.int8],
    model: NDArray[np.int8],
    *,
    share: NDArray[np.float64],
    registered: Flags,
) -> Portions:
    """Portions in billed buckets; the share of a cache is one of the prompt."""
    requests = np.ceil(tokens / column("request_tokens", np.float64)[manner]).astype(np.int64)
    sessions = np.ceil(requests / column("session_requests", np.float64)[manner]).astype(np.int64)
    output = np.rint(tokens * column("output_share", np.float64)[manner]).astype(np.int64)
    read = np.rint((tokens - output) * np.minimum(share, 1)).astype(np.int64)
    rest = tokens - output - read
    write = np.where(WRITES[model], np.rint(rest * WRITTEN), 0).astype(np.int64)
    buckets = np.stack([rest - write, read, write, output], axis=1)
    triggers = np.array([TRIGGERS.index(m.trigger) for m in MANNERS], np.int8)
    listed = registered & (manner < FIRST_TACTIC)
    keys = [CREDENTIALS.index(Credential.PERSON), CREDENTIALS.index(Credential.SERVICE)]
    return Portions(
        who=who,
        day=day,
        place=((who.astype(np.int64) * MOST_DAYS + day) * PARTS + part) << 12,
        manner=manner,
        model=model,
        trigger=triggers[manner],
        credential=np.where(listed, np.int8(keys[1]), np.int8(keys[0])),
        registered=listed,
        requests=requests,
        sessions=np.minimum(sessions, MOST_SESSIONS),
        input_uncached=buckets[:, 0],
        cache_read=read,
        cache_write=write,
        output=output,
        cost=np.rint((buckets * PRICES[model]).sum(axis=1)).astype(np.int64),
    )


def bits_of(some: Portions, *, seed: int) -> Bits:
    """Random bits of each portion, which do not hang on which others there are."""
    return seeded(seed, some.place)
