"""Runs a command: turns errors into words and exit codes, and never shows a traceback."""

import gc
import os
import sys
from collections.abc import Sequence

import click

from counterfoil.app.commands import cli
from counterfoil.app.internal import internal_error
from counterfoil.terms.error import CounterfoilError, ToolError

FINE, FINDING, USAGE, REFUSED, OPERATOR = 0, 1, 2, 3, 4
INTERRUPTED = 130
SERVER = {
    "cedarpy",
    "cryptography",
    "duckdb",
    "fastapi",
    "google",
    "grpc",
    "joserfc",
    "multipart",
    "opentelemetry",
    "scim2_models",
    "sqlalchemy",
    "starlette",
    "uvicorn",
}
"""Packages of the extra of that name, without which the rest runs."""
YOUNG_OBJECTS = 200_000
"""A report makes millions of objects and hardly a circle; looking for circles took a sixth of its time."""


def run(argv: Sequence[str]) -> int:
    """Run one command line and give its exit code."""
    gc.set_threshold(YOUNG_OBJECTS, 20, 50)
    try:
        code = cli.main(list(argv), prog_name="counterfoil", standalone_mode=False)
        sys.stdout.flush()
    except CounterfoilError as error:
        return _told(error, as_json="--json" in argv)
    except click.UsageError as error:
        _told(_misused(error), as_json="--json" in argv)
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        return INTERRUPTED
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in SERVER:
            return _told(internal_error(error), as_json="--json" in argv)
        hint = "pip install 'counterfoil[server]'"
        return _told(
            ToolError("no-server", f"{error.name} is not installed", hint=hint), as_json="--json" in argv
        )
    except BrokenPipeError:
        # The reader closed the pipe: leave nothing for the interpreter to flush into it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE
    except Exception as error:
        return _told(internal_error(error), as_json="--json" in argv)
    return code if isinstance(code, int) else FINE


def _told(error: CounterfoilError, *, as_json: bool) -> int:
    from counterfoil.show.problem import problem, problem_json

    if as_json:
        click.echo(problem_json(error), nl=False)
    click.echo(problem(error), nl=False, err=True)
    return OPERATOR


def _misused(error: click.UsageError) -> CounterfoilError:
    asked = error.ctx.command_path if error.ctx is not None else "counterfoil"
    said = " ".join(error.format_message().split()).rstrip(".")
    return CounterfoilError("usage", said[:1].lower() + said[1:], hint=f"see {asked} --help")
