"""The report as a terminal screen: the first one fits 80 by 24, `more` goes on below it."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence

from counterfoil.show import table
from counterfoil.show.figures import Shown, headline, key_figures, landed, short_retention, tools
from counterfoil.show.paint import BOLD, DIM, Paint, encodable, painter
from counterfoil.show.table import Table
from counterfoil.show.words import PARTS, counted, dollars, percent, period, safe
from counterfoil.terms.ids import MicroUsd
from counterfoil.terms.release import Released
from counterfoil.terms.report import Report
from counterfoil.terms.work import SpendPart

EXAMPLE = "EXAMPLE, all invented"
LABEL = 22
NARROW = 60
GAP = "  "
GLYPHS = dict(zip(PARTS, "█▒x▓░=·?", strict=True))
ASCII_GLYPHS = dict(zip(PARTS, "#%x+:=.?", strict=True))
INKS = {
    SpendPart.STANDING: "36",
    SpendPart.CORRECTED: "33",
    SpendPart.REVERTED: "35",
    SpendPart.REPLACED: "34",
    SpendPart.TOO_YOUNG: "37",
}
"""Terminal colour of each part; the glyph says the same without colour."""


def screen(
    released: Released[Report],
    *,
    width: int = 80,
    height: int = 24,
    color: bool = False,
    unicode: bool = True,
    more: bool = False,
) -> str:
    """The first screen, one line short of `height` for the prompt; with `more`, everything."""
    report = released.answer
    width = max(width, NARROW)
    paint = painter(color)
    top = [*_opening(report, width, paint), *_bar(report, width, paint, unicode)]
    rows = [*key_figures(report), *_tool_rows(report), landed(report)]
    room = len(rows) * height if more else height - 2 - len(top)
    kept, hidden = _fitting(rows, room, width)
    lines = [*top, *(line for row in kept for line in _row(row, width, paint))]
    if more:
        lines += [*_notes(report, width), *_tables(table.all_tables(report), width, paint)]
    lines += textwrap.wrap(_closing(report, hidden, more), width)
    return encodable("\n".join(lines) + "\n", unicode)


def usage_screen(
    released: Released[Report], *, width: int = 80, color: bool = False, unicode: bool = True
) -> str:
    """Usage alone: by day with the sum, by tool and by model."""
    report = released.answer
    width = max(width, NARROW)
    paint = painter(color)
    usage = report.usage
    lines = [f"{EXAMPLE}."] if report.example else []
    if usage.totals.requests:
        models = table.usage_rows("Models", "model", usage.by_model)
        lines += _tables((table.by_day(report), table.by_tool(report), models), width, paint)
        lines += textwrap.wrap(f"Prices: {safe(report.cost.basis)}", width)
    else:
        lines += ["No AI tool logs were found.", *_looked(report, width)]
    return encodable("\n".join(lines).lstrip("\n") + "\n", unicode)


def _opening(report: Report, width: int, paint: Paint) -> list[str]:
    c = report.coverage
    title = ", ".join(filter(None, ("What your AI use was worth", period(c.logs_from, c.logs_to))))
    if report.example:
        title = f"{EXAMPLE}: {title}"
    said = [paint(line, BOLD) for line in textwrap.wrap(headline(report), width)]
    return [*textwrap.wrap(title, width), *said, *_looked(report, width), ""]


def _looked(report: Report, width: int) -> list[str]:
    """Where logs were searched, when there were none."""
    if report.usage.totals.requests:
        return []
    places = [safe(place) for row in report.usage.by_source for place in row.looked]
    return textwrap.wrap(f"Looked in: {', '.join(places) or 'nowhere'}", width, subsequent_indent=GAP)


def _bar(report: Report, width: int, paint: Paint, unicode: bool) -> list[str]:
    """One bar of the spend with its legend in two columns."""
    parts = [(part, amount) for part, amount in table.ordered(report.worth.spend_by_fate) if amount > 0]
    whole = sum(amount for _, amount in parts)
    if not whole:
        return []
    glyphs: Mapping[str, str] = GLYPHS if unicode else ASCII_GLYPHS
    cells = _apportioned([amount for _, amount in parts], width)
    bar = "".join(
        paint(glyphs.get(part, "?") * n, INKS.get(SpendPart(part), ""))
        for (part, _), n in zip(parts, cells, strict=True)
    )
    legend = [
        (glyphs[part], INKS.get(SpendPart(part), ""), _legend(PARTS[part], MicroUsd(amount), whole))
        for part, amount in parts
    ]
    half = (len(legend) + 1) // 2
    lines = []
    for i in range(half):
        pair = [legend[j] for j in (i, i + half) if j < len(legend)]
        lines.append(
            GAP.join(
                paint(glyph, ink) + " " + words.ljust(width // 2 - 3) for glyph, ink, words in pair
            ).rstrip()
        )
    return [bar, *lines, ""]


def _legend(words: str, amount: MicroUsd, whole: int) -> str:
    return f"{words:<18} {dollars(amount):>10} {percent(amount / whole):>6}"


def _apportioned(amounts: Sequence[int], width: int) -> list[int]:
    """Cells of a bar of `width`, at least one for each amount, by largest remainder.

    Example:
    >>> _apportioned([700, 299, 1], 10)
    [6, 3, 1]
    """
    whole, free = sum(amounts), width - len(amounts)
    exact = [amount * free / whole for amount in amounts]
    cells = [int(x) for x in exact]
    order = sorted(range(len(amounts)), key=lambda i: cells[i] - exact[i])
    for i in order[: free - sum(cells)]:
        cells[i] += 1
    return [n + 1 for n in cells]


def _tool_rows(report: Report) -> Iterator[Shown]:
    rows = report.usage.by_source
    used = "; ".join(tools(rows))
    if used:
        yield Shown(label="Tools", value=used, about="", known=True)
    warned = ", ".join(short_retention(rows))
    if warned:
        yield Shown(label="Logs are deleted", value=warned, about="", known=True)


def _fitting(rows: Sequence[Shown], room: int, width: int) -> tuple[list[Shown], int]:
    """The rows that fit, and how many don't; what is unknown gives way first, then the last."""
    kept = list(rows)

    def lines() -> int:
        return sum(len(_wrapped(row.value, width)) for row in kept)

    while kept and lines() > room:
        unknown = [row for row in kept if not row.known]
        kept.remove((unknown or kept)[-1])
    return kept, len(rows) - len(kept)


