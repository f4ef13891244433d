"""The commands of agents: write one, run it, answer what it asks, switch it off, say what any may do."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from counterfoil.app.agent_gateway import gateway
from counterfoil.app.flags import DATA, DATA_OPTIONAL, FILE, FOLDER, JSON, ROLES, SECRET

NAMED = click.argument("name")
ASKED = click.argument("approval")


def console_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Where the running server is, and who asks."""
    socket = click.option(
        "--socket", type=FILE, help="The server's socket, where you can't open its directory."
    )
    secret = click.option(
        "--secret", type=FILE, help="Your secret: as yourself; without it: as the operator."
    )
    return DATA_OPTIONAL(socket(secret(JSON(command))))


def _console(chosen: dict[str, Any]) -> Any:
    from counterfoil.app.agents.console import Console

    return Console(chosen.pop("data"), chosen.pop("socket"), chosen.pop("secret"))


@click.group()
def agent() -> None:
    """Let agents act: nothing their owner did not grant, nothing with effect that no person allowed."""


agent.add_command(gateway)


@agent.command("new")
@NAMED
@click.option("--dir", "folder", type=FOLDER, default="agents", show_default=True, help="Where to write it.")
@JSON
def new(name: str, folder: Path, as_json: bool) -> int:
    """Write the definition of an agent that may do nothing so far."""
    from counterfoil.app.agents.writing import run_new

    return run_new(name, folder=folder, as_json=as_json)


@agent.command("check")
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE ...")
@click.option("--agents", type=FOLDER, help="The agents' folder: see whether models can be asked from there.")
@click.option("--ceiling", "above", type=FILE, help="A ceiling: see whether it lets them be asked.")
@JSON
def check(files: tuple[Path, ...], agents: Path | None, above: Path | None, as_json: bool) -> int:
    """Say what is wrong with definitions, field by field, and whether their models can be asked."""
    from counterfoil.app.agents.writing import run_check

    return run_check(files, agents=agents, ceiling=above, as_json=as_json)


@agent.command("keep")
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE ...")
@console_options
def keep(files: tuple[Path, ...], as_json: bool, **chosen: Any) -> int:
    """Make agents of yours of what FILE says, or new versions of them; what it grants holds at once.

    Connect the systems first that it names: what no system of yours has is not granted.
    """
    from counterfoil.app.agents.keeping import run_keep

    return run_keep(files, _console(chosen), as_json=as_json)


@agent.command("run")
@click.argument("name", required=False)
@click.option("--say", default="", help="What to say to the agent NAME.")
@click.option("--agents", type=FOLDER, help="Start the agents' process in this folder, which is its own.")
@click.option("--key", default="", help="The server's key, once: counterfoil agent ceiling key.")
@click.option("--from", "definitions", type=FOLDER, help="Keep the definitions of this folder.")
@click.option("--me", metavar="IDENTITY", help="Whose those are that lie in it; its folders say of others.")
@click.option("--models", type=FILE, help="Where models are reached, with the keys for it.")
@click.option("--while-stdin", is_flag=True, hidden=True, help="End once standard input does.")
@console_options
def run(name: str | None, say: str, agents: Path | None, **chosen: Any) -> int:
    """Run the agent NAME by hand and wait, or start the process in which all agents live.

    A run by hand ends with exit code 1 where it waits for a person, or did not come to its end.
    """
    from counterfoil.app.agents.begun import run_run

    process = {key: chosen.pop(key) for key in ("key", "definitions", "me", "models", "while_stdin")}
    as_json = chosen.pop("as_json")
    return run_run(name, say, agents, _console(chosen), as_json=as_json, **process)


@agent.command("connect")
@click.argument("kind")
@click.argument("file", type=FILE)
@console_options
def connect(kind: str, file: Path, as_json: bool, **chosen: Any) -> int:
    """Connect an account of yours, such as imap, slack or git, with the fields that FILE (TOML) has."""
    from counterfoil.app.agents.connecting import run_connect

    return run_connect(kind, file, _console(chosen), as_json=as_json)


@agent.command("disconnect")
@click.argument("connector")
@console_options
def disconnect(connector: str, as_json: bool, **chosen: Any) -> int:
    """Let nothing be left of an account of yours."""
    from counterfoil.app.agents.connecting import run_disconnect

    return run_disconnect(connector, _console(chosen), as_json=as_json)


@agent.command("webhook")
@NAMED
@console_options
def webhook(name: str, as_json: bool, **chosen: Any) -> int:
    """Print where webhooks of the agent NAME are delivered, and a new secret to sign them with."""
    from counterfoil.app.agents.connecting import run_webhook

    return run_webhook(name, _console(chosen), as_json=as_json)


@agent.command("list")
@console_options
def list_agents(as_json: bool, **chosen: Any) -> int:
    """List your agents and what waits for your yes; without a secret, counts of all."""
    from counterfoil.app.agents.looking import run_list

    return run_list(_console(chosen), as_json=as_json)


