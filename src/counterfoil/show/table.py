"""The report's tables as words, laid out by the terminal and by the page."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from counterfoil.show.words import (
    PARTS,
    REWRITERS,
    TIER_MEANS,
    TIERS,
    compact,
    dollars,
    interval,
    percent,
    safe,
    unknown,
)
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import MicroUsd
from counterfoil.terms.report import Figure, Report, Totals, UsageRow

USAGE_COLUMNS = ("requests", "input", "from cache", "to cache", "output", "list price")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table in words: the first column names the row, all others hold figures.

    A row whose third cell and all further ones are empty holds a reason instead of figures.
    """

    title: str
    columns: tuple[str, ...]
    """Shape: (c,)."""
    rows: tuple[tuple[str, ...], ...]
    """Shape: (r, c)."""
    notes: tuple[str, ...] = ()
    """What a reader should bear in mind."""


def all_tables(report: Report) -> Iterator[Table]:
    """Every table that has a row, in the order of the report."""
    found = (
        spend(report),
        figures(report),
        survival(report),
        rewriters(report),
        landed(report),
        repositories(report),
        by_tool(report),
        log_reading(report),
        usage_rows("Models", "model", report.usage.by_model),
        usage_rows("Spend by repository", "repository", report.usage.by_repo),
        by_day(report),
    )
    return (table for table in found if table.rows)


def spend(report: Report) -> Table:
    """List-price spend by the fate of the change it made; only parts that hold something."""
    parts, whole = report.worth.spend_by_fate, report.cost.list_usd
    changes = report.worth.changes_by_fate
    return Table(
        title="Spend by what became of it",
        columns=("what became of it", "list price", "share", "changes"),
        rows=tuple(
            (
                PARTS.get(part, part),
                dollars(amount),
                of_spend(amount, whole),
                f"{changes[part]:,}" if part in changes else "",
            )
            for part, amount in ordered(parts)
            if amount or changes.get(part)
        ),
        notes=("The parts sum to the whole. A change with several sessions shares their spend.",),
    )


def of_spend(amount: MicroUsd, whole: MicroUsd) -> str:
    """The share of the spend as words."""
    return percent(amount / whole) if whole else ""


def ordered(parts: Mapping[str, MicroUsd]) -> list[tuple[str, MicroUsd]]:
    """The parts in the order of `PARTS`, any further ones after them."""
    names = list(PARTS)
    return sorted(parts.items(), key=lambda p: names.index(p[0]) if p[0] in PARTS else len(names))


def figures(report: Report) -> Table:
    """Every estimate with its interval, size and coverage."""
    w, r, c = report.worth, report.rework, report.coverage
    rows = (
        *((f"{kind_name(k)} changes corrected in 30 days", f) for k, f in w.corrected_30d.items()),
        ("AI lines redone in 30 days: fixed", r.corrective),
        ("AI lines redone in 30 days: other reason", r.adaptive),
        ("AI lines redone in 30 days: no reason stated", r.unknown),
        ("Seen: spend tied to a change", c.spend_joined),
        ("Seen: sessions tied to a change", c.sessions_joined),
        ("Seen: landed lines with evidence", c.lines_with_evidence),
        ("Seen: requests priced", c.requests_priced),
        ("Seen: records read", c.records_read),
    )
    per_line = report.detail.tokens_per_surviving_line
    return Table(
        title="Figures with their 95 % intervals",
        columns=("figure", "value", "interval", "rests on", "coverage"),
        rows=(
            *(share_cells(name, figure) for name, figure in rows),
            _amount_cells(
                "AI lines end so many times as fast as like others", report.detail.matched_hazard_ratio
            ),
            _amount_cells("Output tokens per line alive at 30 days", per_line),
            ("Hours saved and redone", unknown(w.hours), "", "", ""),
        ),
        notes=("'Other' is work without evidence of AI; that does not make it human.",),
    )


def share_cells(name: str, figure: Figure) -> tuple[str, ...]:
    """A share as cells: value, interval, how many units, coverage."""
    if isinstance(figure, Unknown):
        return (name, unknown(figure), "", "", "")
    covered = "" if isinstance(figure.coverage, Unknown) else percent(figure.coverage)
    return (name, percent(figure.value), interval(figure).strip() or "none", f"{figure.n:,}", covered)


def _amount_cells(name: str, figure: Figure) -> tuple[str, ...]:
    if isinstance(figure, Unknown):
        return (name, unknown(figure), "", "", "")
    low, high = figure.low, figure.high
    bounds = "none" if isinstance(low, Unknown) or isinstance(high, Unknown) else f"[{low:,.2f}, {high:,.2f}]"
    covered = "" if isinstance(figure.coverage, Unknown) else percent(figure.coverage)
    return (name, f"{figure.value:,.2f}", bounds, f"{figure.n:,}", covered)


