"""The commands on a programme file, each of which parses, calls and hands to show."""

from pathlib import Path
from typing import Any

import click

from counterfoil.app.flags import DATA, FILE, JSON, OPEN, SEED, WITNESSES, port_option


@click.group(no_args_is_help=False)
def programme() -> None:
    """Write an AI programme down, and learn what it will do to people before it begins."""


@programme.command()
@click.argument("file", required=False, type=FILE)
@JSON
def new(file: Path | None, as_json: bool) -> int:
    """Print a programme that passes every rule, or write it to FILE, to begin with."""
    from counterfoil.app.judging import run_new

    return run_new(file, as_json=as_json)


@programme.command()
@click.argument("file", type=FILE)
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "sarif"]), help="How to print the findings."
)
@click.option("--org", type=FILE, help="A CSV of person and unit: how many units would each floor hide?")
@JSON
def check(file: Path, form: str | None, org: Path | None, as_json: bool) -> int:
    """Say what is wrong with a programme, why, and what to do; exit 1 on an error or a warning."""
    from counterfoil.app.judging import run_check

    return run_check(file, form="json" if as_json else form or "text", org=org)


@programme.command()
@click.argument("file", type=FILE)
@JSON
def says(file: Path, as_json: bool) -> int:
    """Say what a programme tells an employee they are valued for, rule by rule."""
    from counterfoil.app.judging import run_says

    return run_says(file, as_json=as_json)


@programme.command()
@click.argument("old", type=FILE)
@click.argument("new", type=FILE)
@JSON
def diff(old: Path, new: Path, as_json: bool) -> int:
    """Say what gets weaker or stronger, and for whom; exit 1 where something gets weaker."""
    from counterfoil.app.judging import run_diff

    return run_diff(old, new, as_json=as_json)


@programme.command()
@click.argument("file", type=FILE)
@JSON
def repair(file: Path, as_json: bool) -> int:
    """Print the nearest programme that passes, and say what was changed and what is left to do."""
    from counterfoil.app.judging import run_repair

    return run_repair(file, as_json=as_json)


@programme.command()
@port_option(8751)
@OPEN
@JSON
def web(port: int, opened: bool, as_json: bool) -> int:
    """Serve one page for HR, on this machine alone: questions or a file, findings, letter, annex."""
    from counterfoil.app.local import serve_locally

    def site() -> object:
        from counterfoil.app.programme_web import site

        return site()

    return serve_locally(site, port=port, opened=opened, as_json=as_json)


@programme.command()
@click.argument("file", type=FILE)
@click.option("--jurisdiction", required=True, metavar="X", help="Where people work: EU, DE, IT, US-NY ...")
@JSON
def notice(file: Path, jurisdiction: str, as_json: bool) -> int:
    """Print the notice to those who are measured, with what the law asks for where they work."""
    from counterfoil.app.informing import run_notice

    return run_notice(file, jurisdiction=jurisdiction, as_json=as_json)


@programme.command()
@click.argument("file", type=FILE)
@click.option("--as", "party", required=True, help="The party that agrees, as the programme names it.")
@click.option("--key", type=FILE, required=True, help="That party's own key; made where it is missing.")
@click.option(
    "--replaces", default="none", help="What is in force, as publish names it; none for a first one."
)
@WITNESSES
@JSON
def consent(file: Path, **chosen: Any) -> int:
    """Print a party's signed consent to a programme, word for word, and to the witnesses of the log."""
    from counterfoil.app.publishing import run_consent

    return run_consent(file, **chosen)


@programme.command()
@click.argument("file", type=FILE)
@click.option("--consent", "consents", multiple=True, type=FILE, help="A party's consent; repeatable.")
@WITNESSES
@DATA
@JSON
def publish(file: Path, **chosen: Any) -> int:
    """Put a programme into force: what weakens it takes every party's consent, 14 days, and a witness."""
    from counterfoil.app.publishing import run_publish

    return run_publish(file, **chosen)


@programme.command()
@click.argument("rule", required=False, metavar="[ID]")
@JSON
def rules(rule: str | None, as_json: bool) -> int:
    """Say what the rules flag, why, and how to fix it; all of them, or one."""
    from counterfoil.app.judging import run_rules

    return run_rules(rule, as_json=as_json)


@programme.command()
@click.argument("file", type=FILE)
@click.option("--seed", type=SEED, default=1, show_default=True, help="Seed of the invented people.")
@JSON
def simulate(file: Path, seed: int, as_json: bool) -> int:
    """Foresee what people will do, beside the nearest passing programme: a model, not a measurement."""
    from counterfoil.app.foreseeing import run_foresee

    return run_foresee(file, seed=seed, as_json=as_json)
