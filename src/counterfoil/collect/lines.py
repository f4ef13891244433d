"""Turns a line of text into a keyed hash, the only form in which written lines are kept."""

from collections.abc import Iterable
from hashlib import blake2b

from counterfoil.terms.ids import LineKey

KEY_BYTES = 32
SHORTEST = 4
"""Normalised lines of fewer characters say too little to be matched."""
LONGEST = 1_000
"""Longer lines are minified or data, not writing."""
_QUOTES = bytes.maketrans(b"`'", b'""')


def normalised(line: bytes) -> bytes:
    """A line without what formatting changes: outer and repeated space, case, kind of quote.

    Source: Claude Code analytics, contribution matching (code.claude.com, read 2026-11-23).
    Example:
        >>> normalised(b"  Return 'x'  +  1 ")
        b'return "x" + 1'
    """
    return b" ".join(line.lower().translate(_QUOTES).split())


class LineHasher:
    """Hashes normalised lines under a key that stays on this machine."""

    __slots__ = ("_keyed",)

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a line key has {KEY_BYTES} bytes")
        self._keyed = blake2b(digest_size=8, key=key)

    def key_of(self, line: bytes) -> LineKey | None:
        """The line's key; None for a line too short or too long to tell anything."""
        text = normalised(line)
        if not SHORTEST <= len(text) <= LONGEST:
            return None
        keyed = self._keyed.copy()
        keyed.update(text)
        return LineKey(int.from_bytes(keyed.digest(), "little", signed=True))

    def keys_of(self, text: str) -> tuple[LineKey, ...]:
        """The keys of a text's effective lines, in order, repeats kept."""
        return tuple(self._effective(text.encode("utf-8", "surrogatepass").split(b"\n")))

    def _effective(self, lines: Iterable[bytes]) -> Iterable[LineKey]:
        return (key for line in lines if (key := self.key_of(line)) is not None)
