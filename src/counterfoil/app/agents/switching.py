"""Switches agents off and on, for a person or as the operator."""

from pathlib import Path

import click

from counterfoil.app.agents.console import Console, Refused, said
from counterfoil.app.agents.deciding import done_with
from counterfoil.app.directory import opened
from counterfoil.guard.acting import stops
from counterfoil.guard.acting.stops import EVERYTHING
from counterfoil.terms.ask import Role, Viewer
from counterfoil.terms.error import StoreError
from counterfoil.terms.release import Refuse

OPERATOR = Viewer(who=None, role=Role.OPERATOR)


def run_switch(
    name: str, what: str | None, console: Console, *, everything: bool, why: str, as_json: bool
) -> int:
    """Switch something off or on: of one's own, or as the operator; also while no server runs."""
    if (what is None) != everything:
        raise click.UsageError("name what to switch, such as agent:triage, or --everything")
    wanted = EVERYTHING if what is None else what if ":" in what else f"agent:{what}"
    try:
        given = {"what": wanted, "why": why} if name == "stop" else {"what": wanted}
        done = console.ask(name, **given)
    except Refused as refused:
        return said(refused, as_json=as_json)
    except StoreError as error:
        if error.code != "no-server-here" or console.data is None or console.secret is not None:
            raise
        done = _while_no_server_runs(name, wanted, why, console.data)
    return done_with(done, as_json=as_json)


def _while_no_server_runs(name: str, what: str, why: str, data: Path) -> dict[str, object]:
    """Nothing has an effect then; the switch is kept for when the server is back."""
    with opened(data) as g:
        if name == "stop":
            refused = stops.stop(g, OPERATOR, stops.stop_of(g.now, OPERATOR, what, why))
        else:
            refused = stops.resume(g, OPERATOR, what)
    if isinstance(refused, Refuse):
        raise Refused(refused.clause, refused.why.rstrip("."), hint="see --help")
    return {"what": what, "off": name == "stop"}
