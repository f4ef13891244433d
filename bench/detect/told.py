"""Writes the figures into docs/detection.md, between marks, with their pictures."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.detect.picture import alarms_picture, recall_picture
from counterfoil.simulate.units import Innocent

DOCS = Path(__file__).parents[2] / "docs"
DOC, FIGURES = DOCS / "detection.md", DOCS / "detection.json"
PICTURES = {"detection-people.svg": recall_picture, "detection-watch.svg": alarms_picture}
MARK = re.compile(r"(<!-- figures: ([a-z-]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
Told = Mapping[str, Any]


def tell(told: Told) -> None:
    """Keep the figures, and renew the document and its pictures."""
    FIGURES.write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    DOC.write_text(renewed(DOC.read_text("utf-8"), told), "utf-8")
    for name, picture in PICTURES.items():
        (DOCS / "images" / name).write_text(picture(told), "utf-8")


def renewed(text: str, told: Told) -> str:
    """The document with every marked part as the figures have it."""
    return MARK.sub(lambda m: m[1] + PARTS[m[2]](told) + "\n" + m[4], text)


def fits() -> Iterator[str]:
    """Where the document is not what its figures say, in words."""
    text, told = DOC.read_text("utf-8"), json.loads(FIGURES.read_text("utf-8"))
    there = {found[1] for found in MARK.findall(text)}
    if missing := PARTS.keys() - there:
        yield f"it lacks {', '.join(sorted(missing))}"
    if renewed(text, told) != text:
        yield "its tables are not those of docs/detection.json"
    for name, picture in PICTURES.items():
        path = DOCS / "images" / name
        if not path.exists() or path.read_text("utf-8") != picture(told):
            yield f"{name} is not the picture of docs/detection.json"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def share(value: float | None) -> str:
    """A share in words that fit a cell."""
    if value is None or value < 0:
        return ""
    percent = 100 * value
    if 0 < percent < 0.05:
        return "<0.1 %"
    return f"{percent:.0f} %" if percent >= 10 or percent == round(percent) else f"{percent:.1f} %"


def between(figures: Sequence[float]) -> str:
    """A share with its interval."""
    if not figures:
        return "too few to say"
    value, low, high = figures
    return f"{share(value)} ({share(low).removesuffix(' %')} to {share(high)})"


def made(t: Told) -> str:
    peers = ", ".join(f"{name} {version}" for name, version in t["people"]["versions"].items())
    return (
        f"Made on {t['made']} by `make bench-detection`: {t['seeds']} seeds for each row about numbers, "
        f"{t['people']['organisations']} organisations of 20,000 people for each about people; counterfoil "
        f"{t['counterfoil']}, Python {t['python']}, numpy {t['numpy']}; for the detectors of people {peers}; "
        f"{t['seconds']} s on two shared cores."
    )


def recall(t: Told) -> str:
    p = t["people"]
    suites = ("seen tactics", "unseen tactics", "quiet burning", "padding")
    rows = []
    for name, found in p["detectors"].items():
        for place, rate in enumerate(("1 in 100", "1 in 1,000", "1 in 10,000")):
            cells = [between(found["recall"][suite][place]) for suite in suites]
            rows.append([name if place == 0 else "", rate, *cells])
    head = ["detector", "accuses of heavy honest people", *suites]
    counts = (
        f"\n\n{p['honest']:,} honest people, {p['heavy']:,} of them heavy (so 1 in 10,000 is about "
        f"{p['heavy'] / 10_000:.0f} people, and that row is rough); {p['burners_seen']:,} who burn with seen "
        f"tactics, {p['burners_unseen']:,} with unseen ones, {p['padders']:,} who pad."
    )
    return table(head, rows) + counts


def auc(t: Told) -> str:
    rows = [
        [
            name,
            *(
                f"{found['auc'][suite]:.2f}"
                for suite in ("seen tactics", "unseen tactics", "quiet burning", "padding")
            ),
        ]
        for name, found in t["people"]["detectors"].items()
    ]
    return table(["area under the curve, all honest people", "seen", "unseen", "quiet", "padding"], rows)


def off(t: Told) -> str:
    """How honest the trees' own probabilities are."""
    rows = [
        [name if suite == "seen tactics" else "", suite, f"{one['everybody']:.3f}",
         share(one["above a half, said"]), share(one["above a half, true"])]
        for name, found in t["people"]["detectors"].items()
        for suite, one in found.get("off", {}).items()
    ]  # fmt: skip
    head = ["", "", "off on average", "of those above one half: said", "true"]
    return table(head, rows)


