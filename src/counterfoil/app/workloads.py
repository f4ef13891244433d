"""The command that keeps the register of workloads, while no server runs."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from counterfoil.app.flags import DATA, DAY, JSON

KINDS = click.Choice(["evaluation", "ci", "migration", "service", "best-of-n"])


@click.group()
def workload() -> None:
    """Declare honest automation, such as evaluations and CI, so that its use is kept apart and clear."""


@workload.command()
@click.argument("name")
@click.option("--kind", type=KINDS, required=True, help="What it honestly is.")
@click.option("--for", "says", required=True, help="What it is for, in words; name nobody.")
@click.option("--since", "start", type=DAY, help="Its first day. Default: today.")
@DATA
@JSON
def add(name: str, **chosen: Any) -> int:
    """Declare NAME, which requests carry as counterfoil.workload, or begin with: ci is ci/nightly too."""
    from counterfoil.app.declaring import run_add

    return run_add(name, **chosen)


@workload.command("list")
@DATA
@JSON
def list_(data: Path, as_json: bool) -> int:
    """List what is and was declared, by name."""
    from counterfoil.app.declaring import run_list

    return run_list(data=data, as_json=as_json)


@workload.command()
@click.argument("name")
@click.option("--on", "day", type=DAY, help="The first day on which it no longer is. Default: today.")
@DATA
@JSON
def retire(name: str, day: datetime | None, data: Path, as_json: bool) -> int:
    """Let a workload end; what it did before stays understood."""
    from counterfoil.app.declaring import run_retire

    return run_retire(name, day=day, data=data, as_json=as_json)
