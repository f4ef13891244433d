"""The commands that connect forges: the secrets of their webhooks, and whose logins are whose."""

from pathlib import Path
from typing import Any

import click

from counterfoil.app.flags import DATA, JSON

FORGES = click.Choice(["github", "gitlab"])
TEXT = click.Path(path_type=Path, dir_okay=False, allow_dash=True)


@click.group()
def hook() -> None:
    """Connect GitHub or GitLab: their webhooks are taken once a secret is kept, and none without."""


@hook.command()
@click.argument("forge", type=FORGES)
@DATA
@click.option("--file", type=TEXT, help="Keep the secret in it, or of stdin with -; without it one is made.")
@JSON
def secret(forge: str, **chosen: Any) -> int:
    """Keep what a forge signs its deliveries with; two at a time, so that it can be changed."""
    from counterfoil.app.hooking import run_secret

    return run_secret(forge, **chosen)


@hook.command("list")
@DATA
@JSON
def list_(data: Path, as_json: bool) -> int:
    """Print which secrets hold, by name; no secret is printed."""
    from counterfoil.app.hooking import run_list

    return run_list(data=data, as_json=as_json)


@hook.command()
@click.argument("name")
@DATA
@JSON
def withdraw(name: str, **chosen: Any) -> int:
    """Let a secret hold no longer."""
    from counterfoil.app.hooking import run_withdraw

    return run_withdraw(name, **chosen)


@click.group()
def alias() -> None:
    """Say whose logins are whose, so that a forge and the directory tell of one person."""


@alias.command()
@click.argument("login", required=False)
@click.argument("identity", required=False)
@click.option("--file", type=TEXT, help="A table with the columns login and person, or - for stdin.")
@DATA
@JSON
def add(login: str | None, identity: str | None, **chosen: Any) -> int:
    """Let LOGIN, such as github:ann, be whoever the directory calls IDENTITY; only pseudonyms are kept."""
    from counterfoil.app.hooking import run_add

    return run_add(login, identity, **chosen)


@alias.command()
@click.argument("login")
@DATA
@JSON
def remove(login: str, data: Path, as_json: bool) -> int:
    """Let LOGIN be nobody's but its own from now on."""
    from counterfoil.app.hooking import run_remove

    return run_remove(login, data=data, as_json=as_json)
