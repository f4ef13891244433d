"""Erases what was remembered."""

import json
import os
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from glob import escape, glob

import click

from counterfoil.app.memory import CACHE, EVIDENCE, evidence_path
from counterfoil.app.printed import Printed
from counterfoil.app.replayed import FOLDER as ANSWERS
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
    _remove(cache_dir(), (f"{CACHE}*", "internal-error-*.txt"))
    shutil.rmtree(os.path.join(cache_dir(), ANSWERS), ignore_errors=True)
    if whole:
        _remove(data_dir(), (f"{KEY_NAME}*", f"{EVIDENCE}*"))
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


def _remove(folder: str, names: Iterable[str]) -> None:
    """Files of ours in a folder that others may use too."""
    for name in names:
        for path in glob(os.path.join(escape(folder), name)):
            os.unlink(path)


def _day(text: str | None) -> datetime | None:
    try:
        return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError as error:
        raise SourceError("no-such-day", f"{text!r} is no day", hint="write --before 2026-11-01") from error
