"""The commands of those who need not trust the operator: keyholders, witnesses, auditors, the measured."""

from pathlib import Path
from typing import Any

import click

from counterfoil.app.flags import (
    DATA,
    DATA_OPTIONAL,
    FILE,
    FOLDER,
    JSON,
    OWN_SECRET,
    WITNESSES,
    port_option,
)


@click.group()
def keyholder() -> None:
    """Hold the keys of people apart from their data, as the works council or the DPO does."""


@keyholder.command()
@click.option("--keys", type=FOLDER, required=True, help="The folder of the keys; made where it is missing.")
@click.option("--socket", "socket_path", type=FILE, required=True, help="The socket to answer on.")
@click.option("--log", metavar="KEY", help="The verifier key of the log whose receipts count.")
@click.option(
    "--council", metavar="KEY", help="The council's key, which signs cases in which a name is opened."
)
@JSON
def serve(keys: Path, **chosen: Any) -> int:
    """Answer for the keys of people until it is stopped; nothing asked is logged here."""
    from counterfoil.app.keyholding import run_keyholder

    return run_keyholder(keys, **chosen)


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


@click.group("my-data", invoke_without_command=True)
@click.pass_context
@DATA_OPTIONAL
@click.option("--secret", type=FILE, help="The file with your secret.")
@click.option("--csv", "csv_folder", type=FOLDER, help="Write each table as CSV to this folder.")
@JSON
def my_data(context: click.Context, /, **chosen: Any) -> int:
    """Show everything that is held about you, who read it, when, in which role and what for."""
    if context.invoked_subcommand is not None:
        return 0
    if chosen["data"] is None or chosen["secret"] is None:
        raise click.UsageError("name the data directory with --data and your secret with --secret")
    from counterfoil.app.own import run_own

    return run_own(**chosen)


@my_data.command("object")
@DATA
@OWN_SECRET
@click.option("--back", is_flag=True, help="Take an objection back.")
@JSON
def object_(**chosen: Any) -> int:
    """Object to being measured: from the next block of four weeks on, no figure has you in it."""
    from counterfoil.app.own import run_object

    return run_object(**chosen)


@my_data.command()
@click.argument("says")
@DATA
@OWN_SECRET
@JSON
def correct(says: str, **chosen: Any) -> int:
    """Ask for something to be put right, in your words."""
    from counterfoil.app.own import run_correct

    return run_correct(says, **chosen)


@my_data.command()
@DATA
@OWN_SECRET
@click.option("--yes", is_flag=True, help="Do not ask.")
@JSON
def erase(**chosen: Any) -> int:
    """Erase every row about you, and destroy the keys by which entries about you can be opened."""
    from counterfoil.app.own import run_erase

    return run_erase(**chosen)


@my_data.command()
@DATA
@OWN_SECRET
@JSON
def acknowledge(**chosen: Any) -> int:
    """Say that you have read the programme in force: a count, and never a list of who has not."""
    from counterfoil.app.informing import run_acknowledge

    return run_acknowledge(**chosen)


@click.command()
@click.argument("file", type=FILE)
@JSON
def dpia(file: Path, as_json: bool) -> int:
    """Print what is kept and may be asked under a programme; each line names what it rests on."""
    from counterfoil.app.informing import run_dpia

    return run_dpia(file, as_json=as_json)


@click.command()
@click.option("--folder", type=FOLDER, required=True, help="Where it keeps its key and what it saw.")
@click.option("--name", default="witness.local/council", show_default=True, help="Its name, for a new key.")
@click.option("--log", "logs", multiple=True, metavar="KEY", help="A log to watch, by its verifier key.")
@port_option(8752)
@JSON
def witness(**chosen: Any) -> int:
    """Watch logs from another machine: cosign one that only grew, refuse one that was rewritten or cut.

    Without --log it prints its verifier key, which the parties of a programme agree on.
    """
    from counterfoil.app.witnessing import run_witness

    return run_witness(**chosen)


@click.command()
@click.argument("folder", type=FOLDER)
@click.option("--log", required=True, metavar="KEY", help="The verifier key of the log.")
@WITNESSES
@click.option("--seen", type=FILE, help="A file that keeps what was seen, and holds the next log to it.")
@click.option("--secret", type=FILE, help="Your secret, to find and open the entries about you.")
@JSON
def verify(folder: Path, **chosen: Any) -> int:
    """Check a published log offline: every entry, its signatures, and that it only grew; find your own."""
    from counterfoil.app.witnessing import run_verify

    return run_verify(folder, **chosen)


@click.group()
def ledger() -> None:
    """Publish the log of who asked what, have it witnessed, and open entries for an auditor."""


@ledger.command()
@DATA
@JSON
def key(data: Path, as_json: bool) -> int:
    """Print the verifier key of the log, to be handed to witnesses and to everybody measured."""
    from counterfoil.app.ledger import run_key

    return run_key(data=data, as_json=as_json)


@ledger.command()
@DATA
@click.option("--url", required=True, help="Where the witness answers.")
@click.option("--witness", required=True, metavar="KEY", help="Its verifier key.")
@JSON
def cosign(data: Path, url: str, witness: str, as_json: bool) -> int:
    """Show the log to a witness, and keep its cosignature."""
    from counterfoil.app.ledger import run_cosign

    return run_cosign(data=data, url=url, witness=witness, as_json=as_json)


@ledger.command("publish")
@DATA
@click.option("--out", type=FOLDER, required=True, help="The folder to publish to; files are only added.")
@JSON
def publish_log(data: Path, out: Path, as_json: bool) -> int:
    """Write the log as files that anybody can check, with the sealed entries about people beside them."""
    from counterfoil.app.ledger import run_publish_log

    return run_publish_log(data=data, out=out, as_json=as_json)


@ledger.command()
@click.argument("unit")
@DATA
@click.option(
    "--fact", type=click.Choice(["usage", "work", "seat"]), required=True, help="What it is a figure of."
)
@click.option("--block", required=True, help="The block of four weeks, such as 2026-B10.")
@click.option("--says", required=True, help="Where it was published, such as an invoice and its month.")
@JSON
def outside(unit: str, **chosen: Any) -> int:
    """Register a figure of UNIT that was published elsewhere, so that no answer is an answer without it."""
    from counterfoil.app.ledger import run_outside

    return run_outside(unit, **chosen)


@ledger.command("open")
@DATA
@click.option("--random", "count", type=click.IntRange(1, 10_000), required=True, help="How many to draw.")
@JSON
def open_(data: Path, count: int, as_json: bool) -> int:
    """Open entries that chance draws, for an auditor: one that was filed wrongly does not open."""
    from counterfoil.app.ledger import run_open

    return run_open(data=data, count=count, as_json=as_json)
