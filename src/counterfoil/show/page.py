"""The report as one self-contained page: no script, no request, readable aloud and on paper."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from counterfoil.show import chart, table
from counterfoil.show.figures import Shown, headline, key_figures
from counterfoil.show.table import Table
from counterfoil.show.words import PART_MEANS, PARTS, period, safe
from counterfoil.terms.release import Released
from counterfoil.terms.report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Everything the template shows; it may use nothing else."""

    title: str
    period: str
    made_at: str
    clause: str
    """The rule under which the figures were released."""
    example: bool
    headline: str
    key: Sequence[Shown]
    fate: Sequence[chart.Segment]
    fate_table: Table
    meanings: Sequence[tuple[str, str]]
    days: Sequence[chart.Column]
    day_ticks: Sequence[chart.Tick]
    dollar_ticks: Sequence[chart.Tick]
    day_table: Table
    curves: Sequence[chart.Curve]
    curve_ticks: Sequence[chart.Tick]
    curve_table: Table
    tiers: Sequence[chart.Segment]
    tier_table: Table
    figures: Table
    tables: Sequence[Table]
    basis: str
    notes: Sequence[str]
    back: str
    """Where a server that shows it is gone back to; empty in a file."""


def page(released: Released[Report], *, back: str = "") -> str:
    """One HTML document; `back` leads to the pages of the server that shows it."""
    shown = page_of(released, back=back)
    values = {field.name: getattr(shown, field.name) for field in fields(shown)}
    return _template().render(**values, width=chart.WIDTH, height=chart.PLOT_HEIGHT, left=chart.LEFT)


def page_of(released: Released[Report], *, back: str = "") -> Page:
    """What the page shows of a report."""
    report = released.answer
    columns, day_ticks, dollar_ticks = chart.day_columns(report)
    curves, curve_ticks = chart.curves(report)
    parts = [part for part, amount in table.ordered(report.worth.spend_by_fate) if amount]
    rest = (
        table.rewriters(report),
        table.repositories(report),
        table.by_tool(report),
        table.log_reading(report),
    )
    return Page(
        title="What your AI use was worth",
        period=period(report.coverage.logs_from, report.coverage.logs_to),
        made_at=report.made_at,
        clause=released.clause,
        example=report.example,
        headline=headline(report),
        key=list(key_figures(report)),
        fate=chart.fate_bar(report),
        fate_table=table.spend(report),
        meanings=[(PARTS[part], PART_MEANS[part]) for part in parts if part in PARTS],
        days=columns,
        day_ticks=day_ticks,
        dollar_ticks=dollar_ticks,
        day_table=table.by_day(report),
        curves=curves,
        curve_ticks=curve_ticks,
        curve_table=table.survival(report),
        tiers=chart.tier_bar(report),
        tier_table=table.landed(report),
        figures=table.figures(report),
        tables=[
            t
            for t in (
                *rest,
                table.usage_rows("Models", "model", report.usage.by_model),
                table.usage_rows("Spend by repository", "repository", report.usage.by_repo),
            )
            if t.rows
        ],
        basis=report.cost.basis,
        notes=[safe(note) for note in report.notes],
        back=back,
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("counterfoil.show"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")
