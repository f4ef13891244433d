"""Turns lines of text into the numbers by which they are followed; the text ends here."""

from counterfoil.terms.history import CODE_LINE, FLAGS, MOVABLE, WEIGHTY

SPACE = b" \t\r\n\x0b\x0c"
_STYLE = SPACE + b"'\"`,;()\\"
_IN_LINE = SPACE.replace(b"\n", b"")
_NOT_WORD = bytes(b for b in range(128) if not chr(b).isalnum() and b != ord("\n"))
_LONGEST = 1_000
_MOVABLE_FROM = 8
_WEIGHTY_FROM = 20
_CODE_FROM = 2
_BY_LENGTH = [MOVABLE if n >= _MOVABLE_FROM else 0 for n in range(_LONGEST + 1)]
_BY_WORDS = [
    (CODE_LINE if n >= _CODE_FROM else 0) | (WEIGHTY if n >= _WEIGHTY_FROM else 0)
    for n in range(_LONGEST + 1)
]


def hashes_of(lines: list[bytes]) -> list[int]:
    """The hash of each line without its white space, with flags in the low bits.

    All lines are stripped in one go: a call for each would take most of the time.
    """
    if not lines:
        return []
    whole = b"\n".join(lines)
    texts = whole.translate(None, _IN_LINE).split(b"\n")
    words = map(len, whole.translate(None, _NOT_WORD).split(b"\n"))
    if max(map(len, lines)) <= _LONGEST:
        return [
            hash(text) & ~FLAGS | _BY_LENGTH[len(text)] | _BY_WORDS[n]
            for text, n in zip(texts, words, strict=True)
        ]
    return [
        hash(text) & ~FLAGS
        | _BY_LENGTH[min(len(text), _LONGEST)]
        | _BY_WORDS[min(n, _LONGEST)] & (-1 if len(line) <= _LONGEST else ~CODE_LINE)
        for line, text, n in zip(lines, texts, words, strict=True)
    ]


def reflowed(removed: list[bytes], added: list[bytes]) -> bool:
    """Whether two sides of a hunk differ in white space, quotes, brackets at line ends and commas only.

    Example:
        >>> reflowed([b" f('a', b)"], [b' f(', b'   "a",', b'   b,', b' )'])
        True
    """
    if not removed or not added:
        return False
    return b"".join(removed).translate(None, _STYLE) == b"".join(added).translate(None, _STYLE)
