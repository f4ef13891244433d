"""Unites what the files of one source said; copies of a request become one, whatever their order."""

from collections.abc import Iterable, Mapping, Sequence

from counterfoil.collect.reading import FileReading
from counterfoil.terms.ids import SourceId
from counterfoil.terms.reading import Reading


def combined(
    source: SourceId,
    readings: Iterable[FileReading],
    *,
    looked: Sequence[str] = (),
    notes: Mapping[str, str] | None = None,
) -> Reading:
    """One reading of all files: for each key the largest counts, the first time, the best copy's place.

    `notes` turns a source's note words into sentences with `{n}` for their number.
    """
    raise NotImplementedError
