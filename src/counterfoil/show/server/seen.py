"""Drawings of what an audit saw: weeks as a line, and how many stand at each value; each with its table."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from counterfoil.show.chart import Tick
from counterfoil.show.server.figure import called
from counterfoil.show.server.trend import HEIGHT, LEFT, WIDTH, Scale
from counterfoil.show.table import Table
from counterfoil.terms.absent import Unknown
from counterfoil.terms.audited import AuditTold, BinSeen, WeekSeen
from counterfoil.terms.period import Period

MOST_TICKS = 7
MOST_BINS = 60
MOST_MARKS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One figure over weeks."""

    id: str
    title: str
    says: str
    """What it shows, for who does not see it."""
    path: str
    """SVG path data; broken where a week is unknown."""
    line: float | None
    """Where the line of the alarm is."""
    since: float | None
    """Where the week is from which the verdict holds."""
    marks: Sequence[Tick]
    periods: Sequence[Tick]
    table: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """How many stand at one value."""

    x: float
    y: float
    width: float
    height: float
    window: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Heights:
    """How many stand at each value, against what was to be expected."""

    id: str
    title: str
    says: str
    bars: Sequence[Bar]
    path: str
    """What was to be expected, as SVG path data."""
    marks: Sequence[Tick]
    values: Sequence[Tick]
    table: Table


def named(week: str) -> str:
    """A week in words: its number and its first day.

    Example:
    >>> named("2026-W31")
    'week 31 (27 Jul 2026)'
    """
    return f"week {Period.parse(week).since.isocalendar().week} ({day_of(week)})"


def day_of(week: str) -> str:
    """The first day of a week.

    Example:
    >>> day_of("2026-W31")
    '27 Jul 2026'
    """
    since = Period.parse(week).since
    return f"{since.day} {since:%b %Y}"


def drawn(audit: AuditTold, what: str, title: str) -> Drawn | None:
    """The correlation or the alarm over the weeks of an audit; None where nothing of it is known."""
    values = [one.together if what == "together" else one.alarm for one in audit.weeks]
    known = [value for value in values if not isinstance(value, Unknown)]
    if len(known) < 2:
        return None
    line = audit.line if what == "alarm" and not isinstance(audit.line, Unknown) else None
    scale, marks = _axis(min(*known, 0.0), max(*known, line or 0.0, 0.1 if what == "together" else 1.0))
    step = (WIDTH - LEFT - 30) / max(len(values) - 1, 1)
    at = [round(LEFT + 15 + n * step, 1) for n in range(len(values))]
    weeks = [one.week for one in audit.weeks]
    every = max(-(-len(weeks) // MOST_TICKS), 1)
    return Drawn(
        id=f"{audit.metric}-{what}",
        title=title,
        says=_says(audit, what, known),
        path=_path([(x, v) for x, v in zip(at, values, strict=True)], scale),
        line=None if line is None else scale.at(line, HEIGHT),
        since=at[weeks.index(audit.since)] if audit.since in weeks else None,
        marks=[Tick(at=scale.at(value, HEIGHT), label=f"{value:g}") for value in marks],
        periods=[Tick(at=at[n], label=_short(weeks[n])) for n in range(0, len(weeks), every)],
        table=week_table(title, audit.weeks, what),
    )


def _axis(low: float, high: float) -> tuple[Scale, Sequence[float]]:
    """Round ends of an axis, and up to five round values on it, as far from each other."""
    power = 10.0 ** math.floor(math.log10(high - low))
    step = next(s * power for s in (0.25, 0.5, 1, 2, 2.5) if (high - low) / (s * power) <= MOST_MARKS - 2)
    first, last = math.floor(low / step), math.ceil(high / step)
    return Scale(first * step, last * step), [round(n * step, 9) for n in range(first, last + 1)]


def _says(audit: AuditTold, what: str, known: Sequence[float]) -> str:
    line = ""
    if what == "alarm" and not isinstance(audit.line, Unknown):
        line = f"; the alarm is at {audit.line:.2g}"
    since = f"; {audit.says}" if audit.since else ""
    return f"From {known[0]:.2g} to {known[-1]:.2g}, at most {max(known):.2g}{line}{since}"


def week_table(title: str, weeks: Sequence[WeekSeen], what: str) -> Table:
    """The same as a table."""
    told = [(one.week, one.together if what == "together" else one.alarm) for one in weeks]
    rows = tuple((called(Period.parse(week)), _value(value)) for week, value in told)
    return Table(title=title, columns=("", "correlation" if what == "together" else "added up"), rows=rows)


def heights(audit: AuditTold, name: str) -> Heights | None:
    """How many stand at each value; None where that is not told."""
    bins = audit.bins[:MOST_BINS]
    if not bins:
        return None
    tallest = max([*(b.count for b in bins), *(_expected(b) for b in bins)], default=1) or 1
    scale = Scale(0.0, tallest * 1.05)
    step = (WIDTH - LEFT - 30) / len(bins)
    bars = []
    for n, one in enumerate(bins):
        y = scale.at(one.count, HEIGHT)
        x = round(LEFT + 15 + (n + 0.1) * step, 1)
        bars.append(Bar(x=x, y=y, width=round(step * 0.8, 1), height=round(HEIGHT - y, 1), window=one.window))
    middles = [(round(LEFT + 15 + (n + 0.5) * step, 1), one.without) for n, one in enumerate(bins)]
    every = max(-(-len(bins) // 10), 1)
    title = f"{name}: how many stand at each value, and at the line"
    return Heights(
        id=f"{audit.metric}-bins",
        title=title,
        says="; ".join(f"{_at(b)}: {b.count:,}" for b in bins),
        bars=bars,
        path=_path(middles, scale),
        marks=[Tick(at=scale.at(v, HEIGHT), label=f"{v:,.0f}") for v in (0.0, tallest / 2, tallest)],
        values=[Tick(at=middles[n][0], label=_at(bins[n])) for n in range(0, len(bins), every)],
        table=_bin_table(title, audit.bins_of, bins),
    )


def _expected(one: BinSeen) -> float:
    return 0.0 if isinstance(one.without, Unknown) else one.without


def _bin_table(title: str, of: str, bins: Sequence[BinSeen]) -> Table:
    rows = tuple(
        (f"{_at(b)}{', at the line' if b.window else ''}", f"{b.count:,}", _value(b.without)) for b in bins
    )
    return Table(title=title, columns=(of, "people, about", "without the line"), rows=rows)


def _at(one: BinSeen) -> str:
    return f"{one.at:,.10g}"


def _value(value: float | Unknown) -> str:
    return f"unknown: {value.why}" if isinstance(value, Unknown) else f"{value:,.3g}"


def _path(points: Sequence[tuple[float, float | Unknown]], scale: Scale) -> str:
    """A line through what is known, broken where nothing is."""
    path, drawing = [], False
    for x, value in points:
        if isinstance(value, Unknown):
            drawing = False
            continue
        path.append(f"{'L' if drawing else 'M'}{x} {scale.at(value, HEIGHT)}")
        drawing = True
    return "".join(path)


def _short(week: str) -> str:
    since = Period.parse(week).since
    return f"{since.day} {since:%b}"
