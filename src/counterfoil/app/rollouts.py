"""Plans, deals and analyses a rollout, with a data directory that has it in its log."""

from datetime import date
from pathlib import Path

import click

from counterfoil.app.causing import refused, table_in
from counterfoil.app.directory import opened, viewer_of
from counterfoil.app.period import today
from counterfoil.app.printed import Printed, terminal
from counterfoil.collect.rollout import read_rollout
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.rollout import assign_rollout, assignment_of, looked_over, plan_rollout
from counterfoil.guard.rollout_found import analyse_rollout
from counterfoil.guard.unit_weeks import Wanted, released_table
from counterfoil.show.rollout import (
    assigned_json,
    assigned_text,
    found_json,
    found_text,
    planned_json,
    planned_text,
)
from counterfoil.terms.ask import Viewer
from counterfoil.terms.cause import UnitTable
from counterfoil.terms.ids import MetricId
from counterfoil.terms.metric import Level
from counterfoil.terms.release import Refuse

LONGEST = 300


def run_plan(file: Path, *, data: Path | None, as_json: bool) -> int:
    """Print a plan that could be dealt, and log it where a data directory is named."""
    plan = read_rollout(file)
    printed = Printed()
    if data is None:
        planned = looked_over(plan, today())
    else:
        with opened(data) as g:
            planned = plan_rollout(g, plan)
    if isinstance(planned, Refuse):
        return refused(printed, planned, as_json=as_json)
    printed.data(planned_json(planned) if as_json else planned_text(planned))
    return printed.done(None)


def run_assign(name: str, *, drawn: str, data: Path, as_json: bool) -> int:
    """Print which wave chance gave each unit."""
    if not drawn.strip() or len(drawn) > LONGEST or not drawn.isprintable():
        raise click.BadParameter(f"write at most {LONGEST} characters in one line", param_hint="--drawn")
    with opened(data) as g:
        assignment = assign_rollout(g, name, drawn.strip())
    printed = Printed()
    if isinstance(assignment, Refuse):
        return refused(printed, assignment, as_json=as_json)
    printed.data(assigned_json(assignment) if as_json else assigned_text(assignment))
    return printed.done(None)


def run_analyse(
    name: str,
    *,
    table: Path | None,
    seen_until: date | None,
    by: str,
    purpose: str | None,
    data: Path,
    role: str | None,
    secret: Path | None,
    as_json: bool,
) -> int:
    """Print what a rollout did; 3 where that is refused."""
    printed = Printed()
    with opened(data) as g:
        found = _figures(g, name, table, printed, by, purpose, viewer_of(g, secret, role))
        told = (
            found
            if isinstance(found, Refuse)
            else analyse_rollout(g, name, found, seen_until=seen_until or today())
        )
    if isinstance(told, Refuse):
        return refused(printed, told, as_json=as_json)
    look = terminal()
    text = found_text(told, width=look.width, color=look.color, unicode=look.unicode)
    printed.data(found_json(told) if as_json else text)
    return printed.done(None)


def _figures(
    g: Guarded,
    name: str,
    table: Path | None,
    printed: Printed,
    by: str,
    purpose: str | None,
    viewer: Viewer,
) -> UnitTable | Refuse:
    """Units by week, from a table or as they are released; nothing is read where nothing was dealt."""
    assignment = assignment_of(g, name)
    if isinstance(assignment, Refuse):
        return assignment
    plan = assignment.plan
    if table is not None:
        return table_in(table, [plan.outcome], printed)
    if not purpose or plan.outcome.work:
        raise click.UsageError("name a --table; or a --purpose, where the outcome is a figure such as kept")
    wanted = Wanted(
        outcomes=[MetricId(plan.outcome.events)],
        by=Level(by),
        since=plan.begins,
        until=plan.ends,
        purpose=purpose,
        # Of use only a band is told, which is no measure of exposure.
        with_use=False,
    )
    return released_table(g, wanted, viewer, {})
