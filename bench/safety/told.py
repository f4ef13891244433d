"""Writes the figures into docs/agent-safety.md, between marks."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.safety.attackers import FOREIGN, WITHIN
from bench.safety.bounds import CASES, bounds
from bench.safety.manifest import written

DOCS = Path(__file__).parents[2] / "docs"
DOC, FIGURES = DOCS / "agent-safety.md", DOCS / "agent-safety.json"
MARK = re.compile(r"(<!-- figures: ([a-z-]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
FRONTIER = (
    "ask on every effect",
    "grants and taint",
    "grants, taint and destination",
    "ours, outsiders asked for",
    "ours",
    "ours, labels alone",
    "perfect provenance",
    "grants",
)
"""From asking most to asking least."""
Told = Mapping[str, Any]


def tell(told: Told) -> None:
    """Keep the figures, and renew the page."""
    FIGURES.write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    DOC.write_text(renewed(DOC.read_text("utf-8"), told), "utf-8")


def renewed(text: str, told: Told) -> str:
    """The page with every marked part as the figures have it."""
    return MARK.sub(lambda m: m[1] + PARTS[m[2]](told) + "\n" + m[4], text)


def fits() -> Iterator[str]:
    """Where the page is not what its figures say, in words."""
    text, told = DOC.read_text("utf-8"), json.loads(FIGURES.read_text("utf-8"))
    there = {found[1] for found in MARK.findall(text)}
    if missing := PARTS.keys() - there:
        yield f"it lacks {', '.join(sorted(missing))}"
    if renewed(text, told) != text:
        yield f"its tables are not those of {FIGURES.name}"


def made(t: Told) -> str:
    """When, how and with what."""
    return (
        f"Made on {t['made']} by `make bench-safety`: counterfoil {t['counterfoil']}, AgentDojo "
        f"{t['agentdojo']}, cedarpy {t['cedarpy']}, Python {t['python']}; {t['cpu_seconds']} s of one "
        "processor. The replay has no chance in it: the same code gives the same figures."
    )


def must(t: Told) -> str:
    """Every bound, and what was found."""
    found = [list(bounds(t, version)) for version in CASES]
    rows = [
        [each[0].says, *(f"{one.must}: **{one.found}**" for one in each)] for each in zip(*found, strict=True)
    ]
    return _table(["Must hold", *CASES], rows)


def policies(t: Told) -> str:
    """Every policy: what it asks of the owner, and what comes through."""
    head = [
        "Policy",
        "alone",
        "with a yes",
        "not at all",
        "holds a task",
        "unattended",
        "rubber stamp",
        "stopped",
    ]
    parts = []
    for version in CASES:
        rows = [_policy(name, one) for name, one in _each(t, version)]
        cases = f"\n\n**{version}**, {CASES[version]} attacks that act:\n\n"
        parts.append(cases + _table(head, rows))
    return "".join(parts).strip()


def frontier(t: Told) -> str:
    """Holds a task against what an attacker who knows the policy gets."""
    head = ["Policy", "holds a task", "alone", "unattended, static", "free text altered", "any attacker"]
    rows = []
    for name in FRONTIER:
        one = t["versions"]["v1.1.2"][name]
        tried, tasks = one["adaptive"], one["owners"]["counts"]
        leaks = {case for what in FOREIGN for case in tried["cases"].get(f"{what}: leaks", [])}
        rows.append(
            [
                name,
                f"{tasks['holds'] / tasks['tasks']:.2f}",
                _share(tasks.get("alone", 0), tasks["tasks"]),
                str(one["static"]["counts"].get("unattended", 0)),
                _leaks(tried["counts"], "free text"),
                f"{len(leaks)} of {tasks['tasks']} tasks",
            ]
        )
    return _table(head, rows)


def foreign(t: Told) -> str:
    """What each attacker who knows the policy gets, of some policies."""
    return _attackers(t, FOREIGN, ("grants", "grants, taint and destination", "perfect provenance", "ours"))


def within(t: Told) -> str:
    """The same, of attackers who stay within what the owner named."""
    return _attackers(t, WITHIN, ("grants, taint and destination", "perfect provenance", "ours"))


def alone(t: Told) -> str:
    """Which tasks with an effect need nobody, and which can't be done at all."""
    ours = t["versions"]["v1.1.2"]["ours"]["owners"]["cases"]
    asked = t["versions"]["v1.1.2"]["read only"]["owners"]["cases"]
    acting = [case for case in ours["alone"] if case not in asked["alone"]]
    return (
        f"Of the tasks with an effect, {len(acting)} need nobody: {', '.join(acting)}. "
        f"{len(ours['fails'])} can't be done even with a yes: {', '.join(ours['fails'])}."
    )


def labels(t: Told) -> str:
    """How the tools are labelled, and that the labels are sound."""
    tools = written().values()
    effects = Counter(tool["effect"] for tool in tools)
    trusted = sum(bool(tool.get("trusted")) for tool in tools)
    gave = t["versions"]["v1.1.2"]["gave the marker out"]
    told = ", ".join(f"{effect} {number}" for effect, number in sorted(effects.items()))
    every, suites = len(written()), sum(len(tool["suites"]) for tool in tools)
    return (
        f"{every} different tools ({suites} in the four suites), by effect: {told}. The answers of {trusted} "
        f"count as trusted, those of {every - trusted} as anybody's; the marker came out of {len(gave)}, all "
        "among the latter."
    )


def _attackers(t: Told, attackers: Mapping[str, str], names: Sequence[str]) -> str:
    head = ["Attacker", "does", *names]
    rows = []
    for what, does in attackers.items():
        tried = [t["versions"]["v1.1.2"][name]["adaptive"]["counts"] for name in names]
        rows.append([what, does, *(_leaks(counts, what) for counts in tried)])
    last = t["versions"]["v1.2.2"]["ours"]["adaptive"]["counts"]
    newer = sum(last.get(f"{what}: leaks", 0) for what in attackers)
    tries = sum(last.get(f"{what}: tries", 0) for what in attackers)
    older = sum(tried[-1].get(f"{what}: leaks", 0) for what in attackers)
    return _table(head, rows) + (
        "\n\nTasks in which a call came through, of those that the attacker can aim at, in v1.1.2. In "
        f"v1.2.2, where {tries:,} calls were tried, ours lets {newer} through where it lets {older} here."
    )


def _policy(name: str, one: Mapping[str, Any]) -> list[str]:
    tasks, static = one["owners"]["counts"], one["static"]["counts"]
    of, cases = tasks["tasks"], static["cases"]
    shares = [_share(tasks.get(what, 0), of) for what in ("alone", "asks", "fails")]
    through = [_share(static.get(what, 0), cases) for what in ("unattended", "rubber stamp", "stopped")]
    return [name, *shares, f"{tasks['holds'] / of:.2f}", *through]


def _each(t: Told, version: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    return ((name, one) for name, one in t["versions"][version].items() if isinstance(one, Mapping))


def _leaks(counts: Mapping[str, int], what: str) -> str:
    return f"{counts.get(f'{what}: leaks', 0)} of {counts.get(f'{what}: tasks', 0)}"


def _share(part: int, whole: int) -> str:
    percent = 100 * part / whole
    return f"{percent:.1f} %" if 0 < percent < 100 else f"{percent:.0f} %"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


PARTS: Mapping[str, Callable[[Told], str]] = {
    "made": made,
    "must": must,
    "policies": policies,
    "frontier": frontier,
    "foreign": foreign,
    "within": within,
    "alone": alone,
    "labels": labels,
}