def accused(t: Told) -> str:
    rows = []
    for name, found in t["people"]["detectors"].items():
        worst, new = found["worst"], found["unseen_work"]
        rows.append(
            [
                name,
                f"{worst['group']}: {share(worst['rate'])}",
                share(worst["part_time"]),
                share(worst["automation"]),
                share(new["all of it"]),
                share(new.get("runaway", 0.0)),
            ]
        )
    return table(
        [
            "detector",
            "worst group, at 1 % of all",
            "part-time",
            "of the accused: honest automation",
            "unseen honest work, at 1 % of the seen",
            "runaway agents",
        ],
        rows,
    )


def ppv(t: Told) -> str:
    rows = []
    for name, found in t["people"]["detectors"].items():
        for suite, by_share in found["ppv"].items():
            first = name if suite == "seen tactics" else ""
            rows.append([first, suite, *(between(by_share[s]) for s in ("1%", "3%", "10%"))])
    return table(["detector", "", "1 % burn", "3 %", "10 %"], rows)


def prevalence(t: Told) -> str:
    rows = []
    for name, found in t["people"]["detectors"].items():
        for mix, one in found["prevalence"].items():
            if "5,000" in mix:
                cells = [share(one["covered"]), share(one["bound_holds"]), f"{100 * one['error']:.1f} points"]
                rows.append([name if mix.startswith("tactics") else "", mix.split(",")[0], *cells])
    proven = [[where, share(value)] for where, value in t["prevalence"].items()]
    first = table(
        ["screen", "cohorts of 5,000", "95 % interval held the truth", "lower bound held", "median error"],
        rows,
    )
    second = table(
        ["a screen as good as it was proven to be, cohort and true share", "interval held the truth"], proven
    )
    return first + "\n\n" + second


def adaptive_people(t: Told) -> str:
    rows = []
    for name, curve in t["people"]["adapted"].items():
        found = {one["queries"]: one for one in curve}
        last = found[1_000]
        cells = [share(found[q]["found"][0]) for q in (-1, 0, 10, 1_000)]
        rows.append([name, *cells, share(last["burn_kept"]), f"{last['hours']:.1f}"])
    head = [
        "detector, at 1 in 100",
        "as they were",
        "0 questions",
        "10",
        "1,000",
        "burning kept",
        "hours a week it takes",
    ]
    return table(head, rows)


def _forms(one: Mapping[str, Any], *, late: bool) -> list[str]:
    cells = []
    for form in ("", "plain_", "yield_"):
        weeks = one[f"{form}weeks"]
        when = "" if weeks is None or not late else f", week {weeks:g}"
        cells.append(share(one[f"{form}found"]) + when)
    return cells


def watch(t: Told) -> str:
    rows = []
    for suite, one in t["watch"].items():
        gamed = "game" in suite or ("programme" in suite and " no " not in suite)
        rows.append([suite, *_forms(one, late=gamed)])
    return table(
        ["300 units, 26 weeks after the launch", "this watch", "plain correlation", "outcomes a token"], rows
    )


def null(t: Told) -> str:
    forms = {"this watch": "found", "plain correlation": "plain_found", "outcomes a token": "yield_found"}
    told = []
    for name, key in forms.items():
        most = max(Innocent, key=lambda i: t["watch"][i.value][key])
        told.append(f"{name}: at most {share(t['watch'][most.value][key])} ({most.value})")
    quiet = t["watch"]["nothing, 104 weeks"]
    return (
        "False alarms within 26 weeks of something innocent and declared: "
        + "; ".join(told)
        + ". In 104 quiet weeks "
        f"{share(quiet['found'])}, {share(quiet['plain_found'])} and {share(quiet['yield_found'])} alarm."
    )


