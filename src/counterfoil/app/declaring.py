"""Declares workloads, lists them and lets them end."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from counterfoil.app.directory import opened
from counterfoil.app.printed import Printed
from counterfoil.guard.workloads import declare, retire_workload, workloads
from counterfoil.show.deed import refusal
from counterfoil.show.exported import written
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import WorkloadName
from counterfoil.terms.release import Refuse
from counterfoil.terms.workload import Workload, WorkloadKind

REFUSED = 3


def run_add(name: str, *, kind: str, says: str, start: datetime | None, data: Path, as_json: bool) -> int:
    """Declare one."""
    with opened(data) as g:
        since = g.now.date() if start is None else start.date()
        new = Workload(name=WorkloadName(name), kind=WorkloadKind(kind), says=says.strip(), since=since)
        refused = declare(g, new)
    return _done(
        refused, {"declared": name, "since": str(since)}, f"{name} is declared since {since}", as_json
    )


def run_list(*, data: Path, as_json: bool) -> int:
    """Print every entry."""
    with opened(data) as g:
        rows = [_row(one) for one in workloads(g)]
    printed = Printed()
    printed.data(written(rows) if as_json else "\n".join(map(_line, rows)) or "no workload is declared")
    return printed.done(None)


def run_retire(name: str, *, day: datetime | None, data: Path, as_json: bool) -> int:
    """Let one end."""
    with opened(data) as g:
        on = g.now.date() if day is None else day.date()
        refused = retire_workload(g, name, on)
    return _done(refused, {"retired": name, "on": str(on)}, f"{name} ends on {on}", as_json)


def _row(one: Workload) -> Mapping[str, str | None]:
    until = None if isinstance(one.until, Unknown) else str(one.until)
    return {"name": one.name, "kind": one.kind, "for": one.says, "since": str(one.since), "until": until}


def _line(row: Mapping[str, str | None]) -> str:
    ended = f" until {row['until']}" if row["until"] else ""
    return f"{row['name']}  {row['kind']}  since {row['since']}{ended}  {row['for']}"


def _done(refused: Refuse | None, told: Mapping[str, str], says: str, as_json: bool) -> int:
    printed = Printed()
    if refused is not None:
        printed.data(refusal(refused, as_json=as_json))
        return printed.done(None, REFUSED)
    printed.data(written(told) if as_json else says)
    return printed.done(None)
