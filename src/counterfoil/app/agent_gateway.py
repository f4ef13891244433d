"""The command of the gateway, by which agents that people already use get the same posture."""

from pathlib import Path
from typing import Any

import click

from counterfoil.app.flags import DATA_OPTIONAL, FILE, FOLDER, JSON

GATEWAY_PORT = 8752


@click.command("gateway")
@click.argument("file", type=FILE, default="gateway.toml", required=False)
@click.option("--agents", type=FOLDER, help="The folder of its own gate, database and log.")
@click.option("--socket", type=FILE, help="The server's socket, where you can't open its directory.")
@click.option("--key", default="", help="The server's key, once: counterfoil agent ceiling key.")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=GATEWAY_PORT,
    show_default=True,
    help="Its port on this machine.",
)
@click.option("--check", is_flag=True, help="List what each server has, and what it is granted as.")
@click.option("--pin", is_flag=True, help="Keep every tool of the file as its server describes it now.")
@click.option("--grant", is_flag=True, help="Let the agents of the file have what it says, and no more.")
@click.option("--token", "agent", metavar="AGENT", help="Print a credential that ends within a day.")
@click.option("--relay", is_flag=True, help="Carry input and output to the gateway that runs.")
@click.option("--cause", default="", help="What a relayed agent works on, such as ticket:OPS-12.")
@DATA_OPTIONAL
@JSON
def gateway(file: Path, **chosen: Any) -> int:
    """Put the gate in front of MCP servers, for agents that people already use."""
    from counterfoil.app.fronting import run_gateway

    return run_gateway(file, **chosen)
