"""Tells a run by hand from the start of the agents' process."""

from pathlib import Path

import click

from counterfoil.app.agents.console import Console


def run_run(
    name: str | None,
    say: str,
    agents: Path | None,
    console: Console,
    *,
    key: str,
    definitions: Path | None,
    me: str | None,
    models: Path | None,
    while_stdin: bool,
    as_json: bool,
) -> int:
    """Run an agent by hand, or start the process of all of them."""
    if (name is None) == (agents is None):
        raise click.UsageError("name an agent to run it by hand, or start the process with --agents DIR")
    if name is not None:
        if key or any(one is not None for one in (definitions, me, models)):
            raise click.UsageError("--key, --from, --me and --models are for the process")
        from counterfoil.app.agents.looking import run_by_hand

        return run_by_hand(name, say, console, as_json=as_json)
    from counterfoil.app.agents.starting import run_process

    return run_process(
        agents or Path(),
        socket=console.path,
        key=key,
        definitions=definitions,
        owner=me,
        models=models,
        while_stdin=while_stdin,
        as_json=as_json,
    )
