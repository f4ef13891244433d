"""Turns lines of text into the numbers by which they are followed; the text ends here."""

from counterfoil.terms.history import CODE_LINE, MOVABLE, WEIGHTY

SPACE = b" \t\r\n\x0b\x0c"
_STYLE = SPACE + b"'\"`,;()\\"
_NOT_WORD = bytes(b for b in range(128) if not chr(b).isalnum())
_LONGEST = 1_000
_MOVABLE_FROM = 8
_WEIGHTY_FROM = 20
_CODE_FROM = 2
_REMEMBERED = 200_000


class LineHashes(dict[bytes, int]):
    """The hash of each line seen lately; forgets all when it grows too large."""

    def __missing__(self, line: bytes) -> int:
        """Hash a line that was not seen lately."""
        text = line.translate(None, SPACE)
        words = len(text.translate(None, _NOT_WORD))
        flags = CODE_LINE if words >= _CODE_FROM and len(line) <= _LONGEST else 0
        if len(text) >= _MOVABLE_FROM:
            flags |= MOVABLE | (WEIGHTY if words >= _WEIGHTY_FROM else 0)
        value = (hash(text) & -8) | flags
        if len(self) >= _REMEMBERED:
            self.clear()
        if len(line) <= _LONGEST:
            self[line] = value
        return value

    def of(self, lines: list[bytes]) -> list[int]:
        """The hashes of lines, in order."""
        return list(map(self.__getitem__, lines))


def reflowed(removed: list[bytes], added: list[bytes]) -> bool:
    """Whether two sides of a hunk differ in white space, quotes, brackets at line ends and commas only.

    Example:
        >>> reflowed([b" f('a', b)"], [b' f(', b'   "a",', b'   b,', b' )'])
        True
    """
    if not removed or not added:
        return False
    return b"".join(removed).translate(None, _STYLE) == b"".join(added).translate(None, _STYLE)
