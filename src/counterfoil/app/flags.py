"""Arguments that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

FOLDER = click.Path(path_type=Path, file_okay=False)
SEED = click.IntRange(0, 2**32 - 1)
SIZE = click.IntRange(1, 1_000_000)
EXAMPLE_SIZE = click.IntRange(200, 20_000)
LENGTH = click.IntRange(1, 366)
MACHINES = click.IntRange(0, 500)
PORT = click.IntRange(0, 65535)
DAY = click.DateTime(["%Y-%m-%d"])
FILE = click.Path(path_type=Path, dir_okay=False)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
DATA = click.option("--data", type=FOLDER, required=True, help="The organisation's data directory.")
DATA_OPTIONAL = click.option("--data", type=FOLDER, help="The organisation's data directory.")
OWN_SECRET = click.option("--secret", type=FILE, required=True, help="The file with your secret.")
SECRET = click.option("--secret", type=FILE, help="Sign in with your secret; without it: as the operator.")
ROLES = ("employee", "leader", "finance", "council", "dpo", "admin", "operator")
WITNESSES = click.option(
    "--witness", "witnesses", multiple=True, metavar="KEY", help="The verifier key of a witness; repeatable."
)
OPEN = click.option("--open", "opened", is_flag=True, help="Open the page in your browser.")


def port_option(default: int) -> Callable[[Any], Any]:
    """The port of a local page."""
    told = "Another free one is taken where it is in use."
    return click.option(
        "--port", type=click.IntRange(0, 65535), default=default, show_default=True, help=told
    )


def reach_options(command: Any) -> Any:
    """From where a server is reached, and who says who is asking."""
    options = (
        click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on."),
        click.option("--public-url", default="", help="Where people open it: https://, through your proxy."),
        click.option("--proxy", default="", help="Believe this address on where requests come from."),
        click.option("--oidc-issuer", "issuer", default="", help="Your identity provider's issuer."),
        click.option("--oidc-client-id", "client_id", default="", help="What it knows this server as."),
        click.option("--oidc-client-secret-file", "secret_file", type=FILE, help="The file of its secret."),
        click.option(
            "--oidc-identity-claim",
            "claim",
            type=click.Choice(["email", "sub", "preferred_username"]),
            default="email",
            show_default=True,
            help="The claim by which your tables name people.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def otlp_options(command: Any) -> Any:
    """Where telemetry comes in, and from whom."""
    options = (
        click.option(
            "--otlp-host", default="127.0.0.1", show_default=True, help="The address telemetry comes in at."
        ),
        click.option("--otlp-http", type=PORT, default=4318, show_default=True, help="Its port over HTTP."),
        click.option("--otlp-grpc", type=PORT, default=4317, show_default=True, help="Its port over gRPC."),
        click.option(
            "--otlp-tokens",
            type=click.Choice(["claimed", "required"]),
            default="claimed",
            show_default=True,
            help="Whether what comes without a token is taken, as claimed.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def agents_options(command: Any) -> Any:
    """Where the agents' process comes in, and as whom."""
    options = (
        click.option(
            "--agents-socket",
            type=FILE,
            help="The socket of the agents' process.  [default: DIR/agents.sock]",
        ),
        click.option(
            "--agents-account",
            default="",
            help="The user of this machine as whom it runs; else the server's own.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command
