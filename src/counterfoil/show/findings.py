"""Findings of the linter as a terminal page and as JSON."""

import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby

from counterfoil.show.exported import written
from counterfoil.show.paint import BOLD, CYAN, DIM, RED, YELLOW, encodable, painter
from counterfoil.show.words import counted, safe
from counterfoil.terms.finding import Finding, RuleText, Severity
from counterfoil.terms.ids import RuleId

INKS = {Severity.ERROR: RED, Severity.WARNING: YELLOW, Severity.INFO: CYAN}
MARGIN = " " * 9
NARROW = 50
Line = Callable[[str], int | None]
"""The line of a field in the file; None where the file has none."""


def as_text(
    findings: Sequence[Finding],
    texts: Mapping[RuleId, RuleText],
    line: Line,
    *,
    width: int = 80,
    color: bool = False,
    unicode: bool = True,
) -> str:
    """Each rule that is broken, where and how, what to do, and what it rests on; the count at the end."""
    paint = painter(color)
    said: list[str] = []
    for (name, severity), group in groupby(findings, key=lambda f: (f.id, f.severity)):
        text = texts[name]
        said.append(f"{paint(f'{severity:8}', INKS[severity])} {paint(name, BOLD)} {text.name}")
        for f in group:
            place = line(f.where)
            said += [
                paint(part, DIM) for part in _wrapped(f"{f'line {place}, ' if place else ''}{f.where}", width)
            ]
            said += _wrapped(f.message, width)
        if severity is not Severity.INFO:
            said += [*_wrapped(f"Why: {text.why}", width), *_wrapped(f"Do: {text.fix}", width)]
            said += [paint(part, DIM) for part in _wrapped(f"Source: {text.source}", width)]
        said.append("")
    return encodable("\n".join([*said, _count(findings)]) + "\n", unicode)


def as_json(findings: Sequence[Finding]) -> str:
    """A list of objects with id, severity, where, message, source and fix."""
    return written(findings) + "\n"


def _wrapped(text: str, width: int) -> Iterator[str]:
    width = max(width, NARROW)
    yield from textwrap.wrap(safe(text), width, initial_indent=MARGIN, subsequent_indent=MARGIN)


def _count(findings: Sequence[Finding]) -> str:
    """How many there are of each severity.

    Example:
    >>> _count([])
    'No finding at error or warning.'
    """
    numbers = {severity: sum(f.severity is severity for f in findings) for severity in Severity}
    said = [counted(number, severity) for severity, number in numbers.items() if number]
    if not numbers[Severity.ERROR] + numbers[Severity.WARNING]:
        notes = numbers[Severity.INFO]
        also = f" {counted(notes, 'note')} above." if notes else ""
        return f"No finding at error or warning.{also}"
    return ", ".join(said).replace("infos", "notes").replace("info", "note") + "."
