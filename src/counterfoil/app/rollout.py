"""The commands by which a cause is asked for, and a rollout is planned, dealt by chance and analysed."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from counterfoil.app.flags import DATA, DATA_OPTIONAL, DAY, FILE, JSON, ROLES, SECRET

BY = click.option(
    "--by", type=click.Choice(["team", "unit"]), default="unit", show_default=True, help="Of each of these."
)
PURPOSE = click.option("--purpose", help="Of a data directory: what for, as the programme names it.")
SEEN = click.option("--seen-until", type=DAY, help="When rates were last looked at.  [default: today]")
ROLE = click.option("--as", "role", type=click.Choice(ROLES), help="A role that you hold.")


@click.command()
@click.argument("table", type=FILE, required=False)
@click.option(
    "--outcome", "outcomes", multiple=True, required=True, help="A column, or events/work; repeatable."
)
@SEEN
@DATA_OPTIONAL
@BY
@click.option("--from", "begin", help="Of a data directory: the first week, such as 2026-W20.")
@click.option("--to", "end", help="Of a data directory: the last week.")
@PURPOSE
@click.option("--facts", type=FILE, help="A table of units with licence, department or pilot.")
@ROLE
@SECRET
@click.option("--more", is_flag=True, help="Print the effect of each week as well.")
@JSON
def cause(table: Path | None, seen_until: datetime | None, **chosen: Any) -> int:
    """Ask whether AI changed outcomes: of units by week, in TABLE or in a data directory.

    Units are held against others that were not treated by then; where nothing can be told, it says why.
    """
    from counterfoil.app.causing import run_cause

    return run_cause(table, seen_until=seen_until.date() if seen_until else None, **chosen)


@click.group()
def rollout() -> None:
    """Let chance decide the order of a rollout, so that what it did can be told."""


@rollout.command()
@click.argument("file", type=FILE)
@DATA_OPTIONAL
@JSON
def plan(file: Path, **chosen: Any) -> int:
    """Look over a plan; with --data it is logged, with the hash of the seed that units are dealt by."""
    from counterfoil.app.rollouts import run_plan

    return run_plan(file, **chosen)


@rollout.command()
@click.argument("name")
@click.option("--drawn", required=True, help="The public value that the plan named, as it came out.")
@DATA
@JSON
def assign(name: str, **chosen: Any) -> int:
    """Deal units to waves, once, before the first wave begins; the log has it before anybody sees it."""
    from counterfoil.app.rollouts import run_assign

    return run_assign(name, **chosen)


@rollout.command()
@click.argument("name")
@click.option("--table", type=FILE, help="Units by week; without it: figures as they are released.")
@SEEN
@BY
@PURPOSE
@DATA
@ROLE
@SECRET
@JSON
def analyse(name: str, seen_until: datetime | None, **chosen: Any) -> int:
    """Say what a rollout did, by the very dealing that is in the log; each look is logged and counted."""
    from counterfoil.app.rollouts import run_analyse

    return run_analyse(name, seen_until=seen_until.date() if seen_until else None, **chosen)
