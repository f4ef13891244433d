"""Streams what agents were let do, and not, to whoever collects security events."""

import json
import time
from datetime import UTC, datetime, timedelta

import click

from counterfoil.app.agents.console import Console, Refused, said
from counterfoil.app.period import since as start_of

EVERY_SECONDS = 2.0
FULL = 1_000
"""Events that come at a time at most: after so many there may be more at once."""


def run_events(console: Console, *, since: str, follow: bool) -> int:
    """Print events from a moment on, each once; with `follow` until it is stopped."""
    try:
        at = start_of(since, now=datetime.now(UTC))
    except ValueError as error:
        raise click.UsageError(f"--since: {error}") from error
    told: set[str] = set()
    while True:
        try:
            lines = console.ask("events", since=at)
        except Refused as refused:
            return said(refused, as_json=True)
        last = at
        for line in lines:
            event = json.loads(line)
            last = datetime.fromtimestamp(event["time"] / 1000, UTC)
            if (name := f"{event['metadata']['uid']} {event['status_id']}") not in told:
                told.add(name)
                click.echo(line.rstrip("\n"))
        more, at = len(lines) >= FULL and last > at, max(at, last - timedelta(milliseconds=1))
        if not follow and not more:
            return 0
        if not more:
            time.sleep(EVERY_SECONDS)
