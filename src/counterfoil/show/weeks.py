"""Weeks of an invented company as drawings: what people did, what a dashboard had, what tokens were for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from counterfoil.show.chart import Tick
from counterfoil.show.table import Table
from counterfoil.show.words import compact, percent
from counterfoil.terms.chronicle import Chronicle, WeekSum

WIDTH, HEIGHT = 720.0, 220.0
LEFT, RIGHT = 66.0, 14.0
Share = Callable[[WeekSum], float]
Layers = Sequence[tuple[str, str, Share]]
"""Key, label, and what is drawn of a week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """One layer of a stack, or one line, over the weeks."""

    key: str
    """Chooses the colour and the pattern."""
    number: int
    """Names it in the drawing and in the legend, for who sees no colour."""
    number_x: float
    number_y: float
    label: str
    path: str
    """SVG path data."""
    ends: str
    """What it comes to, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A drawing over weeks."""

    id: str
    title: str
    says: str
    """What it shows, for who does not see it."""
    areas: Sequence[Area]
    lines: bool
    """Whether the areas are lines beside each other and not layers."""
    repaired_at: float | None
    """Where the repair is; None where the weeks end before it."""
    weeks: Sequence[Tick]
    shares: Sequence[Tick]
    table: Table


DID: Layers = (
    ("honest", "used AI and left the number alone", lambda w: w.honest / w.present),
    ("padded", "made calls only to be over the line", lambda w: w.padded / w.present),
    ("burned", "burned tokens for their place or their review", lambda w: w.burned / w.present),
    ("resisted", "quietly did the least that counts", lambda w: w.resisted / w.present),
)
SHOWN: Layers = (
    ("board", "active, as the dashboard had it", lambda w: w.active / w.present),
    ("honest", "used AI and left the number alone", lambda w: w.honest / w.present),
)
SPENT: Layers = (
    ("honest", "for work that was there to do", lambda w: w.needed_tokens),
    ("burned", "for nothing", lambda w: w.other_tokens),
)


def behaviour(c: Chronicle) -> Drawing:
    """What people did, as layers of all who were there."""
    return _Plot(c, 1.0, percent).stack("behaviour", "What people did", DID)


def dashboard(c: Chronicle) -> Drawing:
    """What the dashboard had, beside honest use."""
    return _Plot(c, 1.0, percent).lines("dashboard", "What the dashboard showed", SHOWN)


def tokens(c: Chronicle) -> Drawing:
    """What tokens were for, as layers."""
    top = max(w.needed_tokens + w.other_tokens for w in c.weeks)
    return _Plot(c, float(top), _amount).stack("tokens", "What tokens were for", SPENT)


def _amount(value: float) -> str:
    return compact(round(value))


@dataclass(frozen=True, slots=True)
class _Plot:
    """Turns weeks and values into positions."""

    chronicle: Chronicle
    top: float
    """The value at the upper edge."""
    words: Callable[[float], str]

    def stack(self, name: str, title: str, layers: Layers) -> Drawing:
        """Layers on top of each other."""
        areas = []
        below = [0.0] * len(self.chronicle.weeks)
        for number, (key, label, of) in enumerate(layers, start=1):
            above = [low + of(week) for low, week in zip(below, self.chronicle.weeks, strict=True)]
            middle = (below[self._number_in] + above[self._number_in]) / 2
            areas.append(self._area(key, number, label, self._band(below, above), of, middle, 4.5))
            below = above
        return self._drawing(name, title, layers, areas, lines=False)

    def lines(self, name: str, title: str, layers: Layers) -> Drawing:
        """Lines beside each other."""
        areas = []
        for number, (key, label, of) in enumerate(layers, start=1):
            values = [of(week) for week in self.chronicle.weeks]
            path = f"M{'L'.join(self._points(values))}"
            areas.append(self._area(key, number, label, path, of, values[self._number_in], -6.0))
        return self._drawing(name, title, layers, areas, lines=True)

    @property
    def _repaired(self) -> bool:
        return self.chronicle.repaired_in < len(self.chronicle.weeks)

    @property
    def _number_in(self) -> int:
        """The week over which a layer's number stands."""
        return self.chronicle.repaired_in // 2

    def _area(
        self, key: str, number: int, label: str, path: str, of: Share, middle: float, drop: float
    ) -> Area:
        weeks = self.chronicle.weeks
        early, late = self.words(of(weeks[self.chronicle.repaired_in - 1])), self.words(of(weeks[-1]))
        return Area(
            key=key,
            number=number,
            number_x=self._x(self._number_in + 1.5 * number),
            number_y=round(self._y(middle) + drop, 1),
            label=label,
            path=path,
            ends=f"{early} before the repair, {late} at the end" if self._repaired else f"{early} at the end",
        )

    def _drawing(
        self, name: str, title: str, layers: Layers, areas: Sequence[Area], *, lines: bool
    ) -> Drawing:
        weeks = self.chronicle.weeks
        said = "; ".join(f"{a.label}: {a.ends}" for a in areas)
        rows = tuple(
            (f"{week.week + 1}", *(self.words(of(week)) for _, _, of in layers)) for week in weeks[::4]
        )
        return Drawing(
            id=name,
            title=title,
            says=f"{said}.",
            areas=areas,
            lines=lines,
            repaired_at=self._x(self.chronicle.repaired_in - 0.5) if self._repaired else None,
            weeks=[Tick(at=self._x(week), label=f"{week + 1}") for week in range(0, len(weeks), 8)],
            shares=[
                Tick(at=self._y(self.top * part), label=self.words(self.top * part))
                for part in (0.0, 0.5, 1.0)
            ],
            table=Table(
                title=f"{title}, every fourth week",
                columns=("week", *(label for _, label, _ in layers)),
                rows=rows,
            ),
        )

    def _band(self, below: Sequence[float], above: Sequence[float]) -> str:
        return f"M{'L'.join([*self._points(above), *reversed(self._points(below))])}Z"

    def _points(self, values: Sequence[float]) -> list[str]:
        return [f"{self._x(week)} {self._y(value)}" for week, value in enumerate(values)]

    def _x(self, week: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * week / (len(self.chronicle.weeks) - 1), 1)

    def _y(self, value: float) -> float:
        return round(HEIGHT * (1 - value / self.top), 1)
