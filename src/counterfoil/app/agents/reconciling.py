"""Says what does not fit between the systems that somebody connected and what their agents did."""

from counterfoil.app.agents.console import Console, Refused, said
from counterfoil.app.agents.looking import safe_lines
from counterfoil.app.printed import Printed
from counterfoil.show.exported import written

FINDING = 1
SAYS = {
    "unrecorded": "has the mark of an agent, and no effect is recorded that made it",
    "not-ours": "no effect made it: a person did, or somebody went around the gate",
    "not-there": "was said to be done, and the system has nothing of it",
    "unlogged": "is in the database as an effect, and not in the log",
    "not-examined": "could not be looked at",
}


def run_reconcile(console: Console, *, as_json: bool) -> int:
    """Print each thing that does not fit; exit code 1 where there is any."""
    try:
        found = console.ask("reconcile")
    except Refused as refused:
        return said(refused, as_json=as_json)
    printed = Printed()
    lines = (f"{one['connector']}: {one['what']}: {SAYS[one['odd']]}" for one in found)
    printed.data(written(found) if as_json else safe_lines(lines) or "All of it fits.")
    return printed.done(None, FINDING if found else 0)
