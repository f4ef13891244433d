"""The commands of those who need not trust the operator: keyholders, witnesses, auditors, the measured."""

from pathlib import Path

import click

from counterfoil.app.flags import DATA, FILE, FOLDER, JSON


@click.group()
def keyholder() -> None:
    """Hold the keys of people apart from their data, as the works council or the DPO does."""


@keyholder.command()
@click.option("--keys", type=FOLDER, required=True, help="The folder of the keys; made where it is missing.")
@click.option("--socket", "socket_path", type=FILE, required=True, help="The socket to answer on.")
@click.option("--log", metavar="KEY", help="The verifier key of the log whose receipts count.")
@JSON
def serve(keys: Path, socket_path: Path, log: str | None, as_json: bool) -> int:
    """Answer for the keys of people until it is stopped; nothing asked is logged here."""
    from counterfoil.app.keyholding import run_keyholder

    return run_keyholder(keys, socket_path=socket_path, log=log, as_json=as_json)


@keyholder.command()
@click.argument("identity")
@click.option("--keys", type=FOLDER, required=True, help="The folder of the keys, while nothing serves it.")
@click.option("--out", type=FILE, required=True, help="The file to write their secret to.")
@JSON
def enrol(identity: str, keys: Path, out: Path, as_json: bool) -> int:
    """Write the secret of a person, by which they sign in and find every entry about themselves."""
    from counterfoil.app.keyholding import run_enrol

    return run_enrol(identity, keys=keys, out=out, as_json=as_json)


@keyholder.command()
@DATA
@click.option("--socket", "socket_path", type=FILE, required=True, help="The socket of the keyholder.")
@JSON
def use(data: Path, socket_path: Path, as_json: bool) -> int:
    """Let a data directory without keys of its own ask a keyholder for them from now on."""
    from counterfoil.app.keyholding import run_use

    return run_use(data, socket_path=socket_path, as_json=as_json)
