"""Loads a programme file, or says what is wrong with it: the field, its line, and what to do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from counterfoil.programme.decode import Decoder, Problem, Stranger
from counterfoil.programme.lines import Places
from counterfoil.programme.reading import table_of, text_of
from counterfoil.programme.sound import unsound
from counterfoil.terms.absent import Unknown
from counterfoil.terms.error import SourceError
from counterfoil.terms.programme import Programme

MOST_TOLD = 5
"""More problems than these are counted only."""
NAMED = {"parties": "id", "metrics": "id", "targets": "id", "displays": "id", "suppress": "rule"}
"""Lists of tables, with the field that names each entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A programme with what only its file knows."""

    programme: Programme
    strangers: Sequence[Stranger]
    """Keys that mean nothing."""
    places: Places
    day: date
    """The day on which it is judged."""
    today: date


def load(path: Path, *, today: date, rules: Iterable[str]) -> Loaded:
    """The programme of a file.

    Raises: SourceError where the file can't be read, or a field can't be taken as it is.
    """
    return loaded(text_of(path), name=str(path), today=today, rules=rules)


def loaded(text: str, *, name: str, today: date, rules: Iterable[str]) -> Loaded:
    """The programme of a text.

    Raises: SourceError where a field can't be taken as it is.
    """
    table = table_of(text, Path(name))
    places = Places(text, _named(table))
    decoder = Decoder()
    programme = decoder.noun(Programme, table, "")
    if decoder.problems:
        named = [replace(problem, where=_by_name(problem.where, table)) for problem in decoder.problems]
        raise _refused(named, places, name)
    day = programme.about.judged_on
    if isinstance(day, Unknown):
        day = today
    if day > today:
        late = Problem(
            "about.judged_on", "lies in the future", "leave it out: it is for history and examples"
        )
        raise _refused([late], places, name)
    if problems := list(unsound(programme, today=day, rules=rules)):
        raise _refused(problems, places, name)
    return Loaded(
        programme=programme,
        strangers=[Stranger(_by_name(s.where, table), s.nearest) for s in decoder.strangers],
        places=places,
        day=day,
        today=today,
    )


def _refused(problems: Sequence[Problem], places: Places, name: str) -> SourceError:
    told = [_sentence(problem, places) for problem in problems[:MOST_TOLD]]
    if len(problems) > MOST_TOLD:
        told.append(f"{len(problems) - MOST_TOLD} more")
    return SourceError("programme-wrong", f"{name}: {'; '.join(told)}", hint=problems[0].hint)


def _sentence(problem: Problem, places: Places) -> str:
    line = places.line(problem.where)
    return f"{f'line {line}, ' if line else ''}{problem.where} {problem.says}"


def _named(table: dict[str, Any]) -> dict[str, str]:
    """Each entry by its name, with the same by its number."""
    return {
        f"{group}.{entry[name]}": f"{group}[{number}]"
        for group, name in NAMED.items()
        if isinstance(table.get(group), list)
        for number, entry in reversed(list(enumerate(table[group])))
        if isinstance(entry, dict) and isinstance(entry.get(name), str) and "." not in entry[name]
    }


def _by_name(where: str, table: dict[str, Any]) -> str:
    """A path by number turned into one by name, so that the order of tables does not matter."""
    head, dot, rest = where.partition(".")
    names = {number: name for name, number in _named(table).items()}
    return f"{names.get(head, head)}{dot}{rest}"