def survival(report: Report) -> Table:
    """Share of landed lines still there after so many days."""
    return Table(
        title="Lines still there",
        columns=("lines, and days since they landed", "still there", "interval", "rests on", "coverage"),
        rows=tuple(
            share_cells(f"{kind_name(kind)}, {day.removeprefix('d')} days", figure)
            for kind, marks in report.detail.survival.items()
            for day, figure in marks.items()
        ),
        notes=(
            f"{report.detail.moved_lines:,} lines moved and {report.detail.formatting_lines:,} were only "
            "reformatted; they live on.",
        ),
    )


def rewriters(report: Report) -> Table:
    """Lines that ended within 30 days, by class of who rewrote them."""
    kinds = report.detail.rewriters
    return Table(
        title="Who rewrote lines within 30 days",
        columns=("rewritten by", *(f"{kind_name(k)} lines" for k in kinds)),
        rows=tuple(
            (words, *(f"{row.get(name, 0):,}" for row in kinds.values()))
            for name, words in REWRITERS.items()
            if any(row.get(name) for row in kinds.values())
        ),
        notes=("Classes only; no person is named.",),
    )


def landed(report: Report) -> Table:
    """Landed code lines of each repository by evidence tier."""
    rows = [row for row in report.work.repos if row.examined]
    return Table(
        title="Landed lines by evidence",
        columns=("repository", *TIERS.values()),
        rows=tuple((safe(row.path), *(f"{row.landed_by_tier.get(t, 0):,}" for t in TIERS)) for row in rows),
        notes=(TIER_MEANS,),
    )


def repositories(report: Report) -> Table:
    """Each repository that the logs or the command named."""
    rows = report.work.repos
    return Table(
        title="Repositories",
        columns=("repository", "commits", "changes", "with AI", "code lines", "mine"),
        rows=tuple(
            (
                safe(row.path),
                *(f"{n:,}" for n in (row.commits, row.changes, row.ai_changes, row.landed_lines)),
                "not split" if isinstance(row.mine, Unknown) else f"{row.mine:,}",
            )
            if row.examined
            else (safe(row.path), safe(f"not examined: {row.why}"), "", "", "", "")
            for row in rows
        ),
        notes=(
            "'Mine' is not split off where fewer than five other people wrote.",
            *(safe(f"{row.path}: read as {row.mode}: {row.mode_why}.") for row in rows if row.examined),
            *(safe(f"{row.path}: {caveat}.") for row in rows for caveat in row.caveats),
        ),
    )


def by_tool(report: Report) -> Table:
    """Usage of each tool."""
    rows = [row for row in report.usage.by_source if row.totals.requests]
    return Table(
        title="Tools",
        columns=("tool", *USAGE_COLUMNS),
        rows=tuple((safe(row.source), *usage_cells(row.totals)) for row in rows),
        notes=_unpriced(report.usage.totals),
    )


def log_reading(report: Report) -> Table:
    """What was read of each tool's logs, and what could not be."""
    sources = report.usage.by_source
    return Table(
        title="Logs read",
        columns=("tool", "files", "records", "kept", "repeats", "left out", "other lines", "remembered"),
        rows=tuple(
            (
                safe(row.source),
                *(f"{n:,}" for n in (row.files, row.records, row.kept, row.merged)),
                *(f"{n:,}" for n in (row.skipped, row.other, row.remembered)),
            )
            for row in sources
        ),
        notes=(
            "Records claim usage or can't be read; kept, repeats and left out sum to them. "
            "'Remembered' are requests whose log the tool has deleted since.",
            *(safe(f"{row.source}: looked in {', '.join(row.looked)}.") for row in sources if row.looked),
            *(safe(f"{row.source}: left out {_reasons(row.skipped_why)}.") for row in sources if row.skipped),
        ),
    )


def by_day(report: Report) -> Table:
    """Usage of each day with the sum."""
    days = usage_rows("Days", "day (UTC)", report.usage.by_day)
    if not days.rows:
        return days
    total = ("all", *usage_cells(report.usage.totals))
    return Table(title=days.title, columns=days.columns, rows=(*days.rows, total))


def usage_rows(title: str, first: str, rows: Iterable[UsageRow]) -> Table:
    """Usage sums, one row for each name."""
    return Table(
        title=title,
        columns=(first, *USAGE_COLUMNS),
        rows=tuple((safe(row.name), *usage_cells(row.totals)) for row in rows),
    )


def usage_cells(totals: Totals) -> tuple[str, ...]:
    """The sums of usage as words."""
    buckets = (totals.input_uncached, totals.cache_read, totals.cache_write, totals.output)
    price = (
        "unpriced"
        if totals.requests and totals.unpriced_requests == totals.requests
        else dollars(totals.list_usd)
    )
    return (f"{totals.requests:,}", *(compact(n) for n in buckets), price)


def kind_name(kind: str) -> str:
    """What a kind of work is called: AI, or other."""
    return "AI" if kind == "ai" else kind


def _unpriced(totals: Totals) -> tuple[str, ...]:
    if not totals.unpriced_requests:
        return ()
    return (f"No price is known for {totals.unpriced_requests:,} requests; they are in no dollar figure.",)


def _reasons(why: Mapping[str, int]) -> str:
    return ", ".join(f"{reason} {n:,}" for reason, n in sorted(why.items()) if n)
