"""No command, option or exported field orders, scores or picks people."""

import ast
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

import click

from counterfoil.app.access import new_token
from counterfoil.app.commands import cli
from counterfoil.terms import report, trace

SRC = Path(__file__).parents[2] / "src" / "counterfoil"
PEOPLE = re.compile(
    r"author|committer|e_?mail|person|people|user|contributor|rank|score|leader|top_?n|owner", re.IGNORECASE
)
ALLOWED = {"me", "mine"}
"""What is the runner's own may be told apart; nobody else's."""
SIZES = {("simulate", "--people"), ("serve", "--people"), ("audit", "--people")}
"""How many people a company has, invented or to come: a number, which picks nobody."""
NAMED = {("new", "--person")}
"""Whose a new token is: one person is named, and nothing of anybody is read."""


def commands(group: click.Group) -> Iterator[click.Command]:
    yield group
    for command in group.commands.values():
        yield from commands(command) if isinstance(command, click.Group) else (command,)


def test_no_option_filters_or_orders_by_people() -> None:
    options = [
        (command, param, option)
        for command in commands(cli)
        for param in command.params
        if isinstance(param, click.Option)
        for option in param.opts
        if param.name not in ALLOWED
    ]
    about = [
        (command, param, option)
        for command, param, option in options
        if PEOPLE.search(option) and not (command is new_token and (command.name, option) in NAMED)
    ]
    assert {(command.name, option) for command, _, option in about} <= SIZES
    assert all(isinstance(param.type, click.IntRange) and not param.multiple for _, param, _ in about)
    assert all(command is cli.commands[str(command.name)] for command, _, _ in about)


def test_no_exported_field_is_about_a_person() -> None:
    nouns = [noun for module in (report, trace) for noun in vars(module).values() if is_dataclass(noun)]
    named = [f"{noun.__name__}.{f.name}" for noun in nouns if isinstance(noun, type) for f in fields(noun)]
    assert not [name for name in named if PEOPLE.search(name.split(".")[1])]


def test_what_is_shown_knows_no_authors() -> None:
    tellers = [
        f"{path.name}:{node.lineno}"
        for path in (SRC / "show").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"author", "committer", "mail"}
    ]
    assert not tellers


def test_people_leave_the_collector_as_numbers_only() -> None:
    """Names and addresses are read in collect/git and nowhere past it."""
    readers = [
        str(path.relative_to(SRC))
        for room in ("measure", "guard", "show", "app", "store")
        for path in (SRC / room).rglob("*.py")
        if re.search(r"%a[NnEe]|%c[NnEe]|author_name|author_email", path.read_text("utf-8"))
    ]
    assert not readers


def test_the_historical_board_is_made_of_invented_days_alone() -> None:
    """Simulate makes it from its own arrays; only the demo asks for it."""
    makers = [
        str(path.relative_to(SRC))
        for path in SRC.rglob("*.py")
        if re.search(r"HistoricalBoard\(|historical_board\(", path.read_text("utf-8"))
    ]
    assert sorted(makers) == ["app/telling.py", "simulate/board.py"]
