"""Colour for terminals that have it, and characters for those that lack some."""

from collections.abc import Callable

Paint = Callable[[str, str], str]
"""Wraps text in a terminal colour, or leaves it as it is."""
BOLD, DIM, RED, GREEN, YELLOW, CYAN = "1", "2", "31", "32", "33", "36"


def painter(color: bool) -> Paint:
    r"""A brush, or one without paint.

    Example:
    >>> painter(True)("word", BOLD), painter(False)("word", BOLD)
    ('\x1b[1mword\x1b[0m', 'word')
    """
    return (
        (lambda text, ink: f"\x1b[{ink}m{text}\x1b[0m" if ink else text) if color else (lambda text, _: text)
    )


def encodable(text: str, unicode: bool) -> str:
    """The text in characters that the terminal can print."""
    return text if unicode else text.encode("ascii", "backslashreplace").decode("ascii")
