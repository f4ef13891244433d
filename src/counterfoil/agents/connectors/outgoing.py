"""What agents say as it goes out: plain words that do nothing by themselves, found again by a mark."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from counterfoil.agents.connectors.connector import NotDone

KEPT = frozenset("\n\t")
HIDING = frozenset(
    [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200B, 0x2060, 0xFEFF, *range(0xE0000, 0xE0080)]
)
"""Characters that turn words around or hide them from whoever says yes to them."""
REACTIONS = {"eyes": "👀", "thumbsup": "👍", "white_check_mark": "✅"}
"""The only ones: closed words, since a reaction may be any text where a system lets it."""


def plain(text: object, *, most: int, system: str) -> str:
    """A text that says what a person saw when it was approved.

    Raises: NotDone where it is empty, too long, or has characters that nobody can see.
    """
    if not isinstance(text, str) or not text.strip():
        raise NotDone(f"{system}-empty", "There is nothing to say.", hint="Give a text.")
    if len(text) > most:
        raise NotDone(f"{system}-too-long", f"The text has more than {most} characters.", hint="Shorten it.")
    if any(ord(c) in HIDING or (unicodedata.category(c) in ("Cc", "Cs") and c not in KEPT) for c in text):
        raise NotDone(
            f"{system}-hidden-text",
            "The text has characters that hide or turn around what it says.",
            hint="Take out control characters.",
        )
    return text


def word(arguments: Mapping[str, Any], name: str, shape: re.Pattern[str], *, system: str) -> str:
    """An argument of one shape only, such as an id.

    Raises: NotDone where it has another one.
    """
    value = arguments.get(name)
    if not isinstance(value, str) or not shape.fullmatch(value):
        raise NotDone(
            f"{system}-argument", f"`{name}` is not what it has to be.", hint="Look at the manifest."
        )
    return value


def words_of(
    arguments: Mapping[str, Any], name: str, shape: re.Pattern[str], *, system: str
) -> Sequence[str]:
    """An argument that is a list of words of one shape; empty where it is not given.

    Raises: NotDone where one has another shape.
    """
    value = arguments.get(name) or []
    if not isinstance(value, list):
        raise NotDone(f"{system}-argument", f"`{name}` is no list.", hint="Look at the manifest.")
    return [word({name: one}, name, shape, system=system) for one in value]


def number(arguments: Mapping[str, Any], name: str, *, default: int, most: int) -> int:
    """A number within its bounds, whatever was asked."""
    value = arguments.get(name, default)
    return min(max(value, 1), most) if isinstance(value, int) and not isinstance(value, bool) else default


def reaction(arguments: Mapping[str, Any], *, system: str) -> str:
    """The closed word of a reaction.

    Raises: NotDone for any other.
    """
    value = arguments.get("reaction")
    if value not in REACTIONS:
        raise NotDone(
            f"{system}-reaction", "There is no such reaction.", hint=f"Take one of {', '.join(REACTIONS)}."
        )
    return str(value)


def mark_of(key: str) -> str:
    """What a message carries of the key under which it was sent: enough to find it, nothing of the run."""
    return sha256(b"counterfoil effect\0" + key.encode()).hexdigest()[:32]


def same_words(one: str, other: str) -> bool:
    """Whether two texts say the same, spaces and capitals aside."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()
