"""What a model expects of a programme, on a terminal: what moves, with intervals, and what it rests on."""

import textwrap
from collections.abc import Iterator

from counterfoil.show.paint import BOLD, DIM, Paint, encodable, painter
from counterfoil.show.words import safe
from counterfoil.terms.forecast import Expected, Forecast, Foreseen, Lever, Moment

NARROW = 60
LABEL = 18
BAR, BESIDE = 24, 50
"""Width of a bar where there is room, and of what stands beside it."""
GLYPHS, ASCII_GLYPHS = "█▓░·", "#=-."
"""Below the interval, from its low end to the value, from there to its high end, and the rest."""
OPENING = "A model, not a measurement."


def forecast_page(f: Forecast, *, width: int = 80, color: bool = False, unicode: bool = True) -> str:
    """Each measure under the programme and under its nearest passing one; then what it rests on."""
    paint, width = painter(color), max(width, NARROW)
    glyphs = GLYPHS if unicode else ASCII_GLYPHS
    lines = [
        paint(OPENING, BOLD),
        *textwrap.wrap(f"{safe(f.name)}, once people have settled; with 95 % intervals.", width),
        "",
        *textwrap.wrap(headline(f), width),
        "",
    ]
    for foreseen in f.foreseen:
        lines += textwrap.wrap(foreseen.says, width)
        lines += _rows(foreseen, glyphs, min(BAR, width - BESIDE), f.passes)
    lines += ["", paint("What the model reads in the programme", BOLD), *_levers(f, width, paint)]
    lines += ["", paint("Published figures that nothing was fitted to", BOLD)]
    lines += [line for moment in f.moments for line in _moment(moment, width, paint)]
    lines += ["", *(line for note in f.notes for line in textwrap.wrap(safe(note), width))]
    return encodable("\n".join(lines) + "\n", unicode)


def headline(f: Forecast) -> str:
    """The three figures that matter most, in a sentence."""
    names = {foreseen.name: foreseen for foreseen in f.foreseen}
    pad, burn, gamed = (names[name] for name in ("padding", "tokenmaxxing", "gamed-tokens"))
    said = (
        f"{_share(pad.programme)} of people would make calls only to be over a line, "
        f"{_share(burn.programme)} would burn tokens for their place or their review, "
        f"and {_share(gamed.programme)} of all tokens would be for nothing. "
    )
    if f.passes:
        return f"{said}No rule finds an error or a warning in it."
    return (
        f"{said}Under the nearest programme that passes: {_share(pad.passing)}, {_share(burn.passing)} and "
        f"{_share(gamed.passing)}."
    )


def _share(expected: Expected) -> str:
    value, span = amount(expected.value, "share"), interval(expected, "share")
    return value if value == span else f"{value} ({span})"


def amount(value: float, unit: str) -> str:
    """A value with its unit.

    Example:
    >>> amount(0.16, "share"), amount(4880.2, "usd"), amount(171.9, "hours")
    ('16 %', '$4,880', '172 h')
    """
    if unit == "share":
        return f"{100 * value:.0f} %" if value >= 0.0095 or value == 0 else "<1 %"
    return f"${value:,.0f}" if unit == "usd" else f"{value:,.0f} h"


def interval(expected: Expected, unit: str) -> str:
    """The interval of a value.

    Example:
    >>> interval(Expected(value=0.2, low=0.1, high=0.34), "share")
    '10 to 34 %'
    """
    low, high = amount(expected.low, unit), amount(expected.high, unit)
    if low == high:
        return low
    suffix = {"share": " %", "hours": " h"}.get(unit, "")
    return f"{low.removesuffix(suffix)} to {high}"


def _rows(foreseen: Foreseen, glyphs: str, wide: int, passes: bool) -> Iterator[str]:
    both = (("this programme", foreseen.programme), ("nearest passing", foreseen.passing))
    for name, expected in both[:1] if passes else both:
        drawn = f"{_bar(expected, glyphs, wide)}  " if foreseen.unit == "share" else ""
        value = amount(expected.value, foreseen.unit)
        span = interval(expected, foreseen.unit)
        yield f"  {name:{LABEL}}{drawn}{value:>8}{'' if span == value.strip() else f'  ({span})'}"


def _bar(e: Expected, glyphs: str, wide: int) -> str:
    """A share as a bar: sure, likely, possible, the rest."""
    low, value, high = (round(wide * min(max(share, 0), 1)) for share in (e.low, e.value, e.high))
    widths = (low, value - low, high - value, wide - high)
    return "".join(glyph * wide for glyph, wide in zip(glyphs, widths, strict=True))


def _levers(f: Forecast, width: int, paint: Paint) -> Iterator[str]:
    for mine, passing in zip(f.levers, f.passing_levers, strict=True):
        yield from _lever(mine.name, mine, width)
        if mine.value != passing.value:
            yield from (paint(line, DIM) for line in _lever("", passing, width))


def _lever(name: str, lever: Lever, width: int) -> list[str]:
    head = f"  {name:{LABEL}}{_level(lever):>5}  "
    return textwrap.wrap(safe(lever.says), width, initial_indent=head, subsequent_indent=" " * len(head))


def _level(lever: Lever) -> str:
    return f"{lever.value:.2g}"


def _moment(moment: Moment, width: int, paint: Paint) -> Iterator[str]:
    said = f"{moment.says}: {moment.target} published, {moment.model} here ({moment.gap})"
    yield from textwrap.wrap(said, width, initial_indent="  ", subsequent_indent="    ")
    yield from (
        paint(line, DIM)
        for line in textwrap.wrap(safe(moment.source), width, initial_indent="    ", subsequent_indent="    ")
    )
