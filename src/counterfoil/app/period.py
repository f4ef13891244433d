"""Reads a period as people write it."""

import re
from datetime import UTC, date, datetime, timedelta

_SPAN = re.compile(r"(\d{1,4})([dwm])")
_DAYS = {"d": 1, "w": 7, "m": 30}


def today() -> date:
    """The day in UTC."""
    return datetime.now(UTC).date()


def since(text: str, *, now: datetime) -> datetime:
    """The start of a period, at midnight UTC.

    Raises: ValueError when the text is neither a span nor a date in the past.
    Example:
        >>> since("2w", now=datetime(2026, 11, 25, 9, tzinfo=UTC)).isoformat()
        '2026-11-11T00:00:00+00:00'
    """
    if span := _SPAN.fullmatch(text.strip().lower()):
        start = now - timedelta(days=int(span[1]) * _DAYS[span[2]])
    else:
        start = datetime.fromisoformat(text.strip())
    start = start.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=UTC)
    if start > now:
        raise ValueError("the period would begin in the future")
    return start
