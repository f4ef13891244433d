"""Schedules as `agents/*.toml` has them, in the hours of a place."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from croniter import croniter  # type: ignore[import-untyped]


def is_schedule(cron: str) -> bool:
    """Whether it is five fields that a schedule can have."""
    return len(cron.split()) == 5 and bool(croniter.is_valid(cron))


def is_zone(zone: str) -> bool:
    """Whether there is a time zone of that name."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def last_due(cron: str, zone: str, since: datetime, until: datetime) -> datetime | None:
    """The last moment in (since, until] for which a schedule stands; what was slept through is one, not many."""
    place = ZoneInfo(zone)
    # A moment that is later by the wall and not by the clock, as when summer time ends, is passed over.
    found: datetime = croniter(cron, (until + timedelta(seconds=1)).astimezone(place)).get_prev(datetime)
    found = found.astimezone(UTC)
    return found if since < found <= until else None