def _wrapped(value: str, width: int) -> list[str]:
    return textwrap.wrap(value, width - LABEL) or [""]


def _row(row: Shown, width: int, paint: Paint) -> Iterator[str]:
    first, *rest = _wrapped(row.value, width)
    yield f"{row.label:<{LABEL}}" + (first if row.known else paint(first, DIM))
    for line in rest:
        yield " " * LABEL + (line if row.known else paint(line, DIM))


def _closing(report: Report, hidden: int, more: bool) -> str:
    said = [f"{EXAMPLE}."] if report.example else []
    if not more:
        left = [counted(hidden, "line")] if hidden else []
        left += [counted(len(report.notes), "note")] if report.notes else []
        hint = f" ({', '.join(left)})" if left else ""
        said.append(f"Also: --more{hint}, --html FILE, --json.")
    return " ".join(said)


def _notes(report: Report, width: int) -> Iterator[str]:
    if report.notes:
        yield ""
        yield "What to know"
    for note in report.notes:
        yield from textwrap.wrap(safe(note), width, initial_indent="- ", subsequent_indent=GAP)


def _tables(tables: Iterable[Table], width: int, paint: Paint) -> Iterator[str]:
    for t in tables:
        if t.rows:
            yield ""
            yield paint(t.title, BOLD)
            yield from _table_lines(t, width, paint)
            for note in t.notes:
                yield from textwrap.wrap(note, width)


def _table_lines(t: Table, width: int, paint: Paint) -> Iterator[str]:
    """A table in columns; a name too long for its column has a line of its own."""
    rows = [row for row in (t.columns, *t.rows) if not _reason_only(row)]
    sizes = [max(len(row[c]) for row in rows) for c in range(len(t.columns))]
    named = max(len(row[0]) for row in (t.columns, *t.rows))
    sizes[0] = max(12, min(named, width - sum(sizes[1:]) - len(GAP) * len(sizes[1:])))
    for i, row in enumerate((t.columns, *t.rows)):
        name = row[0]
        if len(name) > sizes[0]:
            yield name
            name = ""
        if _reason_only(row):
            yield f"{name:<{sizes[0]}}{GAP}{row[1]}"
            continue
        cells = (cell.rjust(size) for cell, size in zip(row[1:], sizes[1:], strict=True))
        line = GAP.join((name.ljust(sizes[0]), *cells)).rstrip()
        yield line if i else paint(line, DIM)


def _reason_only(row: Sequence[str]) -> bool:
    return len(row) > 2 and bool(row[1]) and not any(row[2:])