@agent.command("show")
@NAMED
@console_options
def show(name: str, as_json: bool, **chosen: Any) -> int:
    """Show an agent of yours, a run, or the card of what waits for you, by its name."""
    from counterfoil.app.agents.looking import run_show

    return run_show(name, _console(chosen), as_json=as_json)


@agent.command("reconcile")
@console_options
def reconcile(as_json: bool, **chosen: Any) -> int:
    """Hold your systems against what your agents are recorded to have done; exit code 1 where they differ."""
    from counterfoil.app.agents.reconciling import run_reconcile

    return run_reconcile(_console(chosen), as_json=as_json)


@agent.command("approve")
@ASKED
@click.option("--yes", is_flag=True, help="Show the card, and do not ask.")
@console_options
def approve(approval: str, yes: bool, as_json: bool, **chosen: Any) -> int:
    """Say yes to exactly what a card shows, once."""
    from counterfoil.app.agents.deciding import run_approve

    return run_approve(approval, _console(chosen), yes=yes, as_json=as_json)


@agent.command("deny")
@ASKED
@click.option("--reason", required=True, help="Why, so that the agent's owner can act on it.")
@console_options
def deny(approval: str, reason: str, as_json: bool, **chosen: Any) -> int:
    """Say no, and why."""
    from counterfoil.app.agents.deciding import run_deny

    return run_deny(approval, _console(chosen), reason=reason, as_json=as_json)


@agent.command("events")
@click.option("--since", metavar="WHEN", default="1d", show_default=True, help="30d, 2w or 2026-11-01.")
@click.option("--follow", is_flag=True, help="Go on, as they come.")
@console_options
def events(since: str, follow: bool, as_json: bool, **chosen: Any) -> int:
    """Print what was let through, held and refused as OCSF events, a JSON line each; no person is named."""
    from counterfoil.app.agents.streaming import run_events

    return run_events(_console(chosen), since=since, follow=follow)


@agent.command("stop")
@click.argument("what", required=False)
@click.option("--everything", is_flag=True, help="Every agent of the organisation.")
@click.option("--why", default="", help="What the others are told.")
@console_options
def stop(what: str | None, everything: bool, why: str, as_json: bool, **chosen: Any) -> int:
    """Switch off WHAT (agent:NAME, owner:NAME, connector:NAME) within a second, and for good."""
    from counterfoil.app.agents.switching import run_switch

    return run_switch("stop", what, _console(chosen), everything=everything, why=why, as_json=as_json)


@agent.command("resume")
@click.argument("what", required=False)
@click.option("--everything", is_flag=True, help="What stopped every agent.")
@console_options
def resume(what: str | None, everything: bool, as_json: bool, **chosen: Any) -> int:
    """Switch on again what you switched off."""
    from counterfoil.app.agents.switching import run_switch

    return run_switch("resume", what, _console(chosen), everything=everything, why="", as_json=as_json)


@agent.group()
def ceiling() -> None:
    """Say what any owner may let an agent do at most; until then agents do nothing."""


@ceiling.command("new")
@click.argument("file", type=FILE)
@JSON
def new_ceiling(file: Path, as_json: bool) -> int:
    """Write a strict ceiling to begin with."""
    from counterfoil.app.agents.ceilings import run_new

    return run_new(file, as_json=as_json)


@ceiling.command("check")
@click.argument("file", type=FILE)
@JSON
def check_ceiling(file: Path, as_json: bool) -> int:
    """Say what is wrong with a ceiling, or what it lets through."""
    from counterfoil.app.agents.ceilings import run_check

    return run_check(file, as_json=as_json)


@ceiling.command("sign")
@click.argument("file", type=FILE)
@DATA
@SECRET
@click.option("--as", "role", type=click.Choice(ROLES), help="A role that you hold.")
@JSON
def sign_ceiling(file: Path, **chosen: Any) -> int:
    """Put a ceiling into force, while no server runs: a stricter one at once.

    What lets more through, the first one too, needs a second yes: one of the operator or administration,
    and one of data protection or the works council. Until then the exit code is 1.
    """
    from counterfoil.app.agents.ceilings import run_sign

    return run_sign(file, **chosen)


@ceiling.command("show")
@DATA
@JSON
def show_ceiling(data: Path, as_json: bool) -> int:
    """Show the ceilings in force, while no server runs."""
    from counterfoil.app.agents.ceilings import run_show

    return run_show(data, as_json=as_json)


@ceiling.command("key")
@DATA
@JSON
def ceiling_key(data: Path, as_json: bool) -> int:
    """Print the key that signs what agents may do, for the first start of their process."""
    from counterfoil.app.agents.ceilings import run_key

    return run_key(data, as_json=as_json)
