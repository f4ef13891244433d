"""Connects an account of whoever asks from a file that only they can read, and lets webhooks in."""

import os
import tomllib
from pathlib import Path

from counterfoil.app.agents.console import Console, Refused, said
from counterfoil.app.printed import Printed
from counterfoil.show.exported import written
from counterfoil.terms.error import SourceError

OTHERS = 0o077


def run_connect(kind: str, file: Path, console: Console, *, as_json: bool) -> int:
    """Connect an account of a kind with what a file says."""
    try:
        done = console.ask("connect", kind=kind, entered=_entered(file))
    except Refused as refused:
        return said(refused, as_json=as_json)
    printed = Printed()
    printed.words("It is kept encrypted, and shown to nobody again; the file is yours to remove.")
    printed.data(written(done) if as_json else f"{done['of']}: {done['state']}")
    return printed.done(None)


def run_disconnect(connector: str, console: Console, *, as_json: bool) -> int:
    """Let nothing be left of an account."""
    try:
        done = console.ask("disconnect", connector=connector)
    except Refused as refused:
        return said(refused, as_json=as_json)
    printed = Printed()
    printed.data(written(done) if as_json else f"{done['of']}: {done['state']}")
    return printed.done(None)


def run_webhook(name: str, console: Console, *, as_json: bool) -> int:
    """Let webhooks of an agent in, with a secret that is shown once."""
    try:
        made = console.ask("webhook", agent=name)
    except Refused as refused:
        return said(refused, as_json=as_json)
    printed = Printed()
    printed.words("The secret is shown this once, and the one before holds no longer.")
    printed.words("Deliver to that path, and the trigger's name behind it, at the server's address.")
    printed.data(written(made) if as_json else f"path: {made['path']}\nsecret: {made['secret']}")
    return printed.done(None)


def _entered(file: Path) -> dict[str, str]:
    """What a file says, field by field.

    Raises: SourceError where it can't be read, or others can.
    """
    try:
        if file.stat().st_mode & OTHERS and file.stat().st_uid == os.getuid():
            hint = f"run: chmod 600 {file}"
            raise SourceError("account-open", f"others can read {file}", hint=hint)
        told = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        hint = 'write a field a line, such as address = "ann@example.org"'
        raise SourceError("account-file", f"{file} can't be read", hint=hint) from error
    if wrong := sorted(name for name, value in told.items() if not isinstance(value, str | int)):
        raise SourceError("account-file", f"{wrong[0]} is no text", hint="write it between quotes")
    return {name: str(value) for name, value in told.items()}
