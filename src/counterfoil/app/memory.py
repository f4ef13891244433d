"""The cache, the evidence store and the line key as one run uses them, or their absence."""

import os
from types import TracebackType
from typing import TYPE_CHECKING, Self

from counterfoil.app.replayed import Watched
from counterfoil.store.place import KEY_BYTES, cache_dir, data_dir, line_key
from counterfoil.terms.reading import Reading

if TYPE_CHECKING:
    from counterfoil.store.cache import Cache
    from counterfoil.store.evidence import Evidence

CACHE, EVIDENCE = "cache.db", "evidence.db"


class Memory:
    """What a run may remember: everything for one's own logs, nothing for invented ones."""

    def __init__(self, *, cache: bool, evidence: bool) -> None:
        self.line_key = line_key() if cache or evidence else os.urandom(KEY_BYTES)
        self.cache: Cache | None = None
        self._evidence: Evidence | None = None
        if cache:
            from counterfoil.store.cache import open_cache

            self.cache = open_cache(os.path.join(cache_dir(), CACHE))
        if evidence:
            from counterfoil.store.evidence import open_evidence

            self._evidence = open_evidence(evidence_path())

    def joined(self, reading: Reading) -> tuple[Reading, int]:
        """A reading with what only memory has left of that source, and how many requests that is."""
        return (reading, 0) if self._evidence is None else self._evidence.join(reading)

    def watch(self, watched: Watched) -> None:
        """Note the state of what is remembered, after this run's own writes."""
        if self._evidence is not None:
            watched.database(self._evidence.path, self._evidence.state())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for place in (self.cache, self._evidence):
            if place is not None:
                place.close()


def evidence_path() -> str:
    """Where the evidence store lies."""
    return os.path.join(data_dir(), EVIDENCE)
