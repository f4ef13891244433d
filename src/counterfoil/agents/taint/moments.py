"""Days, times and lengths of time as an owner writes them; English and ISO 8601, and nothing is guessed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_COUNTS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_MONTH = "|".join(f"{month}|{month[:3]}\\.?" for month in _MONTHS)
_ISO = re.compile(r"(?<![\w-])(\d{4})-(\d{2})-(\d{2})(?![\d-])")
_MONTH_FIRST = re.compile(rf"\b({_MONTH})\s+(\d{{1,2}})(?:st|[nr]d|th)?\b(?:,?\s+(\d{{4}})\b)?", re.I)
_DAY_FIRST = re.compile(
    rf"\b(\d{{1,2}})(?:st|[nr]d|th)?\s+(?:of\s+)?({_MONTH})(?=\W|$)(?:,?\s+(\d{{4}})\b)?", re.I
)
_CLOCK = re.compile(r"(?<![\d:.])([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?(?![\d:])(?:\s*([ap])\.?m\b)?", re.I)
_HOUR = re.compile(r"(?<![\d:.])(\d{1,2})\s*([ap])\.?m\b", re.I)
_LENGTH = re.compile(rf"\b(\d{{1,3}}|an?|{'|'.join(_COUNTS)})[\s-]+(minute|hour|day|week)s?\b", re.I)
_UNITS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
_WHOLE_DAY = (time(0), time(23, 59))


@dataclass(frozen=True, slots=True)
class Moments:
    """Every day, time and length that some words name."""

    days: frozenset[tuple[int | None, int, int]]
    """Year where one is written, month, day."""
    times: frozenset[time]
    lengths: frozenset[timedelta]
    spans: tuple[tuple[int, int], ...] = field(default=(), compare=False)
    """Where in the words they stand, so that no number is read twice."""

    def name(self, value: str) -> bool:
        """Whether the words name this day, or this day and time."""
        found = moment_of(value)
        return found is not None and self._day(found[0]) and (found[1] is None or self._time(found[1]))

    def reach(self, value: str, since: str) -> bool:
        """Whether a moment lies after another by a length that the words name."""
        until, start = moment_of(value), moment_of(since)
        if until is None or start is None or until[1] is None or start[1] is None:
            return False
        return datetime.combine(*until) - datetime.combine(*start) in self.lengths  # type: ignore[arg-type]

    def _day(self, day: date) -> bool:
        years = {year for year, _, _ in self.days if year is not None}
        written = (day.year, day.month, day.day) in self.days
        return written or ((None, day.month, day.day) in self.days and years == {day.year})

    def _time(self, at: time) -> bool:
        return at in self.times or (not self.times and at in _WHOLE_DAY)


def moments(words: str) -> Moments:
    """The days, times and lengths that are written somewhere in the words."""
    days: set[tuple[int | None, int, int]] = set()
    spans: list[tuple[int, int]] = []
    for day, span in _days(words):
        days.add(day)
        spans.append(span)
    times: set[time] = set()
    for found in (*_CLOCK.finditer(words), *_HOUR.finditer(words)):
        if (at := _time_of(*found.groups())) is not None:
            times.add(at)
            spans.append(found.span())
    lengths: set[timedelta] = set()
    for found in _LENGTH.finditer(words):
        lengths.add(_count(found[1].lower()) * _UNITS[found[2].lower()])
        spans.append(found.span())
    return Moments(frozenset(days), frozenset(times), frozenset(lengths), tuple(spans))


def moment_of(value: str) -> tuple[date, time | None] | None:
    """A value as a day, or as a day and a time without zone; None where it is neither."""
    try:
        if len(value) == 10:
            return date.fromisoformat(value), None
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return None if at.tzinfo else (at.date(), at.time())


def _days(words: str) -> Iterator[tuple[tuple[int | None, int, int], tuple[int, int]]]:
    for found in _ISO.finditer(words):
        yield (int(found[1]), int(found[2]), int(found[3])), found.span()
    for found in _MONTH_FIRST.finditer(words):
        yield (_year(found[3]), _month(found[1]), int(found[2])), found.span()
    for found in _DAY_FIRST.finditer(words):
        yield (_year(found[3]), _month(found[2]), int(found[1])), found.span()


def _year(text: str | None) -> int | None:
    return int(text) if text else None


def _month(text: str) -> int:
    return next(n for n, month in enumerate(_MONTHS, 1) if month.startswith(text.lower().rstrip(".")))


def _time_of(hour: str, *rest: str | None) -> time | None:
    minute, half = (rest[0], rest[1]) if len(rest) == 2 else ("0", rest[0])
    at = int(hour)
    if half:
        if not 1 <= at <= 12:
            return None
        at = at % 12 + (12 if half.lower() == "p" else 0)
    return time(at, int(minute or 0))


def _count(word: str) -> int:
    return int(word) if word.isdigit() else 1 if word in ("a", "an") else _COUNTS.index(word) + 1
