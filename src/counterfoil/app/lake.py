"""The commands of whoever keeps a data directory up."""

from pathlib import Path

import click

from counterfoil.app.flags import DATA, FOLDER, JSON


@click.group()
def lake() -> None:
    """Check a data directory, make it small, clean it up, and copy it."""


@lake.command()
@DATA
@JSON
def check(data: Path, as_json: bool) -> int:
    """Find what is gone, altered or left over; it only reads, and may run beside the server."""
    from counterfoil.app.upkeep import run_check

    return run_check(data, as_json=as_json)


@lake.command()
@DATA
@JSON
def compact(data: Path, as_json: bool) -> int:
    """Write files anew that are larger than they need to be; answers stay what they are."""
    from counterfoil.app.upkeep import run_compact

    return run_compact(data, as_json=as_json)


@lake.command()
@DATA
@JSON
def vacuum(data: Path, as_json: bool) -> int:
    """Throw away what belongs to nothing, and give back the room that deleted rows left."""
    from counterfoil.app.upkeep import run_vacuum

    return run_vacuum(data, as_json=as_json)


@lake.command()
@DATA
@click.option("--out", type=FOLDER, required=True, help="The folder to write; it must not exist yet.")
@JSON
def backup(data: Path, out: Path, as_json: bool) -> int:
    """Copy a data directory, also while the server runs; the copy is a data directory itself."""
    from counterfoil.app.upkeep import run_backup

    return run_backup(data, out=out, as_json=as_json)
