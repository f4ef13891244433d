"""What the evidence about commits depends on, as one digest that shows whether it is still the same."""

from array import array
from collections.abc import Iterable, Sequence
from hashlib import blake2b

import numpy as np

from counterfoil.terms.history import Commit

SIZE = 8


class Basis:
    """Every tool call that wrote something, by its time and by a digest of all that is known of it."""

    def __init__(self, before: int, after: int) -> None:
        self._before, self._after = before, after
        self._at = array("q")
        self._digests = bytearray()

    def note(self, at: int, call: object) -> None:
        """Add a call; it can be about commits authored from `before` ahead of it to `after` behind it."""
        self._at.append(at)
        self._digests += blake2b(repr(call).encode("utf-8", "surrogateescape"), digest_size=SIZE).digest()

    def of(self, commits: Sequence[Commit], named: Iterable[object]) -> bytes:
        """A digest, of 16 bytes, of the calls that can be about these commits, and of what logs name."""
        authored = np.sort(np.array([commit.authored_at for commit in commits], np.int64))
        at = np.array(self._at, np.int64)
        first = np.searchsorted(authored, at - self._before)
        near = first < len(authored)
        near[near] = authored[first[near]] <= (at + self._after)[near]
        digests = np.sort(np.frombuffer(bytes(self._digests), np.uint64)[near])
        return blake2b(digests.tobytes() + repr(sorted(named)).encode(), digest_size=16).digest()  # type: ignore[type-var]
