"""Keeps definitions at the running process, as whose agents they are."""

from collections.abc import Sequence
from pathlib import Path

from counterfoil.app.agents.console import Console, Refused, said
from counterfoil.app.printed import Printed
from counterfoil.show.exported import written
from counterfoil.terms.error import SourceError


def run_keep(files: Sequence[Path], console: Console, *, as_json: bool) -> int:
    """Keep each file as an agent, or as a new version of one."""
    try:
        done = [console.ask("keep", definition=_text(file)) for file in files]
    except Refused as refused:
        return said(refused, as_json=as_json)
    printed = Printed()
    printed.data(written(done) if as_json else "\n".join(f"{one['of']}: {one['state']}" for one in done))
    return printed.done(None)


def _text(file: Path) -> str:
    """What a file says.

    Raises: SourceError where it can't be read.
    """
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        hint = "name a file that is there; counterfoil agent new NAME writes one"
        raise SourceError("agent-unreadable", f"{file} can't be read", hint=hint) from error
