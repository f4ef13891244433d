"""What a programme says, how two versions differ, and what the rules are, on a terminal."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from counterfoil.show.paint import BOLD, DIM, GREEN, RED, Paint, encodable, painter
from counterfoil.show.words import counted, safe
from counterfoil.terms.finding import Change, Direction, RepairStep, RuleText, Saying

INKS = {Direction.WEAKER: RED, Direction.STRONGER: GREEN, Direction.OTHER: ""}
NARROW = 40


def sayings(said: Sequence[Saying], *, width: int = 80, color: bool = False, unicode: bool = True) -> str:
    """What an employee is told, a line for each rule, with the field that says it."""
    paint = painter(color)
    lines = [line for saying in said for line in _under(saying.says, saying.where, width, paint)]
    return encodable("\n".join(lines) + "\n", unicode)


def changes(found: Sequence[Change], *, width: int = 80, color: bool = False, unicode: bool = True) -> str:
    """Each difference with its direction and whom it concerns; the count at the end."""
    paint = painter(color)
    lines: list[str] = []
    for change in found:
        lines.append(f"{paint(f'{change.direction:9}', INKS[change.direction])}{paint(change.where, BOLD)}")
        lines += _indented(f"{change.says} For {change.whom}.", width)
    number = {way: sum(c.direction is way for c in found) for way in Direction}
    count = (
        f"{number[Direction.WEAKER]} weaker, {number[Direction.STRONGER]} stronger, "
        f"{counted(number[Direction.OTHER], 'other change')}."
    )
    lines += ["", count] if found else ["No difference."]
    return encodable("\n".join(lines) + "\n", unicode)


def repair_steps(steps: Sequence[RepairStep], *, width: int = 80) -> str:
    """What was changed, with the rule that asked for it; what is still to be done is marked."""
    lines: list[str] = []
    for step in steps:
        lines.append(f"{step.rule} {safe(step.where)}{' (to do)' if step.to_do else ''}")
        lines += _indented(step.says, width)
    left = sum(step.to_do for step in steps)
    count = f"{counted(len(steps), 'change')}, {left} of them to do before launch."
    return "\n".join([*lines, count] if steps else ["Nothing to repair: it passes."]) + "\n"


def rule_list(
    texts: Iterable[RuleText], *, width: int = 80, color: bool = False, unicode: bool = True
) -> str:
    """Every rule with what it flags."""
    paint = painter(color)
    lines: list[str] = []
    for text in texts:
        lines.append(f"{paint(text.id, BOLD)} {text.name} ({text.severity})")
        lines += _indented(text.flags, width)
    return encodable("\n".join(lines) + "\n", unicode)


def rule_page(text: RuleText, *, width: int = 80, color: bool = False, unicode: bool = True) -> str:
    """One rule in full."""
    paint = painter(color)
    lines = [f"{paint(text.id, BOLD)} {text.name} ({text.severity})"]
    for title, words in (
        ("What it flags", text.flags),
        ("Why", text.why),
        ("What to do", text.fix),
        ("What it rests on", text.source),
    ):
        lines += ["", paint(title, BOLD), *_indented(words, width)]
    return encodable("\n".join(lines) + "\n", unicode)


def _under(words: str, where: str, width: int, paint: Paint) -> Iterator[str]:
    width = max(width, NARROW)
    yield from textwrap.wrap(safe(words), width)
    yield paint(f"    {safe(where)}", DIM)


def _indented(words: str, width: int) -> list[str]:
    width = max(width, NARROW)
    return textwrap.wrap(safe(words), width, initial_indent="    ", subsequent_indent="    ")
