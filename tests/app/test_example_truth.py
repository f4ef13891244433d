"""Of everything planted in the example, each comes out right in the report."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from counterfoil.app.gather import gather
from counterfoil.app.memory import Memory
from counterfoil.app.options import ReportOptions
from counterfoil.app.progress import Meter
from counterfoil.app.replayed import Watched
from counterfoil.guard.own import release_own
from counterfoil.measure.worth.examine import Examined, examine
from counterfoil.measure.worth.views import roots_of
from counterfoil.show.exported import as_json
from counterfoil.simulate.example.build import build
from counterfoil.simulate.histories.planted import Planted
from counterfoil.terms.absent import Unknown
from counterfoil.terms.mark import Evidence
from counterfoil.terms.own import OwnSources
from counterfoil.terms.work import FateKind, SpendPart

UNTIL = datetime(2026, 11, 25, 9, tzinfo=UTC)
Told = tuple[Planted, OwnSources, Examined, dict[str, Any]]


def quiet(what: str, done: int, whole: int) -> None:
    """Progress that nobody watches."""


def gathered(planted: Planted) -> OwnSources:
    options = ReportOptions(homes=(planted.home,), example=True, me=(planted.me.mail,))
    with Memory(cache=False, evidence=False) as memory, Meter(shown=False) as meter:
        return gather(options, memory, Watched([]), meter, now=UNTIL)


@pytest.fixture(scope="module", params=[1, 7])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Told:
    planted = build(tmp_path_factory.mktemp("example"), seed=request.param, until=UNTIL)
    sources = gathered(planted)
    (past,) = sources.pasts.values()
    assert not isinstance(past, Unknown)
    found = examine(past, sources, roots=roots_of(sources.readings), since=0, progress=quiet)
    report = json.loads(as_json(release_own(gathered(planted), only_usage=False, progress=quiet)))
    return planted, sources, found, report


def test_every_planted_fate_comes_out_right(told: Told) -> None:
    planted, _, found, _ = told
    fates, changes = found.followed.fates, found.followed.changes
    wrong = []
    for change in planted.changes:
        row = int(changes.row[fates.landed_in[fates.position_of(change.commit)]])
        said = "nothing counted" if row < 0 else changes.fate(row).value
        if said != change.fate.value:
            wrong.append((change.name, change.fate.value, said))
    assert not wrong
    assert len(planted.changes) > 200
    assert {c.fate for c in planted.changes} == set(FateKind)


def test_every_ai_change_carries_the_evidence_that_was_planted(told: Told) -> None:
    planted, _, found, _ = told
    fates, changes = found.followed.fates, found.followed.changes
    wrong = []
    for change in planted.changes:
        row = int(changes.row[fates.landed_in[fates.position_of(change.commit)]])
        lines = {2: changes.lines_tier_2[row], 3: changes.lines_tier_3[row], 4: changes.lines_tier_4[row]}
        whole = int(changes.lines[row])
        if whole and change.evidence >= Evidence.MARKED and lines[int(change.evidence)] * 2 < whole:
            wrong.append((change.name, change.evidence, whole, lines))
        if change.evidence < Evidence.MARKED and bool(changes.ai[row]):
            wrong.append((change.name, change.evidence, whole, lines))
    assert not wrong
    assert int(changes.ai.sum()) >= 25


def test_every_session_is_spent_where_it_was_planted(told: Told) -> None:
    planted, _, found, _ = told
    kinds = {session: {share.kind.value for share in shares} for session, shares in found.shares.items()}
    wrong = []
    for session in planted.sessions:
        expected = {session.part.value} if session.part.value in {f.value for f in FateKind} else set()
        if kinds.get(session.id, set()) != expected and session.id not in forks(planted):
            wrong.append((session.source, session.part, kinds.get(session.id)))
    assert not wrong


def forks(planted: Planted) -> set[str]:
    """Codex sessions that another started: their spend is that of the one they came from."""
    first_lines = (
        f.read_text("utf-8").split("\n")[0] for f in planted.home.glob(".codex/sessions/**/*.jsonl")
    )
    return {json.loads(line)["payload"]["id"] for line in first_lines if "forked_from_id" in line}


def test_usage_is_what_was_planted_to_the_token(told: Told) -> None:
    planted, _, _, report = told
    for row in report["usage"]["by_source"]:
        if row["source"] == "table":
            continue
        usage, totals = planted.usage[row["source"]], row["totals"]
        assert {
            k: totals[k] for k in ("requests", "input_uncached", "cache_read", "cache_write", "output")
        } == {
            "requests": usage.requests,
            "input_uncached": usage.input_uncached,
            "cache_read": usage.cache_read,
            "cache_write": usage.cache_write,
            "output": usage.output,
        }
        assert row["records"] == row["kept"] + row["merged"] + row["skipped"]


def test_the_parts_sum_to_the_whole_and_none_is_empty(told: Told) -> None:
    _, _, _, report = told
    parts = report["worth"]["spend_by_fate"]
    assert set(parts) == {p.value for p in SpendPart}
    assert round(sum(parts.values()) * 1_000_000) == round(report["cost"]["list_usd"] * 1_000_000)
    assert all(parts.values())
    assert report["usage"]["totals"]["unpriced_requests"] == 0
    assert (
        isinstance(report["detail"]["survival"]["ai"]["d90"], dict)
        and "value" in report["detail"]["survival"]["ai"]["d90"]
    )


def test_the_same_seed_makes_the_same_repository(tmp_path: Path) -> None:
    first = build(tmp_path / "one", seed=3, until=UNTIL)
    again = build(tmp_path / "two", seed=3, until=UNTIL)
    assert [c.commit for c in first.changes] == [c.commit for c in again.changes]
    other = build(tmp_path / "three", seed=4, until=UNTIL)
    assert [c.commit for c in first.changes] != [c.commit for c in other.changes]
