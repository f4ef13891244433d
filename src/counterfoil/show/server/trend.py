"""Drawings of one figure over periods: points with intervals, bands, and the table that says the same."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from counterfoil.show.chart import Tick
from counterfoil.show.server.figure import bare, called, cell, short
from counterfoil.show.table import Table
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ask import Answer, Figure
from counterfoil.terms.period import Period
from counterfoil.terms.release import Released

WIDTH, HEIGHT, LEFT = 720.0, 170.0, 96.0
SMALL_WIDTH, SMALL_HEIGHT = 132.0, 34.0
BANDS: Mapping[str, tuple[float, float]] = {
    "under 20 %": (0.0, 0.2),
    "20 to 40 %": (0.2, 0.4),
    "40 to 60 %": (0.4, 0.6),
    "60 to 80 %": (0.6, 0.8),
    "over 80 %": (0.8, 1.0),
}
"""A share of people is told as a band, and drawn as one."""
Asked = Sequence[tuple[Period, Answer]]
Bounds = tuple[float, float | None, float]
"""Low, value and high; a band has no value, and without an interval a value is its own."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The ends of an axis."""

    bottom: float
    top: float

    def at(self, value: float, height: float) -> float:
        """Where a value stands in a drawing of some height, from above."""
        return round(height * (1 - (value - self.bottom) / (self.top - self.bottom)), 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A figure of one period, where it stands."""

    x: float
    y: float
    low: float
    """Where its interval ends below."""
    high: float
    banded: bool
    """Whether only the band is known, and no point in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """A figure over periods."""

    id: str
    title: str
    says: str
    """What it shows, for who does not see it."""
    points: Sequence[Point]
    line: str
    """SVG path data through the points; empty for bands."""
    marks: Sequence[Tick]
    """Values on the upright axis."""
    periods: Sequence[Tick]
    aim: float | None
    """Where the target's line is; None where there is none."""
    banded: bool
    """Whether anything in it is a band."""
    unit: str
    table: Table


def trend(name: str, title: str, asked: Asked, *, aim: float | None = None) -> Trend:
    """A figure of one group over periods, oldest first."""
    found = [_bounds(answer) for _, answer in asked]
    unit = next((f.unit for f in map(_figure, (a for _, a in asked)) if f is not None), "")
    scale = _scale(found, unit, aim)
    step = (WIDTH - LEFT - 30) / max(len(asked) - 1, 1)
    points = [
        _point(LEFT + 15 + n * step, bounds, scale, HEIGHT)
        for n, bounds in enumerate(found)
        if bounds is not None
    ]
    lined = [p for p in points if not p.banded]
    return Trend(
        id=name,
        title=title,
        says="; ".join(f"{called(period)}: {cell(answer).says}" for period, answer in asked),
        points=points,
        line=f"M{'L'.join(f'{p.x} {p.y}' for p in lined)}" if len(lined) > 1 else "",
        marks=[
            Tick(at=scale.at(value, HEIGHT), label=bare(value, unit))
            for value in (scale.bottom, (scale.bottom + scale.top) / 2, scale.top)
        ],
        periods=[Tick(at=round(LEFT + 15 + n * step, 1), label=short(p)) for n, (p, _) in enumerate(asked)],
        banded=any(point.banded for point in points),
        unit=unit,
        aim=None if aim is None else scale.at(aim, HEIGHT),
        table=table(title, asked),
    )


def table(title: str, asked: Asked) -> Table:
    """A figure of one group over periods, with its interval, people and coverage."""
    rows = []
    for period, answer in asked:
        told = cell(answer)
        rows.append((
            called(period),
            told.says if not told.clause else f"refused ({told.clause})",
            told.between or ("band" if _is_band(answer) else ""),
            told.people.removeprefix("about ").removesuffix(" people"),
            told.coverage,
        ))  # fmt: skip
    return Table(
        title=title, columns=("", "value", "95 % interval", "people, about", "coverage"), rows=tuple(rows)
    )


def spark(answers: Sequence[Answer | None]) -> Sequence[Point]:
    """The points of a small drawing of one group, on a scale of its own, beside the same in words."""
    found = [None if answer is None else _bounds(answer) for answer in answers]
    drawn = [bounds for bounds in found if bounds is not None]
    if not drawn:
        return []
    lowest, highest = min(low for low, *_ in drawn), max(high for *_, high in drawn)
    room = (highest - lowest) / 8 or max(abs(highest), 1.0) / 8
    scale = Scale(lowest - room, highest + room)
    step = (SMALL_WIDTH - 16) / max(len(answers) - 1, 1)
    return [
        _point(8 + n * step, bounds, scale, SMALL_HEIGHT)
        for n, bounds in enumerate(found)
        if bounds is not None
    ]


def _figure(answer: Answer) -> Figure | None:
    return answer.verdict.answer if isinstance(answer.verdict, Released) else None


def _is_band(answer: Answer) -> bool:
    figure = _figure(answer)
    return figure is not None and figure.says in BANDS and isinstance(figure.value, Unknown)


def _bounds(answer: Answer) -> Bounds | None:
    """Where a figure lies; None where there is none, or it is only said in words."""
    figure = _figure(answer)
    if figure is None:
        return None
    if isinstance(figure.value, Unknown):
        band = BANDS.get(figure.says)
        return None if band is None else (band[0], None, band[1])
    low = figure.value if isinstance(figure.low, Unknown) else figure.low
    high = figure.value if isinstance(figure.high, Unknown) else figure.high
    return low, figure.value, high


def _scale(found: Sequence[Bounds | None], unit: str, aim: float | None) -> Scale:
    """Round ends of an axis around what is drawn; amounts begin at nothing, bands are of a whole."""
    drawn = [bounds for bounds in found if bounds is not None]
    highest = max([*(high for *_, high in drawn), aim or 0.0], default=1.0)
    if unit.startswith("share"):
        if not drawn or any(value is None for _, value, _ in drawn):
            return Scale(0.0, 1.0)
        lowest = min([*(low for low, *_ in drawn), 1.0 if aim is None else aim])
        return Scale(math.floor(lowest * 10) / 10, max(math.ceil(highest * 10), 1) / 10)
    power = 10.0 ** (len(f"{max(highest, 1.0):.0f}") - 1)
    return Scale(0.0, next(step * power for step in (1, 2, 3, 4, 5, 6, 8, 10) if step * power >= highest))


def _point(x: float, bounds: Bounds, scale: Scale, height: float) -> Point:
    low, value, high = bounds
    low_y, high_y = (scale.at(bound, height) for bound in (low, high))
    y = round((low_y + high_y) / 2, 1) if value is None else scale.at(value, height)
    return Point(x=round(x, 1), y=y, low=low_y, high=high_y, banded=value is None)
