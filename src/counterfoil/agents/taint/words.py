"""What an owner's words name: destinations, texts, amounts, links, and text with places left open."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from functools import cached_property
from string import ascii_lowercase, ascii_uppercase

from counterfoil.agents.taint.moments import Moments, moments

_BEFORE = r"(?<![\w@./+-])"
_AFTER = r"(?![\w@/+-]|[.:?=&#%][\w/])"
_TOKEN = re.compile(r"[^\s<>\"'()\[\]{}|]+")
_LOOKS = frozenset(
    {"com", "org", "net", "io", "dev", "ai", "app", "ly", "me", "info", "biz", "xyz", "co", "example"}
)
"""Last parts of a host by which a reader takes it for one, even without a path."""
_LONG = "{1,1000}"
_QUOTED = re.compile(
    rf"(?<!\w)'((?:[^']|'(?=\w)){_LONG}?)'(?!\w)|\"([^\"]{_LONG})\"|\u201c([^\u201d]{_LONG})\u201d"
)
_SLOT = re.compile(r"\{(\w+)\}")
_NUMBER = re.compile(r"(?<![\w@/.,:-])[$€£]?(\d[\d,]*(?:\.\d+)?)(?![\w@/:-]|[.,]\d)")
_BEGINS = re.compile(
    r"\b(?:start(?:s|ing)?|begin(?:s|ning)?)\s+with\s+(?:['\"]([^'\"]+)['\"]|([\w#@-]+))", re.I
)
_OPENS = re.compile(r"(?:^|[.!?:;\n]|\d[.)])[\s'\"(]*$")
"""The end of whatever a sentence begins after."""
_LONGEST_SLOT = 120
_SMALL = str.maketrans(ascii_uppercase, ascii_lowercase)
_ADDRESSED = frozenset({"mail", "page", "host"})
"""Kinds of destinations that have an address, so that a bare word is none of them."""


class Words:
    """The owner's words to a run: the request, or the definition of the agent."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._flat = _flat(text)

    def says(self, text: str) -> bool:
        """Whether a text stands in the words, whole and not as a piece of a longer word or address."""
        return _stands(_flat(text), self._flat)

    def names(self, name: str, kind: str = "") -> bool:
        """Whether the words name somebody or somewhere: an address, or a name that is no common word.

        A bare name counts where it is quoted or has a capital letter: "a random question" names no channel.
        """
        addressed = _is_address(name)
        if name != " ".join(name.split()) or (kind in _ADDRESSED and not addressed):
            return False
        exact = _stands(_flat(name, case=True), _flat(self.text, case=True))
        if addressed:
            return exact or (kind != "page" and self.says(name))
        quoted = any(_flat(phrase, case=True) == _flat(name, case=True) for phrase in self._quoted)
        return quoted or (exact and (name[:1].isupper() or name[:1] in "#@"))

    def calls(self, name: str) -> bool:
        """Whether the words call a thing by name: quoted, or with a capital letter that begins no sentence.

        Whoever can name a thing could call it "Please" or "to", which stand in most requests.
        """
        if not self.names(name):
            return False
        flat, wanted = _flat(self.text, case=True), _flat(name, case=True)
        if _is_address(name) or any(_flat(phrase, case=True) == wanted for phrase in self._quoted):
            return True
        starts = (found.start() for found in re.finditer(_BEFORE + re.escape(wanted) + _AFTER, flat))
        return len(wanted) > 2 and any(not _OPENS.search(flat[:start]) for start in starts)

    def counts(self, amount: float | int) -> bool:
        """Whether the words name this number, and not as part of a date, a time or an account."""
        return Decimal(str(amount)) in self._amounts

    def begins(self, name: str) -> bool:
        """Whether the owner said how a name begins: "the channel starting with External"."""
        return any(name.startswith(prefix) for prefix in self._prefixes)

    def fills(self, text: str, is_typed: Callable[[str], bool]) -> tuple[str, ...] | None:
        """What fills the places that the owner left open; None where the text is none of theirs.

        'Hotel: {hotel_name}' is the owner's text with one place open, for a typed value and for nothing else.
        """
        for template in self._templates:
            found = template.fullmatch(text.strip())
            if found and all(self._fits(filled, is_typed) for filled in found.groups()):
                return found.groups()
        return None

    @cached_property
    def moments(self) -> Moments:
        """The days, times and lengths that they name."""
        return moments(self.text)

    @staticmethod
    def _fits(filled: str, is_typed: Callable[[str], bool]) -> bool:
        return not any(links(filled)) and is_typed(filled)

    @cached_property
    def _quoted(self) -> tuple[str, ...]:
        return tuple(
            next(one for one in found.groups() if one is not None) for found in _QUOTED.finditer(self.text)
        )

    @cached_property
    def _templates(self) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(_pattern(phrase)) for phrase in self._quoted if _SLOT.search(phrase))

    @cached_property
    def _prefixes(self) -> tuple[str, ...]:
        return tuple(found[1] or found[2] for found in _BEGINS.finditer(self.text))

    @cached_property
    def _amounts(self) -> frozenset[Decimal]:
        taken = self.moments.spans
        return frozenset(
            amount
            for found in _NUMBER.finditer(self.text)
            if not any(start <= found.start(1) < end for start, end in taken)
            if (amount := _decimal(found[1])) is not None
        )


def links(text: str) -> Iterator[str]:
    """Everything in a text that a reader could follow."""
    for found in _TOKEN.finditer(text):
        if _leads(token := found[0].rstrip(".,;:!?")):
            yield token


def _leads(token: str) -> bool:
    """Whether a piece of text without spaces is a link, or is taken for one."""
    small = token.lower()
    if "://" in small or small.startswith("www."):
        return True
    host, slash, _ = small.partition("/")
    labels = host.split(".")
    plain = len(labels) > 1 and all(label.replace("-", "").isalnum() for label in labels)
    return plain and (bool(slash) or labels[-1] in _LOOKS)


def _is_address(name: str) -> bool:
    return "@" in name[1:] or "." in name or "/" in name or any(c.isdigit() for c in name)


def _flat(text: str, *, case: bool = False) -> str:
    """A text with single spaces and without `https`; A to Z made small unless case counts.

    No other letters are made small: two of them can share a small one, and two addresses would be the same.
    """
    joined = re.sub(r"\bhttps://", "", " ".join(text.split()), flags=re.I)
    return joined if case else joined.translate(_SMALL)


def _stands(flat: str, within: str) -> bool:
    return bool(flat) and flat in within and re.search(_BEFORE + re.escape(flat) + _AFTER, within) is not None


def _pattern(phrase: str) -> str:
    """A pattern for an owner's text with places open; the same place is filled with the same value."""
    pattern, end, seen = "", 0, set[str]()
    for slot in _SLOT.finditer(phrase):
        again = f"(?P={slot[1]})" if slot[1] in seen else f"(?P<{slot[1]}>.{{1,{_LONGEST_SLOT}}}?)"
        pattern += re.escape(phrase[end : slot.start()]) + again
        seen.add(slot[1])
        end = slot.end()
    return pattern + re.escape(phrase[end:])


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
