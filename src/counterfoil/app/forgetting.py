"""Erases what was remembered."""

import json
import os
import shutil
from datetime import UTC, datetime

import click

from counterfoil.app.memory import evidence_path
from counterfoil.app.printed import Printed
from counterfoil.store.evidence import open_evidence
from counterfoil.store.place import KEY_NAME, cache_dir, data_dir
from counterfoil.terms.error import SourceError
from counterfoil.terms.ids import SessionId


def run_forget(*, session: str | None, before: str | None, yes: bool, as_json: bool) -> int:
    """Erase one session, everything before a day, or everything with the key and the cache."""
    whole = session is None and before is None
    if not yes and not as_json:
        click.confirm(f"Erase {'everything' if whole else 'this'} from {data_dir()}?", abort=True, err=True)
    with open_evidence(evidence_path()) as evidence:
        gone = evidence.forget(session=SessionId(session) if session else None, before=_day(before))
    # The cache may hold what was just erased; it can be computed again from logs that are still there.
    shutil.rmtree(cache_dir(), ignore_errors=True)
    if whole:
        for name in (KEY_NAME, os.path.basename(evidence_path())):
            if os.path.exists(path := os.path.join(data_dir(), name)):
                os.unlink(path)
    printed = Printed()
    counts = {
        "sessions": gone.sessions,
        "requests": gone.usage,
        "edits": gone.written,
        "commits": gone.committed,
    }
    words = ", ".join(f"{n} {name}" for name, n in counts.items())
    printed.data(json.dumps(counts) if as_json else f"erased: {words}; the tools' own logs are untouched")
    return printed.done(None)


def _day(text: str | None) -> datetime | None:
    try:
        return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError as error:
        raise SourceError("no-such-day", f"{text!r} is no day", hint="write --before 2026-11-01") from error
