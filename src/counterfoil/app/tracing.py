"""Traces lines: opens the past, lets the guard release it, hands to show."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from counterfoil.app.entry import with_default
from counterfoil.app.gather import written_in
from counterfoil.app.memory import Memory
from counterfoil.app.printed import Printed, terminal
from counterfoil.app.progress import Meter
from counterfoil.app.replayed import Watched
from counterfoil.collect.git.find import find
from counterfoil.collect.git.identity import my_emails
from counterfoil.collect.git.open import open_past
from counterfoil.guard.own import release_trace
from counterfoil.show.trace import as_json_lines, as_text
from counterfoil.terms.absent import Unknown
from counterfoil.terms.error import SourceError
from counterfoil.terms.history import MergeStyle


def run_trace(repo: Path, file: str | None, *, as_json: bool, revision: str, homes: tuple[Path, ...]) -> int:
    """Trace a repository's lines, or one file's."""
    watched = Watched(with_default(sys.argv[1:]))
    place = find(str(repo.absolute()))
    if isinstance(place, Unknown):
        raise SourceError(
            "no-repository", f"{repo}: {place.why}", hint="name a folder inside a git repository"
        )
    printed = Printed()
    with Memory(cache=True, evidence=not homes) as memory, Meter() as meter:
        work = written_in(place, homes, memory, watched, meter, now=datetime.now(UTC))
        past = open_past(
            place,
            rev=revision,
            me=my_emails([place], ()),
            line_key=memory.line_key,
            keys_since=work.first,
            style=MergeStyle.FULL,
            memory=memory.cache if revision == "HEAD" else None,
            purpose="trace",
            at_once=True,
        )
        watched.repository(past.git_dir)
        released = release_trace(
            past, work.written, work.committed, roots=work.roots, file=_inside(file, repo, place)
        )
        memory.watch(watched)
    for caveat in past.facts.caveats:
        printed.words(f"note: {caveat}")
    look = terminal()
    printed.data(
        as_json_lines(released)
        if as_json
        else as_text(released, width=look.width, color=look.color, unicode=look.unicode)
    )
    return printed.done(watched)


def _inside(file: str | None, repo: Path, place: str) -> str | None:
    """A file as the repository names it: below the folder that was named, or below its root."""
    if file is None:
        return None
    below = (repo.absolute() / file).resolve()
    root = Path(place).resolve()
    return below.relative_to(root).as_posix() if below.is_relative_to(root) and below.exists() else file
