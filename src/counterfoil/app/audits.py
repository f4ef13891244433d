"""The command that asks whether a number is still true."""

from datetime import datetime
from pathlib import Path

import click

from counterfoil.app.flags import DATA_OPTIONAL, DAY, JSON, ROLES, SECRET, SIZE


@click.command()
@click.argument("metric", required=False)
@click.option("--since", "start", type=DAY, help="Look at the weeks from this day on alone.")
@click.option("--unit", help="Look at the units below this one; with --event, where the target was.")
@click.option("--event", metavar="programme@vN", help="What a version of the programme did, by its number.")
@click.option("--power", is_flag=True, help="What could be seen, and how soon, before anything is launched.")
@click.option("--people", type=SIZE, help="With --power: in an organisation of so many.")
@click.option("--as", "role", type=click.Choice(ROLES), help="A role that you hold.")
@DATA_OPTIONAL
@SECRET
@JSON
def audit(
    metric: str | None,
    start: datetime | None,
    power: bool,
    people: int | None,
    data: Path | None,
    as_json: bool,
    unit: str | None,
    event: str | None,
    role: str | None,
    secret: Path | None,
) -> int:
    """Ask whether METRIC still goes with outcomes, or each number of the programme that can be made up.

    About numbers of many, never about a person. Exits with 1 where a number has come apart or responds to
    its target alone, and with 3 where every answer is refused.
    """
    from counterfoil.app.auditing import run_audit, run_power

    if power:
        return run_power(people, as_json=as_json)
    if data is None or people is not None:
        raise click.UsageError("name a data directory with --data, or ask with --power; --people is for that")
    asked = (metric, None if start is None else start.date(), unit, event)
    return run_audit(*asked, data=data, role=role, secret=secret, as_json=as_json)
