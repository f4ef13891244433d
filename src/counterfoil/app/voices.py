"""The commands by which people say what they think, and what went wrong, without being named."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from counterfoil.app.flags import DATA, DAY, FILE, FOLDER, JSON, OWN_SECRET, port_option

KINDS = ("wrong", "made-up", "left-out", "unsafe", "unfair", "private", "other")


@click.group()
def pulse() -> None:
    """Ask everybody what they think, confidentially: one person, one answer, and nobody can link the two."""


@pulse.command()
@click.argument("name")
@DATA
@click.option("--issuer", type=FOLDER, required=True, help="The issuer's folder, which must not exist yet.")
@click.option("--collector", type=FOLDER, required=True, help="The collector's folder.")
@click.option("--closes", type=DAY, required=True, help="The last day on which it takes answers.")
@JSON
def new(name: str, closes: datetime, **chosen: Any) -> int:
    """Make a pulse: a folder for its issuer, one for its collector, and an entry in the log."""
    from counterfoil.app.pulsing import run_new_pulse

    return run_new_pulse(name, closes=closes.date(), **chosen)


@pulse.command()
@click.argument("folder", type=FOLDER)
@port_option(8753)
@JSON
def issue(folder: Path, port: int, as_json: bool) -> int:
    """Sign one blinded token for each person who may answer; it sees no answer, and keeps no log."""
    from counterfoil.app.pulsing import run_issue

    return run_issue(folder, port=port, as_json=as_json)


@pulse.command()
@click.argument("folder", type=FOLDER)
@port_option(8754)
@JSON
def collect(folder: Path, port: int, as_json: bool) -> int:
    """Take one answer for each token; it knows no person, and keeps no log and no time."""
    from counterfoil.app.pulsing import run_collect_answers

    return run_collect_answers(folder, port=port, as_json=as_json)


@pulse.command()
@click.argument("folder", type=FOLDER)
@JSON
def form(folder: Path, as_json: bool) -> int:
    """Print the form of a pulse, with what remains of who answers."""
    from counterfoil.app.pulsing import run_form

    return run_form(folder, as_json=as_json)


@pulse.command()
@OWN_SECRET
@click.option("--issuer", required=True, help="Where the issuer answers.")
@click.option("--collector", required=True, help="Where the collector answers.")
@click.option("--answers", type=FILE, help="Your answers as JSON; without it you are asked.")
@JSON
def answer(**chosen: Any) -> int:
    """Answer a pulse, once."""
    from counterfoil.app.pulsing import run_answer

    return run_answer(**chosen)


@pulse.command()
@click.argument("folder", type=FOLDER)
@DATA
@JSON
def close(folder: Path, data: Path, as_json: bool) -> int:
    """Tell what a pulse came to, once, when it has closed; the answers are removed."""
    from counterfoil.app.pulsing import run_close

    return run_close(folder, data=data, as_json=as_json)


@click.group()
def errors() -> None:
    """Report what AI got wrong, about an artefact and a tool, and by nobody."""


@errors.command("file")
@click.argument("artefact")
@click.option("--tool", required=True, help="The tool that made it.")
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What was wrong.")
@DATA
@JSON
def file_(artefact: str, **chosen: Any) -> int:
    """Report an error in ARTEFACT: no name of yours, and none of the artefact, is kept."""
    from counterfoil.app.erring import run_file

    return run_file(artefact, **chosen)


@errors.command()
@DATA
@JSON
def kinds(data: Path, as_json: bool) -> int:
    """Print how many reports of each tool and kind there are, of at least ten, of blocks that are over."""
    from counterfoil.app.erring import run_kinds

    return run_kinds(data=data, as_json=as_json)
