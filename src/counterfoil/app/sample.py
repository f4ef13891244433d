"""The commands by which an outcome sample is planned, drawn by chance, entered and told."""

from pathlib import Path
from typing import Any

import click

from counterfoil.app.flags import DATA, DATA_OPTIONAL, FILE, JSON, ROLES, SECRET

ROLE = click.option("--as", "role", type=click.Choice(ROLES), help="A role that you hold.")


@click.group()
def sample() -> None:
    """Have works that chance picked judged by people who know nothing of their use; told as rates."""


@sample.command()
@click.argument("file", type=FILE)
@DATA_OPTIONAL
@JSON
def plan(file: Path, **chosen: Any) -> int:
    """Look over a plan; with --data it is logged, with the hash of the seed that works are drawn by."""
    from counterfoil.app.sampling import run_plan

    return run_plan(file, **chosen)


@sample.command()
@click.argument("name")
@click.option("--drawn", required=True, help="The public value that the plan named, as it came out.")
@click.option("--sheet", type=FILE, required=True, help="The CSV to write for those who assess.")
@click.option("--second", type=FILE, required=True, help="The CSV with works to judge twice, for others.")
@DATA
@ROLE
@SECRET
@JSON
def draw(name: str, **chosen: Any) -> int:
    """Draw works and controls, once, and write the sheets: neither tool, use, session, person nor unit."""
    from counterfoil.app.sampling import run_draw

    return run_draw(name, **chosen)


@sample.command()
@click.argument("name")
@click.argument("sheet", type=FILE)
@DATA
@JSON
def enter(name: str, sheet: Path, **chosen: Any) -> int:
    """Take in a sheet that was filled in: all of it, or nothing and what is wrong with each row."""
    from counterfoil.app.sampling import run_enter

    return run_enter(name, sheet, **chosen)


@sample.command()
@click.argument("name")
@DATA
@ROLE
@SECRET
@JSON
def tell(name: str, **chosen: Any) -> int:
    """Tell the rates of each group beside its controls, once; the list of works is gone after."""
    from counterfoil.app.sampling import run_tell

    return run_tell(name, **chosen)
