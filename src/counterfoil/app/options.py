"""What a report is asked for, as the command line says it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOptions:
    """The choices of one `report`."""

    repos: tuple[Path, ...] = ()
    """Repositories to examine; none means those the logs name and the current one."""
    since: str | None = None
    homes: tuple[Path, ...] = ()
    """Homes whose logs are read; none means this user's own."""
    html: Path | None = None
    as_json: bool = False
    only_usage: bool = False
    more: bool = False
    rates: Path | None = None
    plan: str | None = None
    """Dollars paid a month."""
    bill: Path | None = None
    mode: str | None = None
    """`first-parent` or `full`; None lets the repository's merge style decide."""
    me: tuple[str, ...] = ()
    """E-mail addresses that are the runner's too."""
    tables: tuple[Path, ...] = ()
    """Tables of one's own usage."""
    example: bool = False
    or_example: bool = False
    """Show the example too where the logs have no request."""
    seed: int = 1
    no_memory: bool = False
    """Neither read nor write the cache and the evidence store."""
