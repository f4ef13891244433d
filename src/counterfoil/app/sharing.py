"""Sends what joins one's own sessions to commits, and nothing else, once its owner has seen each byte."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import click

from counterfoil.app.gather import read_logs
from counterfoil.app.memory import Memory
from counterfoil.app.period import since as since_day
from counterfoil.app.printed import Printed
from counterfoil.app.progress import Meter
from counterfoil.app.replayed import Watched
from counterfoil.collect.git.find import find
from counterfoil.collect.git.likely import address, addresses
from counterfoil.collect.source import Want
from counterfoil.show.exported import written
from counterfoil.terms.absent import Unknown
from counterfoil.terms.error import SourceError, ToolError
from counterfoil.terms.reading import Reading

SECONDS = 30
COUNTS = ("request_count", "input_tokens", "cache_read_tokens", "cache_creation_tokens", "output_tokens")
Attributes = Mapping[str, str | int]


@dataclass(slots=True)
class _Shared:
    """What is sent of one tool: its sessions that made a commit, by day and model, and those commits."""

    usage: dict[tuple[str, str, int], list[int]] = field(default_factory=dict)
    commits: dict[tuple[str, str, str], int] = field(default_factory=dict)


def run_share(
    *, to: str, token: Path, start: str | None, homes: tuple[Path, ...], yes: bool, as_json: bool
) -> int:
    """Show what would be sent, byte for byte, and send it when its owner says so."""
    bearer = _token_in(token)
    now = datetime.now(UTC)
    with Memory(cache=True, evidence=not homes) as memory, Meter() as meter:
        want = Want(memory.line_key)
        readings, _ = read_logs(homes, (), want, memory, Watched([]), meter, now=now)
    try:
        begin = since_day(start, now=now) if start else None
    except ValueError as error:
        raise click.BadParameter("write 30d, 2w or 2026-11-01", param_hint="--since") from error
    body = export(readings, begin)
    printed = Printed()
    if body is None:
        printed.words("no session of yours made a commit in a repository with an address: nothing to send")
        printed.data(written({"sent": 0}) if as_json else "nothing was sent")
        return printed.done(None)
    if not as_json:
        click.echo(body)
    click.echo(f"{len(body)} bytes, all of them above, would go to {to}", err=True)
    if not yes and not click.confirm("Send them?", default=False, err=True):
        printed.words("nothing was sent")
        return printed.done(None)
    says = _sent(to, bearer, body.encode("ascii"))
    printed.words(says or "sent, and taken")
    printed.data(written({"sent": len(body), "says": says}) if as_json else f"sent {len(body)} bytes")
    return printed.done(None)


def export(readings: Iterable[Reading], begin: datetime | None) -> str | None:
    """An OTLP request about every session that made a commit in a repository with an address."""
    parts = []
    for reading in readings:
        shared = _shared(reading, begin)
        if shared.commits:
            records = [*_usage_records(shared), *_commit_records(shared)]
            resource = {"attributes": _attributes({"service.name": str(reading.source)})}
            parts.append({"resource": resource, "scopeLogs": [{"logRecords": records}]})
    return json.dumps({"resourceLogs": parts}, indent=1) if parts else None


def _shared(reading: Reading, begin: datetime | None) -> _Shared:
    shared, repositories = _Shared(), {}
    stated = {s.id: s.repository for s in reading.sessions}
    for made in reading.committed:
        if begin is not None and made.at < begin:
            continue
        if made.directory not in repositories:
            repositories[made.directory] = _key_of(made.directory)
        said = stated.get(made.session)
        key = repositories[made.directory] or (address(said) if isinstance(said, str) else "")
        if key:
            shared.commits[made.session, key, made.commit] = _noon(made.at)
    sessions = {session for session, _, _ in shared.commits}
    for usage in (row for batch in reading.usage for row in batch.rows() if row.session in sessions):
        model = "" if isinstance(usage.model, Unknown) else usage.model
        sums = shared.usage.setdefault((usage.session, model, _noon(usage.at)), [0] * len(COUNTS))
        counted = (1, usage.input_uncached, usage.cache_read, usage.cache_write, usage.output)
        for place, count in enumerate(counted):
            sums[place] += count
    return shared


def _key_of(directory: str) -> str:
    """The address of a folder's repository; nothing where it has none, or several."""
    repository = find(directory)
    if isinstance(repository, Unknown):
        return ""
    known = sorted(addresses(repository))
    return known[0] if len(known) == 1 else ""


def _usage_records(shared: _Shared) -> Iterator[Mapping[str, Any]]:
    for (session, model, noon), sums in sorted(shared.usage.items()):
        told: Attributes = {"session.id": session, "model": model, **dict(zip(COUNTS, sums, strict=True))}
        yield _record("counterfoil.usage", noon, told)


def _commit_records(shared: _Shared) -> Iterator[Mapping[str, Any]]:
    for (session, repository, commit), noon in sorted(shared.commits.items()):
        told: Attributes = {
            "session.id": session,
            "vcs.repository.url.full": f"https://{repository}",
            "vcs.ref.head.revision": commit,
        }
        yield _record("counterfoil.commit", noon, told)


def _record(name: str, noon: int, told: Attributes) -> Mapping[str, Any]:
    return {"timeUnixNano": str(noon), "eventName": name, "attributes": _attributes(told)}


def _attributes(told: Attributes) -> Sequence[Mapping[str, Any]]:
    return [
        {"key": key, "value": {"stringValue": value} if isinstance(value, str) else {"intValue": str(value)}}
        for key, value in told.items()
    ]


def _noon(at: datetime) -> int:
    """The middle of a day in UTC, which says nothing of when in the day it was.

    Unit: nanoseconds since 1970.
    """
    return int(datetime.combine(at.date(), time(12), UTC).timestamp()) * 10**9


def _token_in(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        hint = "name the file with the token that My record made for you"
        raise SourceError("no-token", f"{path} can't be read", hint=hint) from error


def _sent(to: str, bearer: str, body: bytes) -> str:
    """Send a request; what the receiver has to say of it.

    Raises: ToolError where it was not taken.
    """
    address_of = f"{to.rstrip('/')}/v1/logs"
    if not address_of.startswith(("http://", "https://")):
        raise click.BadParameter("write the address with http:// or https://", param_hint="--to")
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {bearer}"}
    try:
        with urlopen(Request(address_of, body, headers), timeout=SECONDS) as answer:  # noqa: S310 (checked above)
            told = json.loads(answer.read() or b"{}")
    except HTTPError as error:
        hint = "make a new token on My record" if error.code == 401 else "try again later"
        raise ToolError("not-taken", f"the receiver answered {error.code}", hint=hint) from error
    except (OSError, HTTPException, ValueError) as error:
        hint = "ask for the address of OTLP over HTTP, such as http://127.0.0.1:4318"
        raise ToolError("unreachable", f"{to} can't be reached", hint=hint) from error
    return str(told.get("partialSuccess", {}).get("errorMessage", ""))
