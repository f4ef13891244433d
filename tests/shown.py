"""What a page shows of what its shell blocks print, held against what they do print."""

import re
from collections.abc import Collection, Iterable

FENCE_OR_QUOTE = re.compile(r"^```(.*)\n([\s\S]*?)^```$|^((?:>.*\n?)+)", re.MULTILINE)


def shown_in(page: str, languages: Collection[str] = ("sh",)) -> list[tuple[str, list[str]]]:
    """The shell blocks of a page, each with the lines that are quoted of its output below it."""
    found: list[tuple[str, list[str]]] = []
    runs = False
    for language, block, quote in FENCE_OR_QUOTE.findall(page):
        if not quote:
            runs = language in languages
            found += [(block, [])] if runs else []
        elif runs:
            found[-1][1].extend(_plain(line) for line in quote.splitlines())
    return found


def _plain(line: str) -> str:
    """A quoted line without what Markdown needs to show it."""
    return line.removeprefix(">").removesuffix("<br>").replace("\\", "").strip()


def unprinted(shown: Iterable[str], printed: str) -> str:
    """The first line that a page shows and nobody printed after the one before; empty where there is none."""
    # Terminals break lines at gaps and hyphens, and pages do not.
    rest = "".join(printed.split())
    for one in shown:
        # Three dots stand for what is another word each time.
        parts = [re.escape("".join(part.split())) for part in one.split("…")]
        found = re.search(".{1,40}?".join(parts), rest)
        if found is None:
            return one
        rest = rest[found.end() :]
    return ""
