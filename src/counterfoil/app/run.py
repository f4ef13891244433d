"""Runs a command: turns errors into words and exit codes, and never shows a traceback."""

import gc
import os
import sys
from collections.abc import Sequence

import click

from counterfoil.app.commands import cli
from counterfoil.store.place import cache_dir, private_folder
from counterfoil.terms.error import CounterfoilError

FINE, FINDING, USAGE, REFUSED, OPERATOR = 0, 1, 2, 3, 4
INTERRUPTED = 130
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
    except BrokenPipeError:
        # The reader closed the pipe: leave nothing for the interpreter to flush into it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE
    except Exception as error:
        return _told(_internal(error), as_json="--json" in argv)
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


def _internal(error: Exception) -> CounterfoilError:
    """An error nobody foresaw: its place goes to a file, never its message, which could quote a log."""
    import traceback

    name = os.urandom(4).hex()
    hint = "report it with the named file; it holds places in our own code and no data"
    try:
        folder = private_folder(cache_dir())
        path = os.path.join(folder, f"internal-error-{name}.txt")
        frames = traceback.extract_tb(error.__traceback__)
        lines = [type(error).__name__, *(f"{f.filename}:{f.lineno} {f.name}" for f in frames)]
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    except (OSError, CounterfoilError):
        path = "nowhere: the cache folder can't be written"
    return CounterfoilError("internal-error", f"internal error {name}, noted in {path}", hint=hint)
