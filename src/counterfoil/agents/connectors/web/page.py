"""A page as plain words: what nobody would see is left out and counted, and nothing in it does anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from counterfoil.agents.connectors.markup import MOST_LETTERS, shown
from counterfoil.agents.connectors.outgoing import HIDING

MOST_TITLE, MOST_HOST, MOST_PATH = 300, 253, 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page says."""

    title: str
    text: str
    links: Sequence[Mapping[str, str]]
    hidden: int
    """Characters that were left out because nobody would see them."""
    cut: bool
    """Whether there was more."""


def page_of(html: str, host: str, *, quotes: bool = True) -> Page:
    """The words of a page of a host, with or without those that it quotes."""
    found = shown(html, quotes=quotes)
    text, hidden = seen(found.text)
    lines = (" ".join(line.split()) for line in text.split("\n"))
    words = "\n".join(line for line in lines if line)
    title, more = seen(" ".join(found.title.split())[:MOST_TITLE])
    return Page(
        title=title,
        text=words[:MOST_LETTERS],
        links=[link for href in found.links if (link := _link(href, host))],
        hidden=found.hidden + hidden + more,
        cut=bool(found.cut) or len(words) > MOST_LETTERS,
    )


def seen(text: str) -> tuple[str, int]:
    """A text without characters that nobody can see, and how many they were."""
    kept = "".join(c for c in text if ord(c) not in HIDING)
    return kept, len(text) - len(kept)


def _link(href: str, host: str) -> Mapping[str, str] | None:
    """Where a link leads that this page's host, or another, can be asked for."""
    try:
        parts = urlsplit(href)
        host = parts.hostname or host
    except ValueError:
        return None
    if parts.scheme not in ("", "http", "https") or not (parts.netloc or parts.path.startswith("/")):
        return None
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return {"host": host[:MOST_HOST], "path": path[:MOST_PATH]}
