"""A table of the tests alone: many rows, parted by day."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest

from counterfoil.store.tables import BY_NAME, TABLES, Table
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.period import Span

NOT_TOLD = Unknown("it is not told")
DAY = date(2026, 9, 7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One of many."""

    day: date
    key: int
    who: Pseudonym
    words: int
    kind: str = "plain"
    often: int = 0
    cost: int | Unknown = NOT_TOLD
    ended: date | Unknown = NOT_TOLD


ROWS = Table(
    name="row", noun=Row, key=("day", "key"), day="day", parts=Span.DAY, order=("who",), serial="key"
)


def row(key: int = 1, day: date = DAY, **changes: Any) -> Row:
    """A row of the table."""
    return replace(Row(day=day, key=key, who=Pseudonym("ann"), words=3), **changes)


@contextmanager
def known(table: Table = ROWS) -> Iterator[None]:
    """Let the lake know a table."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(TABLES, table.noun, table)
        patch.setitem(BY_NAME, table.name, table)
        yield
