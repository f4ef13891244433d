"""Files a report of what AI got wrong, and tells the kinds of those there are."""

from pathlib import Path

from counterfoil.app.directory import opened
from counterfoil.app.printed import Printed
from counterfoil.guard.errors import ErrorKind, file_report, kinds_of_errors
from counterfoil.show.exported import written


def run_file(artefact: str, *, tool: str, kind: str, data: Path, as_json: bool) -> int:
    """Keep one report."""
    with opened(data) as g:
        file_report(g, artefact=artefact, tool=tool, kind=ErrorKind(kind))
    printed = Printed()
    says = "It is kept without your name and without the artefact's; the same one counts once."
    printed.data(written({"filed": True}) if as_json else says)
    return printed.done(None)


def run_kinds(*, data: Path, as_json: bool) -> int:
    """Print how many reports of each tool and kind there are, of at least ten."""
    with opened(data) as g:
        told = kinds_of_errors(g).answer
    lines = [
        f"{tool:16} {kind:10} about {count}"
        for tool, kinds in told.by.items()
        for kind, count in kinds.items()
    ]
    lines.append(f"{told.fewer} more tools and kinds have fewer than ten reports each; none is of this block")
    printed = Printed()
    printed.data(written(told) if as_json else "\n".join(lines))
    return printed.done(None)
