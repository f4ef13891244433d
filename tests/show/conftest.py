"""Invented reports for the tests of what is shown."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate
from counterfoil.terms.ids import MicroUsd
from counterfoil.terms.release import Released
from counterfoil.terms.report import (
    CostPart,
    CoveragePart,
    DetailPart,
    Figure,
    RepoRow,
    Report,
    ReworkPart,
    SourceRow,
    Totals,
    UsagePart,
    UsageRow,
    WorkPart,
    WorthPart,
)

Make = Callable[..., Released[Report]]
NO_LOGS = Unknown("no logs were found")
NO_PLAN = Unknown("say what you paid with --plan")
NO_HOURS = Unknown("nobody stated them")


def share(value: float, low: float, high: float, n: int, coverage: float | Unknown = 0.78) -> Estimate:
    return Estimate(value=value, low=low, high=high, n=n, coverage=coverage, method="ratio-of-sums")


def totals(scale: int, price: int, **more: Any) -> Totals:
    return Totals(
        requests=scale,
        input_uncached=scale * 1_200,
        cache_read=scale * 61_000,
        cache_write=scale * 3_400,
        output=scale * 830,
        reasoning=scale * 210,
        list_usd=MicroUsd(price),
        **more,
    )


def source(name: str, scale: int, price: int, looked: str, retention: int | Unknown) -> SourceRow:
    return SourceRow(
        source=name,
        files=scale // 90 + 1,
        records=scale + 431,
        kept=scale,
        merged=428,
        skipped=3,
        other=scale * 4,
        skipped_why={"truncated": 2, "future-time": 1},
        totals=totals(scale, price, unpriced_requests=12 if name == "codex" else 0),
        looked=(looked,),
        retention_days=retention,
        remembered=0,
    )


def usage() -> UsagePart:
    first = date(2026, 10, 27)
    shape = (5, 9, 14, 11, 3, 0, 1)
    prices = [shape[d % 7] * (900_000 + 37_123 * d) for d in range(30)]
    day_rows = tuple(
        UsageRow(name=str(first + timedelta(days=d)), totals=totals(40 * shape[d % 7], price))
        for d, price in enumerate(prices)
        if price
    )
    spent = sum(prices)
    requests = sum(row.totals.requests for row in day_rows)
    return UsagePart(
        totals=totals(requests, spent, unpriced_requests=12),
        by_source=(
            source("claude-code", requests - 1400, spent - 61_000_000, "/home/ada/.claude/projects", 30),
            source("codex", 1200, 55_000_000, "/home/ada/.codex/sessions", Unknown("it states none")),
            source("gemini-cli", 200, 6_000_000, "/home/ada/.gemini/tmp", 30),
        ),
        by_day=day_rows,
        by_model=(
            UsageRow(name="claude-sonnet-4-5", totals=totals(requests - 1400, spent - 61_000_000)),
            UsageRow(name="gpt-5-codex", totals=totals(1200, 55_000_000, unpriced_requests=12)),
            UsageRow(name="gemini-2.5-pro", totals=totals(200, 6_000_000)),
        ),
        by_repo=(
            UsageRow(name="/home/ada/code/tally", totals=totals(requests - 900, spent - 30_000_000)),
            UsageRow(name="/home/ada/code/orchard-service", totals=totals(900, 30_000_000)),
        ),
        by_session=(UsageRow(name="6f1c-77", totals=totals(requests, spent)),),
    )


def fates(spent: int) -> dict[str, MicroUsd]:
    cut = {
        "standing": 0.52,
        "corrected": 0.06,
        "reverted": 0.02,
        "replaced": 0.04,
        "too_young": 0.17,
        "nothing_found": 0.11,
        "not_examined": 0.03,
    }
    parts = {part: MicroUsd(int(spent * s)) for part, s in cut.items()}
    return parts | {"unknown": MicroUsd(spent - sum(parts.values()))}


def repositories() -> tuple[RepoRow, ...]:
    def row(path: str, scale: int, mine: int | Unknown, *caveats: str) -> RepoRow:
        return RepoRow(
            path=path,
            examined=True,
            why="",
            mode="first-parent",
            mode_why="most work lands by squash or merge",
            commits=scale * 3,
            changes=scale,
            ai_changes=scale * 2 // 3,
            landed_lines=scale * 75,
            landed_by_tier={"0": scale * 25, "1": scale, "2": scale * 9, "3": 0, "4": scale * 40, "5": 0},
            mine=mine,
            caveats=caveats,
        )

    gone = replace(
        row("/home/ada/code/gone", 0, Unknown("not examined")),
        examined=False,
        why="the folder is no longer there",
    )
    return (
        row("/home/ada/code/tally", 131, Unknown("fewer than five other authors")),
        row("/home/ada/code/orchard-service", 60, 1_830, "the clone is shallow; older lines have no origin"),
        gone,
    )


def curve(floor: float) -> tuple[tuple[float, float, float, float], ...]:
    days = (0.0, 1.0, 3.0, 7.0, 12.0, 20.0, 30.0, 45.0, 60.0, 90.0)
    return tuple(
        (d, s := floor + (1 - floor) * 0.97**d, max(0.0, s - 0.0008 * d), min(1.0, s + 0.0007 * d))
        for d in days
    )


def detail() -> DetailPart:
    def marks(d7: float, d30: float, d90: Figure) -> Mapping[str, Figure]:
        return {
            "d7": share(d7, d7 - 0.01, d7 + 0.01, 8_100),
            "d30": share(d30, d30 - 0.02, d30 + 0.02, 8_100),
            "d90": d90,
        }

    return DetailPart(
        survival={
            "ai": marks(0.962, 0.911, share(0.842, 0.81, 0.87, 8_100)),
            "other": marks(0.955, 0.894, share(0.821, 0.79, 0.85, 3_200)),
        },
        survival_curve={"ai": curve(0.83), "other": curve(0.8)},
        moved_lines=412,
        formatting_lines=96,
        rewriters={
            "ai": {"same_person": 310, "other": 44, "agent": 367},
            "other": {"same_person": 190, "other": 51, "agent": 98},
        },
        matched_hazard_ratio=Unknown("not matched"),
        tokens_per_surviving_line=Estimate(
            value=61.4, low=48.2, high=80.1, n=74, coverage=0.7, method="ratio"
        ),
    )


def full() -> Report:
    part = usage()
    spent = part.totals.list_usd
    return Report(
        example=False,
        made_at="2026-11-25T09:00:00Z",
        since="2026-10-27",
        usage=part,
        cost=CostPart(list_usd=spent, paid_usd=MicroUsd(100_000_000), basis="genai-prices 0.2.3, 2026-11-20"),
        work=WorkPart(repos=repositories()),
        worth=WorthPart(
            spend_by_fate=fates(spent),
            changes_by_fate={"standing": 67, "corrected": 8, "reverted": 2, "replaced": 5, "too_young": 45},
            cost_per_standing_change_usd=MicroUsd(4_210_000),
            corrected_30d={"ai": share(0.061, 0.03, 0.092, 131), "other": share(0.08, 0.04, 0.12, 60)},
            hours=NO_HOURS,
        ),
        rework=ReworkPart(
            corrective=share(0.041, 0.02, 0.061, 8_100),
            adaptive=share(0.03, 0.018, 0.045, 8_100),
            unknown=share(0.018, 0.01, 0.027, 8_100),
            spend_on_replaced_usd=MicroUsd(11_200_000),
            cost_of_redo_usd=MicroUsd(7_350_000),
        ),
        detail=detail(),
        coverage=CoveragePart(
            spend_joined=share(0.81, 0.74, 0.86, 120, 1.0),
            sessions_joined=share(0.7, 0.61, 0.78, 120, 1.0),
            lines_with_evidence=share(0.66, 0.6, 0.71, 14_325, 1.0),
            requests_priced=share(0.998, 0.99, 0.999, 6_000, 1.0),
            records_read=share(0.9995, 0.999, 1.0, 9_000, 1.0),
            logs_from="2026-10-27",
            logs_to="2026-11-25",
            joined_by={"content": 71, "commit": 9, "time": 4, "none": 36},
        ),
        notes=("Log files of a running session were read while it wrote; its last request may be missing.",),
    )


def empty() -> Report:
    none = usage()
    report = full()
    rows = tuple(
        replace(r, files=0, records=0, kept=0, merged=0, skipped=0, other=0, skipped_why={}, totals=Totals())
        for r in none.by_source
    )
    return replace(
        report,
        since=Unknown("everything there is"),
        usage=UsagePart(totals=Totals(), by_source=rows, by_day=(), by_model=(), by_repo=(), by_session=()),
        cost=replace(report.cost, list_usd=MicroUsd(0), paid_usd=NO_PLAN),
        worth=replace(
            report.worth,
            spend_by_fate=dict.fromkeys(report.worth.spend_by_fate, MicroUsd(0)),
            cost_per_standing_change_usd=NO_LOGS,
        ),
        rework=replace(report.rework, spend_on_replaced_usd=NO_LOGS, cost_of_redo_usd=NO_LOGS),
        detail=replace(report.detail, tokens_per_surviving_line=NO_LOGS),
        coverage=replace(
            report.coverage,
            spend_joined=NO_LOGS,
            sessions_joined=NO_LOGS,
            requests_priced=NO_LOGS,
            records_read=NO_LOGS,
            logs_from=NO_LOGS,
            logs_to=NO_LOGS,
            joined_by={},
        ),
        notes=(),
    )


def bare() -> Report:
    """A report in which everything that can be Unknown is."""
    why = Unknown("git was not found")
    report = full()
    return replace(
        report,
        since=why,
        cost=replace(report.cost, paid_usd=why),
        work=WorkPart(repos=()),
        worth=replace(
            report.worth,
            spend_by_fate={"unknown": report.cost.list_usd},
            changes_by_fate={},
            cost_per_standing_change_usd=why,
            corrected_30d={"ai": why, "other": why},
        ),
        rework=ReworkPart(
            corrective=why, adaptive=why, unknown=why, spend_on_replaced_usd=why, cost_of_redo_usd=why
        ),
        detail=DetailPart(
            survival={k: dict.fromkeys(("d7", "d30", "d90"), why) for k in ("ai", "other")},
            survival_curve={"ai": (), "other": ()},
            moved_lines=0,
            formatting_lines=0,
            rewriters={},
            matched_hazard_ratio=Unknown("not matched"),
            tokens_per_surviving_line=why,
        ),
        coverage=CoveragePart(
            spend_joined=why,
            sessions_joined=why,
            lines_with_evidence=why,
            requests_priced=why,
            records_read=why,
            logs_from=why,
            logs_to=why,
            joined_by={},
        ),
    )


KINDS = {"full": full, "empty": empty, "bare": bare}


@pytest.fixture
def make() -> Make:
    """An invented report of a kind (full, empty, bare), with some parts replaced."""

    def build(kind: str = "full", **changes: Any) -> Released[Report]:
        return Released(replace(KINDS[kind](), **changes), clause="own")

    return build
