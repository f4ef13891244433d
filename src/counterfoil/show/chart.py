"""Geometry of charts: shares, days and curves as positions in a drawing; no figure is computed here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from counterfoil.show.table import ordered
from counterfoil.show.words import PARTS, TIERS, dollars, percent
from counterfoil.terms.ids import MicroUsd
from counterfoil.terms.report import Report

WIDTH, PLOT_HEIGHT = 720.0, 180.0
LEFT = 58.0
LABEL_FROM = 56.0
"""Narrower segments carry no amount of their own; their number leads to the legend."""
NUMBER_APART = 18.0
"""Numbers below a bar stand so far apart, however narrow the segments."""
Point = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One piece of a bar."""

    x: float
    width: float
    key: str
    """Chooses the colour."""
    number: int
    """Names the segment below the bar and in the legend, for who sees no colour."""
    number_at: float
    label: str
    value: str

    @property
    def middle(self) -> float:
        """Where the line to its number begins."""
        return round(self.x + self.width / 2, 2)

    @property
    def labelled(self) -> bool:
        """Whether the label fits."""
        return self.width >= LABEL_FROM


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One upright bar."""

    x: float
    y: float
    width: float
    height: float
    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One stepped line with its band."""

    key: str
    label: str
    line: str
    """SVG path data."""
    band: str
    """SVG path data; empty where there is no interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A mark on an axis."""

    at: float
    label: str


def fate_bar(report: Report) -> list[Segment]:
    """Spend by fate as one bar; parts that hold nothing are left out."""
    parts = [(part, amount) for part, amount in ordered(report.worth.spend_by_fate) if amount > 0]
    return bar([(part, float(amount), PARTS.get(part, part), dollars(amount)) for part, amount in parts])


def tier_bar(report: Report) -> list[Segment]:
    """Landed code lines of every repository by evidence tier."""
    sums = {t: sum(row.landed_by_tier.get(t, 0) for row in report.work.repos) for t in TIERS}
    whole = sum(sums.values())
    return bar(
        [
            (f"tier-{t}", float(n), TIERS[t], f"{n:,} lines, {percent(n / whole)}")
            for t, n in sums.items()
            if n
        ]
    )


def bar(parts: Sequence[tuple[str, float, str, str]]) -> list[Segment]:
    """Parts of a whole side by side, from their key, amount, label and value in words."""
    whole = sum(amount for _, amount, _, _ in parts)
    segments: list[Segment] = []
    x, number_at = 0.0, -NUMBER_APART / 2
    for number, (key, amount, label, value) in enumerate(parts, 1):
        width = WIDTH * amount / whole
        last = WIDTH - NUMBER_APART * (len(parts) - number + 0.5)
        number_at = min(max(x + width / 2, number_at + NUMBER_APART), last)
        segments.append(
            Segment(
                x=round(x, 2),
                width=round(width, 2),
                key=key,
                number=number,
                number_at=round(number_at, 2),
                label=label,
                value=value,
            )
        )
        x += width
    return segments


def day_columns(report: Report) -> tuple[list[Column], list[Tick], list[Tick]]:
    """Spend per day with marks for days and dollars."""
    days = report.usage.by_day
    top = max((row.totals.list_usd for row in days), default=0)
    if not top:
        return [], [], []
    step = (WIDTH - LEFT) / len(days)
    columns = []
    for number, row in enumerate(days):
        height = PLOT_HEIGHT * row.totals.list_usd / top
        columns.append(
            Column(
                x=round(LEFT + number * step + step * 0.1, 2),
                y=round(PLOT_HEIGHT - height, 2),
                width=round(step * 0.8, 2),
                height=round(height, 2),
                label=row.name,
                value=dollars(row.totals.list_usd),
            )
        )
    every = max(len(days) // 6, 1)
    ticks = [Tick(at=c.x + c.width / 2, label=c.label[5:]) for c in columns[::every]]
    return columns, ticks, [Tick(at=0.0, label=dollars(MicroUsd(top))), Tick(at=PLOT_HEIGHT, label="$0")]


def curves(report: Report) -> tuple[list[Curve], list[Tick]]:
    """Survival of AI and other lines as stepped lines, with marks for days."""
    drawn: Mapping[str, Sequence[Point]] = {
        k: s for k, s in report.detail.survival_curve.items() if len(s) > 1
    }
    last = max((steps[-1][0] for steps in drawn.values()), default=0.0)
    if not last:
        return [], []
    names = {"ai": "AI lines", "other": "other lines"}
    found = [
        Curve(
            key=kind,
            label=names.get(kind, kind),
            line=_steps([(p[0], p[1]) for p in steps], last),
            band=_band(steps, last),
        )
        for kind, steps in drawn.items()
    ]
    marks = [day for day in (0, 7, 30, 90, 180, 365, 730) if day <= last]
    return found, [Tick(at=round(_x(day, last), 2), label=f"{day}") for day in marks]


def _x(day: float, last: float) -> float:
    return LEFT + (WIDTH - LEFT - 90) * day / last


def _y(share: float) -> float:
    return PLOT_HEIGHT * (1 - share)


def _steps(points: Sequence[tuple[float, float]], last: float) -> str:
    day, share = points[0]
    path = [f"M{_x(day, last):.1f} {_y(share):.1f}"]
    for day, share in points[1:]:
        path.append(f"H{_x(day, last):.1f}V{_y(share):.1f}")
    return "".join(path)


def _band(steps: Sequence[Point], last: float) -> str:
    upper = _steps([(day, high) for day, _, _, high in steps], last)
    lower = [(day, low) for day, _, low, _ in steps]
    back = [f"L{_x(lower[-1][0], last):.1f} {_y(lower[-1][1]):.1f}"]
    for (day, _), (_, low) in zip(reversed(lower[1:]), reversed(lower[:-1]), strict=True):
        back.append(f"H{_x(day, last):.1f}V{_y(low):.1f}")
    return upper + "".join(back) + f"H{_x(lower[0][0], last):.1f}Z"
