"""A page as plain words: what nobody would see is left out and counted, and nothing in it does anything."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from time import monotonic
from urllib.parse import urlsplit

from counterfoil.agents.connectors.outgoing import HIDING

MOST_TEXT = 100_000
MOST_LINKS = 100
MOST_DEPTH = 400
SECONDS = 5.0
STEP = 16_384
UNSEEN_TAGS = frozenset(
    ("script", "style", "template", "noscript", "svg", "math", "iframe", "object", "canvas", "audio", "video")
)
VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)
BLOCKS = re.compile(
    "address|article|aside|blockquote|br|dd|div|dl|dt|fieldset|figure|footer|form|h[1-6]|header|hr|li|main|nav"
    "|ol|p|pre|section|table|td|th|tr|ul"
)
UNSEEN_STYLE = re.compile(
    r"display:none|visibility:(hidden|collapse)|opacity:0*\.?0*(;|$|!)|font-size:0*\.?0*(px|em|rem|pt|%)?(;|$|!)"
    r"|(left|right|top|bottom|text-indent):-\d{3,}|clip:rect\(0|clip-path:inset\((50|100)%|transform:scale\(0"
    r"|color:transparent|max-height:0(px)?(;|$|!)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page says."""

    title: str
    text: str
    links: Sequence[Mapping[str, str]]
    hidden: int
    """Characters that were left out because nobody would see them; styles in sheets are not looked at."""
    cut: bool
    """Whether there was more."""


def page_of(html: str, host: str, *, quotes: bool = True) -> Page:
    """The words of a page of a host, with or without those that it quotes."""
    reader = _Reader(host, UNSEEN_TAGS if quotes else UNSEEN_TAGS | {"blockquote"})
    until = monotonic() + SECONDS
    for start in range(0, len(html), STEP):
        if monotonic() > until or reader.size > MOST_TEXT:
            reader.cut = True
            break
        reader.feed(html[start : start + STEP])
    else:
        reader.feed("\n")
    text, hidden = seen("".join(reader.parts))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    words = "\n".join(line for line in lines if line)
    title, more = seen(" ".join("".join(reader.titles).split())[:300])
    return Page(
        title=title,
        text=words[:MOST_TEXT],
        links=reader.links,
        hidden=reader.hidden + hidden + more,
        cut=reader.cut or len(words) > MOST_TEXT,
    )


def seen(text: str) -> tuple[str, int]:
    """A text without characters that nobody can see, and how many they were."""
    kept = "".join(c for c in text if ord(c) not in HIDING)
    return kept, len(text) - len(kept)


@dataclass
class _Reader(HTMLParser):
    """Goes through a page once."""

    host: str
    left_out: frozenset[str]
    parts: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    links: list[Mapping[str, str]] = field(default_factory=list)
    open: list[tuple[str, bool]] = field(default_factory=list)
    unseen: int = 0
    hidden: int = 0
    size: int = 0
    cut: bool = False

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins; those below one that nobody sees are not seen either."""
        if BLOCKS.fullmatch(tag):
            self.parts.append("\n")
        if tag in VOID:
            return
        given = dict(attrs)
        unseen = tag in self.left_out or _unseen(given)
        if len(self.open) >= MOST_DEPTH:
            self.unseen += not self.cut
            self.cut = True
            return
        self.open.append((tag, unseen))
        self.unseen += unseen
        if tag == "a" and not self.unseen and len(self.links) < MOST_LINKS:
            self._link(given.get("href") or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element that ends where it begins; only those that HTML knows as such do."""
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """An element ends, and with it those that were left open in it."""
        if BLOCKS.fullmatch(tag):
            self.parts.append("\n")
        if any(name == tag for name, _ in self.open):
            while True:
                name, unseen = self.open.pop()
                self.unseen -= unseen
                if name == tag:
                    break

    def handle_data(self, data: str) -> None:
        """Words."""
        if self.open and self.open[-1][0] == "title" and not self.unseen:
            self.titles.append(data)
        elif self.unseen:
            self.hidden += len(data.strip())
        else:
            self.parts.append(data)
            self.size += len(data)

    def handle_comment(self, data: str) -> None:
        """A comment, which nobody sees."""
        self.hidden += len(data.strip())

    def parse_html_declaration(self, i: int) -> int:
        """Where a declaration ends; the parser's own gives up on some that browsers take as comments."""
        if self.rawdata.startswith("<!--", i):
            return self.parse_comment(i)
        return self.rawdata.find(">", i) + 1 or -1

    def _link(self, href: str) -> None:
        try:
            parts = urlsplit(href)
            host = parts.hostname or self.host
        except ValueError:
            return
        if parts.scheme in ("", "http", "https") and (parts.netloc or parts.path.startswith("/")):
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            self.links.append({"host": host[:253], "path": path[:2_000]})


def _unseen(given: Mapping[str, str | None]) -> bool:
    """Whether an element says of itself that nobody sees it."""
    style = "".join((given.get("style") or "").lower().split())
    return "hidden" in given or given.get("aria-hidden") == "true" or bool(UNSEEN_STYLE.search(style))
