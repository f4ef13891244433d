"""Reads the tables of an organisation; nobody is named in what leaves here."""

import csv
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from counterfoil.collect.table.forms import Form, Taken, form_of
from counterfoil.terms.absent import SkipReason, Unknown
from counterfoil.terms.batch import MAX_ROWS, Batch
from counterfoil.terms.error import SourceError
from counterfoil.terms.ids import Pseudonym

Pseudonyms = Callable[[Sequence[str]], Sequence[Pseudonym]]
"""The pseudonym of each identity, from whoever holds the key."""


@dataclass(slots=True, kw_only=True)
class TableReading:
    """What one table said: records = kept + not yet + not named + erased + skipped."""

    file: Path
    form: str
    """The kind of table."""
    records: int = 0
    kept: int = 0
    not_yet: int = 0
    """Works that have not landed: nothing became of them so far."""
    not_named: int = 0
    """Of a kind that the programme does not name: nothing follows of them."""
    erased: int = 0
    """Of people who had their data erased."""
    skipped: Counter[SkipReason] = field(default_factory=Counter)
    unread: int = 0
    """Columns that no figure has a use for; they were not read."""


@dataclass(frozen=True, slots=True)
class OpenTable:
    """A table whose kind is known, and that is not read yet."""

    path: Path
    form: Form
    unread: int

    def read(
        self, reading: TableReading, pseudonyms: Pseudonyms, *, wanted: Collection[str] = ()
    ) -> Iterator[Batch[Any]]:
        """Its rows, with a pseudonym instead of each identity; what was met is counted in `reading`.

        Of a kind of table whose rows have a word that is not kept, those alone whose word is wanted.
        """
        with self.path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            rows = csv.DictReader(file, strict=True, restkey="")
            while block := list(islice(_sound(rows, reading), MAX_ROWS)):
                yield self._batch(list(self._taken(block, reading, wanted)), pseudonyms)

    def _taken(
        self, rows: Sequence[dict[str, str]], reading: TableReading, wanted: Collection[str]
    ) -> Iterator[Taken]:
        for row in rows:
            try:
                taken = self.form.take(row)
            except (ValueError, TypeError):
                reading.skipped[SkipReason.WRONG_SHAPE] += 1
                continue
            if taken is None:
                reading.not_yet += 1
            elif self.form.word and row[self.form.word] not in wanted:
                reading.not_named += 1
            else:
                reading.kept += 1
                yield taken

    def _batch(self, taken: Sequence[Taken], pseudonyms: Pseudonyms) -> Batch[Any]:
        taken = taken if self.form.unite is None else self.form.unite(taken)
        names = list(self.form.noun.__slots__)
        columns: dict[str, list[Any]] = {name: [row[name] for row in taken] for name in names}
        for name in self.form.people:
            columns[name] = _hidden(columns[name], pseudonyms)
        return Batch(self.form.noun, columns)


def open_table(path: Path) -> OpenTable | None:
    """A table by its columns; None where no kind of table has them.

    Raises: SourceError where the file can't be read as a CSV with a head.
    """
    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            head = next(csv.reader(file, strict=True), [])
    except (OSError, csv.Error) as error:
        hint = "name a CSV file with a first line of column names (docs/reference/organisation.md)"
        raise SourceError("table-unreadable", f"{path} can't be read as a table", hint=hint) from error
    form = form_of(head)
    if form is None:
        return None
    return OpenTable(path, form, len({*head} - {*form.needed, *form.optional}))


def _sound(rows: "csv.DictReader[str]", reading: TableReading) -> Iterator[dict[str, str]]:
    """Rows that have every column and no others; the rest is counted."""
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:
            reading.records += 1
            reading.skipped[SkipReason.WRONG_SHAPE] += 1
            continue
        reading.records += 1
        if "" in row or None in row.values():
            reading.skipped[SkipReason.WRONG_SHAPE] += 1
        else:
            yield row


def _hidden(identities: Sequence[str | Unknown], pseudonyms: Pseudonyms) -> list[Pseudonym | Unknown]:
    """Pseudonyms instead of identities, each asked for once."""
    named = list({who: None for who in identities if isinstance(who, str)})
    known = dict(zip(named, pseudonyms(named), strict=True)) if named else {}
    return [known[who] if isinstance(who, str) else who for who in identities]
