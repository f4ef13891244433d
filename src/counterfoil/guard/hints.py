"""What somebody may want to look at in their own rows: worked out when they look, and kept nowhere."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

Rows = Sequence[Mapping[str, str]]

BANDS_OF_DAY = 4
LONG_BANDS = 3
"""Neighbouring parts of six hours that a session has to go through."""
MANY_REQUESTS = 200
SAME_SIZE = 50
"""Requests of one day, tool, model and size."""
FEWEST_SINGLE = 3
MOST_DAYS = 3
BY_ITSELF = {"schedule", "event", "agent"}
HONEST = "An evaluation or a migration looks the same, and nobody else is told."


def own_hints(rows: Mapping[str, Rows]) -> Iterator[str]:
    """What is worth a look, in words; it is compared with nobody, is no judgement, and is told to nobody."""
    days, works, requests = (rows.get(name, []) for name in ("usage_day", "work_fate", "usage"))
    alone = sum(int(day["requests"]) for day in days if day["trigger"] not in {"", "human"})
    if alone:
        yield f"{alone:,} of your requests were set off by a timer or an agent: none makes you active."
    undone = sum(bool(work["undone"]) for work in works)
    if undone:
        yield f"{undone:,} of your {len(works):,} pieces of work were undone later: what had they in common?"
    unpriced = sum(not day["cost"] for day in days)
    if unpriced:
        yield f"On {unpriced:,} rows of your use the source states no cost: it is unknown, and not nothing."
    yield from _runaway(requests)
    yield from _single(days)
    yield from _repeated(requests)


def _runaway(requests: Rows) -> Iterator[str]:
    """Sessions that went on for half a day without anything that a person is known to have asked."""
    sessions: dict[tuple[str, str], list[Mapping[str, str]]] = defaultdict(list)
    for row in requests:
        if row["session"] not in {"", "0"}:
            sessions[row["tool"], row["session"]].append(row)
    nights = {first for mine in sessions.values() if (first := _long_run(mine)) is not None}
    if nights:
        yield (
            f"Your agent looked runaway on {_nights(len(nights))} (from {_listed(nights)}): one session of "
            f"{MANY_REQUESTS} requests and more went on for half a day, and none is known to be one that you "
            f"made. Did anything come of it? {HONEST}"
        )


def _long_run(mine: Rows) -> date | None:
    """The day on which a session began to run on by itself; None where it did not."""
    if any(row["trigger"] not in {"", *BY_ITSELF} for row in mine):
        return None
    many: Counter[int] = Counter()
    for row in mine:
        many[date.fromisoformat(row["day"]).toordinal() * BANDS_OF_DAY + int(row["band"])] += int(
            row["requests"]
        )
    length, begun, total = 0, 0, 0
    for place in sorted(many):
        length, begun, total = (
            (length + 1, begun, total + many[place])
            if length and place == begun + length
            else (1, place, many[place])
        )
        if length >= LONG_BANDS and total >= MANY_REQUESTS:
            return date.fromordinal(begun // BANDS_OF_DAY)
    return None


def _single(days: Rows) -> Iterator[str]:
    """Days with one request and no more."""
    many: Counter[str] = Counter()
    for row in days:
        many[row["day"]] += int(row["requests"])
    single = {date.fromisoformat(day) for day, count in many.items() if count == 1}
    if len(single) >= FEWEST_SINGLE:
        yield (
            f"On {len(single):,} days your use was one request (last {_listed(single)}). Where it was "
            "made for a number, the number is at fault, and nobody is told."
        )


def _repeated(requests: Rows) -> Iterator[str]:
    """Many requests of one day that are of exactly the same size."""
    alike: Counter[tuple[str, ...]] = Counter()
    for row in requests:
        if int(row["requests"]) == 1:
            whole = sum(int(row[name]) for name in ("input_uncached", "cache_read", "cache_write"))
            alike[row["day"], row["tool"], row["model"], str(whole), row["output"]] += 1
    days = {date.fromisoformat(key[0]) for key, count in alike.items() if count >= SAME_SIZE}
    if days:
        most, on = max(alike.values()), "one day" if len(days) == 1 else f"{len(days):,} days"
        yield (
            f"On {on} (last {_listed(days)}) up to {most:,} of your "
            f"requests had exactly the same size, as of a loop that repeats itself. {HONEST}"
        )


def _nights(many: int) -> str:
    return "one night" if many == 1 else f"{many:,} nights"


def _listed(days: set[date]) -> str:
    """The latest few days, the newest first."""
    newest = sorted(days, reverse=True)[:MOST_DAYS]
    return ", ".join(map(str, newest))
