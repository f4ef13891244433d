"""A letter or an annex as plain text and as a page of its own, to be printed or handed on."""

import textwrap

from counterfoil.show.site import PaperPage, rendered, sheet
from counterfoil.terms.paper import Paper

WIDTH = 78


def paper_text(paper: Paper) -> str:
    """The paper as plain text of 78 columns."""
    blocks = [f"{_wrapped(paper.title)}\n{'=' * min(len(paper.title), WIDTH)}"]
    blocks += [_wrapped(line) for line in paper.opening]
    for part in paper.parts:
        blocks.append(f"{_wrapped(part.heading)}\n{'-' * min(len(part.heading), WIDTH)}")
        blocks.append("\n".join(_point(line) for line in part.lines))
    blocks += [_wrapped(line) for line in paper.closing]
    return "\n\n".join([*blocks, _wrapped(paper.mark)]) + "\n"


def paper_page(paper: Paper) -> str:
    """The paper as one self-contained page: no script, no request."""
    return rendered(PaperPage(paper=paper, style=sheet()))


def _wrapped(words: str) -> str:
    return textwrap.fill(words, WIDTH)


def _point(words: str) -> str:
    return textwrap.fill(words, WIDTH, initial_indent="- ", subsequent_indent="  ")
