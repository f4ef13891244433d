"""Reads what somebody put into the forms of agents: a day, or the file of a new agent."""

import json
import re
from collections.abc import Iterator
from datetime import date
from math import isfinite

from counterfoil.show.server.agents import NewAgent
from counterfoil.terms.error import SourceError

NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
HINT = "see the words beside the field"


def definition_of(new: NewAgent) -> str:
    """The file of a new agent.

    Raises: SourceError where a field can't be taken.
    """
    if not NAME.fullmatch(new.name):
        raise SourceError("agent-name", "a name has small letters, digits and hyphens", hint=HINT)
    lines = [
        *(
            f"{name} = {_text(value)}"
            for name, value in (
                ("name", new.name),
                ("purpose", new.purpose),
                ("instructions", new.instructions),
                ("model", new.model),
            )
        ),
        *_grants(new.grants),
    ]
    if new.schedule.strip():
        lines += ["", "[[triggers]]", 'on = "schedule"', f"cron = {_text(new.schedule.strip())}"]
    lines += ["", "[[triggers]]", 'on = "hand"', "", "[budget]", f"day_usd = {_usd(new.day_usd)}"]
    return "\n".join(lines) + "\n"


def day_of(written: str) -> date:
    """A day that somebody wrote.

    Raises: SourceError where it is none.
    """
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise SourceError("no-day", "that is no day", hint="write it as 2026-12-31") from None


def _grants(written: str) -> Iterator[str]:
    for line in filter(None, map(str.strip, written.splitlines())):
        tool, *to = line.split()
        yield from ("", "[[grants]]", f"tool = {_text(tool)}", f"to = [{', '.join(map(_text, to))}]")


def _usd(written: str) -> str:
    try:
        amount = float(written.replace(",", "."))
    except ValueError:
        amount = -1.0
    if not isfinite(amount) or amount < 0:
        raise SourceError("agent-budget", "the budget is a number of US dollars, such as 2", hint=HINT)
    return f"{amount:f}"


def _text(value: str) -> str:
    """A text as TOML writes it, whose escapes are those of JSON."""
    return json.dumps(value.replace("\r\n", "\n"), ensure_ascii=False).replace("\x7f", "\\u007f")
