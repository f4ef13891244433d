"""The commands that let programs in and give the roles that watch over the rest, while no server runs."""

from pathlib import Path
from typing import Any

import click

from counterfoil.app.flags import DATA, JSON, ROLES

SCOPES = click.Choice(["ingest", "scim", "roles", "read", "metrics"])
GIVEN = click.Choice(["finance", "council", "dpo", "admin"])


@click.group()
def token() -> None:
    """Issue tokens by which programs come in, each for one thing, and withdraw them."""


@token.command("new")
@click.argument("scope", type=SCOPES)
@click.option("--name", default="", help="What it is called by those who manage it: a machine, a directory.")
@click.option("--role", type=click.Choice(ROLES), help="The role in which a token of the scope read asks.")
@click.option("--person", metavar="IDENTITY", help="Whose use comes in with a token of the scope ingest.")
@DATA
@JSON
def new_token(scope: str, **chosen: Any) -> int:
    """Issue a token and print it, once; only its hash is kept.

    ingest sends telemetry, scim provisions people and units, roles provisions who holds a role, read asks
    guarded questions, metrics reads how the server is doing.
    """
    from counterfoil.app.tokens import run_new

    return run_new(scope, **chosen)


@token.command("list")
@DATA
@JSON
def list_tokens(data: Path, as_json: bool) -> int:
    """List the tokens that hold, by the start of their hash; those of people without whose they are."""
    from counterfoil.app.tokens import run_list

    return run_list(data=data, as_json=as_json)


@token.command("withdraw")
@click.argument("start", metavar="HASH")
@DATA
@JSON
def withdraw_token(start: str, data: Path, as_json: bool) -> int:
    """Let a token hold no longer, by the start of its hash."""
    from counterfoil.app.tokens import run_withdraw

    return run_withdraw(start, data=data, as_json=as_json)


@click.group()
def role() -> None:
    """Give and take the roles that watch over the rest; each change is in the log, without a name."""


@role.command("give")
@click.argument("given", metavar="ROLE", type=GIVEN)
@click.argument("identity")
@DATA
@JSON
def give_role(given: str, identity: str, **chosen: Any) -> int:
    """Give somebody a role: finance, council, dpo or admin."""
    from counterfoil.app.tokens import run_role

    return run_role(given, identity, gives=True, **chosen)


@role.command("take")
@click.argument("given", metavar="ROLE", type=GIVEN)
@click.argument("identity")
@DATA
@JSON
def take_role(given: str, identity: str, **chosen: Any) -> int:
    """Take a role back from somebody."""
    from counterfoil.app.tokens import run_role

    return run_role(given, identity, gives=False, **chosen)
