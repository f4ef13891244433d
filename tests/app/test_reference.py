"""The command-line reference is generated from --help, and every command is in it."""

import os
from collections.abc import Iterator
from pathlib import Path

import click

from counterfoil.app.commands import cli

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "cli.md"
HEAD = """# Command line

Generated from `--help`; `make goldens` renews it. Data goes to stdout, words and progress to stderr,
`--json` gives JSON, `NO_COLOR` is honoured. Exit codes: 0 fine, 1 a finding, 2 usage, 3 refused,
4 operator error.
"""


def commands(
    group: click.Group, path: tuple[str, ...] = ("counterfoil",)
) -> Iterator[tuple[str, click.Command]]:
    yield " ".join(path), group
    for name in sorted(group.commands):
        command = group.commands[name]
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


def reference() -> str:
    parts = [HEAD]
    for path, command in commands(cli):
        with click.Context(command, info_name=path, terminal_width=100, **cli.context_settings) as context:
            parts.append(f"## {path}\n\n```\n{command.get_help(context)}\n```\n")
    return "\n".join(parts)


def test_golden_reference_is_current() -> None:
    if os.environ.get("COUNTERFOIL_GOLDENS") == "write":
        REFERENCE.write_text(reference(), encoding="utf-8")
    assert REFERENCE.read_text("utf-8") == reference()


def test_every_command_and_option_says_what_it_does() -> None:
    silent = [
        f"{path} {param.name}"
        for path, command in commands(cli)
        for param in command.params
        if isinstance(param, click.Option) and not param.help
    ]
    assert not silent
    assert all(command.help for _, command in commands(cli))


def test_every_command_prints_json() -> None:
    flags = {
        path: {o for p in c.params for o in p.opts}
        for path, c in commands(cli)
        if not isinstance(c, click.Group)
    }
    assert not [path for path, options in flags.items() if "--json" not in options]
