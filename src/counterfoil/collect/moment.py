"""Turns the times that clients write into milliseconds."""

from datetime import UTC, datetime

A_DAY = 86_400_000
"""How far ahead of this machine's clock a record may be.

Unit: milliseconds.
"""


def milliseconds(stated: object) -> int | None:
    """Milliseconds since 1970 of an ISO 8601 time, UTC where no zone is named; None for anything else.

    Example:
        >>> milliseconds("2026-11-23T02:39:13.668Z")
        1795401553668
        >>> milliseconds("yesterday") is None
        True
    """
    if not isinstance(stated, str):
        return None
    try:
        at = datetime.fromisoformat(stated)
        return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
