"""The page about units: by their names, each against its own past, and never in the order of a value."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from counterfoil.show.server.figure import Cell, bare_value, called, cell, label, short
from counterfoil.show.server.frame import Frame, FramedPage, Link
from counterfoil.show.server.trend import SMALL_HEIGHT, SMALL_WIDTH, Point, spark
from counterfoil.terms.ask import Answer, Answered
from counterfoil.terms.ids import MetricId
from counterfoil.terms.period import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow:
    """One unit over the blocks, beside nothing but its own past."""

    name: str
    points: Sequence[Point]
    cells: Sequence[Cell | None]
    """One for each block; None where the unit was not there."""
    people: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitsPage(FramedPage):
    """A figure of each unit."""

    template: ClassVar[str] = "server_units.html.j2"
    figures: Sequence[Link]
    figure: str
    about: str
    method: str
    unit: str
    counter: str
    purpose: str
    hidden: Sequence[tuple[str, str]]
    """Figures that are not shown of units in this role, and to whom they are."""
    blocks: Sequence[str]
    blocks_whole: str
    """The blocks from their first to their last day, in words."""
    rows: Sequence[UnitRow]
    refusals: Sequence[tuple[str, str]]
    """Clauses by which figures were refused, each with why."""
    size: tuple[float, float]
    entry: int


def units_page(
    frame: Frame,
    *,
    metric: MetricId | None,
    figures: Sequence[str],
    about: str,
    unit: str,
    counter: str,
    hidden: Sequence[tuple[str, str]],
    answered: Sequence[Answered],
) -> UnitsPage:
    """The page about one figure of units, the blocks from the oldest to the last."""
    told = [answer for one in answered for answer in one.answers]
    names = sorted({answer.group for answer in told})
    each = [{answer.group: answer for answer in one.answers} for one in answered]
    rows = []
    for name in names:
        mine = [by_name.get(name) for by_name in each]
        cells = [None if one is None else replace(cell(one), says=bare_value(one)) for one in mine]
        people = next((c.people for c in reversed(cells) if c is not None and c.people), "")
        rows.append(UnitRow(name=name, points=spark(mine), cells=cells, people=people))
    periods: Sequence[Period] = [one.ask.period for one in answered]
    return UnitsPage(
        frame=frame,
        title="Units, each against its own past",
        figures=[Link(to=f"/units?figure={m}", says=label(m), here=m == metric) for m in figures],
        figure=label(metric or ""),
        about=about,
        method=f"/methods/{metric}",
        unit=unit,
        counter=label(counter),
        purpose="" if not answered else answered[0].ask.purpose.replace("_", " "),
        hidden=[(label(name), whom) for name, whom in hidden],
        blocks=[short(period) for period in periods],
        blocks_whole="; ".join(called(period) for period in periods),
        rows=rows,
        refusals=_refusals(told),
        size=(SMALL_WIDTH, SMALL_HEIGHT),
        entry=min((one.entry for one in answered), default=0),
    )


def _refusals(answers: Sequence[Answer]) -> Sequence[tuple[str, str]]:
    found = (cell(answer) for answer in answers)
    return list(dict.fromkeys((c.clause, c.why) for c in found if c.state == "refused"))
