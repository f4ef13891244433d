"""Two pictures: what detectors of people find, and what the forms of the watch do."""

from collections.abc import Mapping, Sequence
from typing import Any

from counterfoil.simulate.units import Innocent

INK, FAINT, BACK = "#222", "#bbb", "#fff"
COLOURS = ("#1b6ca8", "#c8651b", "#777")
SUITES = ("tactics it was trained on", "tactics that are new", "after 1,000 questions")
FORMS = ("this watch", "plain correlation", "outcomes a token")


def recall_picture(told: Mapping[str, Any]) -> str:
    """For each detector, what it finds at one false accusation in a hundred heavy honest people."""
    people, rows = told["people"], []
    for name, found in people["detectors"].items():
        seen, new = (found["recall"][suite][0][0] for suite in ("seen tactics", "unseen tactics"))
        rows.append((name, (seen, new, people["adapted"][name][-1]["found"][0])))
    title = "Found, where one in a hundred heavy honest people is accused"
    return _bars(title, rows, SUITES)


def alarms_picture(told: Mapping[str, Any]) -> str:
    """For gaming and for each innocent event, how often each form alarms within half a year."""
    watch = told["watch"]
    suites = ["5% game", "10% game", "20% game", "nothing, 26 weeks", *(i.value for i in Innocent)]
    rows = [
        (name, tuple(watch[name][f"{form}found"] for form in ("", "plain_", "yield_"))) for name in suites
    ]
    return _bars("Alarms within 26 weeks: the first three should, the others should not", rows, FORMS)


def _bars(title: str, rows: Sequence[tuple[str, Sequence[float]]], series: Sequence[str]) -> str:
    """Horizontal bars from 0 to 100 %, in groups."""
    left, wide, step, top = 250, 420, 42, 74
    height = top + step * len(rows) + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 740 {height}" '
        f'width="740" height="{height}" role="img">',
        f"<title>{title}</title>",
        f'<rect width="740" height="{height}" fill="{BACK}"/>',
        f'<g font-family="sans-serif" font-size="13" fill="{INK}">',
        f'<text x="12" y="24" font-size="15" font-weight="bold">{title}</text>',
    ]
    for place, name in enumerate(series):
        x = 12 + 235 * place
        parts.append(f'<rect x="{x}" y="38" width="12" height="12" fill="{COLOURS[place]}"/>')
        parts.append(f'<text x="{x + 18}" y="49">{name}</text>')
    for tick in range(0, 101, 25):
        x = left + wide * tick / 100
        parts.append(f'<line x1="{x:g}" x2="{x:g}" y1="{top - 8}" y2="{height - 24}" stroke="{FAINT}"/>')
        parts.append(f'<text x="{x:g}" y="{height - 8}" text-anchor="middle">{tick} %</text>')
    for row, (name, values) in enumerate(rows):
        y = top + step * row
        parts.append(f'<text x="{left - 10}" y="{y + 21}" text-anchor="end">{name}</text>')
        for place, value in enumerate(values):
            at = y + 3 + 10 * place
            long = max(wide * value, 1)
            parts.append(f'<rect x="{left}" y="{at}" width="{long:.1f}" height="8" fill="{COLOURS[place]}"/>')
            parts.append(
                f'<text x="{left + long + 5:.1f}" y="{at + 8}" font-size="10">{100 * value:.0f}</text>'
            )
    return "\n".join([*parts, "</g>", "</svg>", ""])
