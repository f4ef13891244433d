"""The cache, the evidence store and the line key as one run uses them, or their absence."""

import os
from secrets import token_bytes
from types import TracebackType
from typing import Self

from counterfoil.app.replayed import Watched
from counterfoil.store.cache import Cache, open_cache
from counterfoil.store.evidence import Evidence, open_evidence
from counterfoil.store.place import KEY_BYTES, cache_dir, data_dir, line_key
from counterfoil.terms.reading import Reading

CACHE, EVIDENCE = "cache.db", "evidence.db"


class Memory:
    """What a run may remember: everything for one's own logs, nothing for invented ones."""

    def __init__(self, *, cache: bool, evidence: bool) -> None:
        self.cache: Cache | None = open_cache(os.path.join(cache_dir(), CACHE)) if cache else None
        self.line_key = line_key() if cache or evidence else token_bytes(KEY_BYTES)
        self._evidence: Evidence | None = open_evidence(evidence_path()) if evidence else None

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