def small(t: Told) -> str:
    rows = []
    for units in (3, 8, 19, 20, 24, 40, 80):
        none, gamed = (t["small"][f"{units} units, {share_}% game"] for share_ in (0, 20))
        told = [
            none["found"],
            gamed["found"],
            gamed["plain_found"],
            none["yield_found"],
            gamed["yield_found"],
        ]
        rows.append([str(units), share(1 - gamed["tells"]), *map(share, told)])
    head = [
        "units",
        "can't tell",
        "alarms, nothing",
        "found, 20 % game",
        "plain: found",
        "outcomes a token: alarms, nothing",
        "found",
    ]
    return table(head, rows)


def adaptive_watch(t: Told) -> str:
    rows = []
    for name, curve in t["adaptive"].items():
        for one in curve:
            first = name if one["queries"] == 0 else ""
            rows.append(
                [
                    first,
                    f"{one['queries']:,}",
                    share(one["seen"]),
                    share(one["burn_kept"]),
                    share(one["faked"]),
                ]
            )
    head = [
        "a tenth of people, together",
        "questions",
        "still seen",
        "burning kept unseen",
        "outcomes made up to fit",
    ]
    return table(head, rows)


def levers(t: Told) -> str:
    rows = [
        [cause, f"{one['spoke']} of {one['seeds']}", f"{one['named']} of {one['spoke']}"]
        for cause, one in t["levers"].items()
    ]
    return table(["planted", "audits that speak", "of those, named among three levers"], rows)


def line(t: Told) -> str:
    """The contrast at a line, by size."""
    sizes: dict[int, list[str]] = {}
    for name, value in t["line"].items():
        sizes.setdefault(int(name.split()[0]), []).append(share(value))
    rows = [[f"{people:,}", *told] for people, told in sorted(sizes.items())]
    return table(["people", "nobody moves", "10 % of near-misses", "30 %"], rows)


def replays(t: Told) -> str:
    m = t["moments"]
    rows = [
        [
            f"A&E, {year}",
            share(one["planted"]),
            share(one["excess"]),
            share(one["covered"]),
            share(one["spoke"]),
        ]
        for year, one in m["emergency"].items()
    ]
    rows += [
        [
            f"Regents, {regime}",
            share(one["planted"]),
            f"{share(one['excess'])}; order 4: {share(one['as_shipped'])}",
            share(one["covered"]),
            share(one["spoke"]),
        ]
        for regime, one in m["regents"].items()
    ]
    shares = ", ".join(
        f"{100 * one['last_20_minutes']:.1f} % (published {100 * one['published']:.1f} %)"
        for one in m["emergency"].values()
    )
    head = [
        f"{m['units']:,} visits or scores",
        "moved to the line",
        "excess found",
        "interval held it",
        "the test speaks",
    ]
    words = f"\n\nIn the last 20 minutes: {shares}. With deaths falling as published, the audit says: "
    words += f"*{m['improved']}*."
    return table(head, rows) + words


def tables(t: Told) -> str:
    """One organisation's way from tables to a verdict."""
    one, gate = t["tables"], t["tables"]["released"]
    return (
        f"{one['people']:,} people in {one['units']} units, {one['launch']} weeks without a programme and "
        f"{one['weeks'] - one['launch']} under one like Amazon's, came as {one['rows']:,} rows through "
        f"`counterfoil collect table`; the lake holds {100 * one['tokens_in_the_lake']:.2f} % of the tokens "
        f"that were invented. The launch was in {one['launched']}. Every kept work of all units counted, the "
        f"tests say: *{one['says']}*. `counterfoil audit tokens`, with a programme in force, the "
        f"{gate['units']} units that are large enough and changes that stand, says: *{gate['says']}*"
    )


PARTS: Mapping[str, Callable[[Told], str]] = {
    "made": made,
    "recall": recall,
    "auc": auc,
    "off": off,
    "accused": accused,
    "ppv": ppv,
    "prevalence": prevalence,
    "adaptive-people": adaptive_people,
    "watch": watch,
    "null": null,
    "small": small,
    "adaptive-watch": adaptive_watch,
    "levers": levers,
    "line": line,
    "replays": replays,
    "tables": tables,
}
