"""Whatever was planted on the machines of an invented company comes out right by the ordinary way in."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from counterfoil.app.gather import gather
from counterfoil.app.memory import Memory
from counterfoil.app.options import ReportOptions
from counterfoil.app.progress import Meter
from counterfoil.app.replayed import Watched
from counterfoil.guard.own import release_own
from counterfoil.measure.worth.examine import examine
from counterfoil.measure.worth.views import roots_of
from counterfoil.show.exported import as_json
from counterfoil.simulate.company.cases import AMAZON
from counterfoil.simulate.company.live import live
from counterfoil.simulate.company.parameters import FITTED
from counterfoil.simulate.company.people import invent
from counterfoil.simulate.histories.planted import PlantedUsage
from counterfoil.simulate.machines.write import Machine, MachinesWritten, write_machines
from counterfoil.simulate.tables.sheet import PERSON
from counterfoil.terms.absent import Unknown
from counterfoil.terms.own import OwnSources
from counterfoil.terms.work import FateKind

UNTIL = datetime(2026, 11, 25, 9, tzinfo=UTC)
DAYS, COUNT = 63, 8


@pytest.fixture(scope="module", params=[2, 9])
def company(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> MachinesWritten:
    return made(tmp_path_factory.mktemp("company"), seed=request.param)


def made(folder: Path, *, seed: int, days: int = DAYS, count: int = COUNT) -> MachinesWritten:
    """Machines of a company that ends now."""
    people = invent(400, seed=seed, weeks=-(-days // 7))
    weeks = [*live(people, AMAZON, FITTED, weeks=-(-days // 7), seed=seed, began=26)]
    began = UNTIL - timedelta(days=days)
    return write_machines(folder, people, weeks, days=days, seed=seed, count=count, began=began)


def quiet(what: str, done: int, whole: int) -> None:
    """Progress that nobody watches."""


def gathered(machine: Machine) -> OwnSources:
    options = ReportOptions(
        homes=(machine.home,), repos=(machine.repository,), me=(f"{PERSON % machine.person}@example.org",)
    )
    with Memory(cache=False, evidence=False) as memory, Meter(shown=False) as meter:
        return gather(options, memory, Watched([]), meter, now=UNTIL)


def test_every_planted_token_is_counted_once(company: MachinesWritten) -> None:
    assert len(company.machines) == COUNT
    for machine in company.machines:
        report = json.loads(as_json(release_own(gathered(machine), only_usage=False, progress=quiet)))
        totals, planted = report["usage"]["totals"], machine.usage
        assert totals["requests"] == planted.requests
        for bucket in ("input_uncached", "cache_read", "cache_write", "output"):
            assert totals[bucket] == getattr(planted, bucket), (machine.person, bucket)


def test_every_planted_fate_comes_out_right(company: MachinesWritten) -> None:
    wrong, seen = [], set()
    for machine in company.machines:
        sources = gathered(machine)
        (past,) = sources.pasts.values()
        assert not isinstance(past, Unknown)
        found = examine(past, sources, roots=roots_of(sources.readings), since=0, progress=quiet)
        fates, changes = found.followed.fates, found.followed.changes
        for change in machine.changes:
            row = int(changes.row[fates.landed_in[fates.position_of(change.commit)]])
            said = "nothing counted" if row < 0 else changes.fate(row).value
            seen.add(change.fate)
            if said != change.fate.value:
                wrong.append((machine.person, change.name, change.fate.value, said))
            elif not bool(changes.ai[row]):
                wrong.append((machine.person, change.name, "AI", "no evidence"))
    assert not wrong
    assert seen >= {FateKind.STANDING, FateKind.CORRECTED, FateKind.REPLACED, FateKind.TOO_YOUNG}


def test_otlp_has_the_same_requests_without_those_that_were_never_made(company: MachinesWritten) -> None:
    for machine in company.machines:
        counted = exported(machine.home.parent / "otlp.jsonl")
        assert counted == machine.exported.__class__(
            **{name: getattr(machine.exported, name) for name in ("requests", *BUCKETS.values())}
        )
        assert machine.exported.requests <= machine.usage.requests


BUCKETS = {
    "input_tokens": "input_uncached",
    "output_tokens": "output",
    "cache_read_tokens": "cache_read",
    "cache_creation_tokens": "cache_write",
}


def exported(path: Path) -> PlantedUsage:
    sums = dict.fromkeys(("requests", *BUCKETS.values()), 0)
    for line in path.read_text("utf-8").splitlines():
        for event in events(json.loads(line)):
            if event["event.name"] == "api_request":
                sums["requests"] += 1
                for name, bucket in BUCKETS.items():
                    sums[bucket] += int(event[name])
    return PlantedUsage(**sums)


def events(line: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {a["key"]: next(iter(a["value"].values())) for a in record["attributes"]}
        for resource in line.get("resourceLogs", [])
        for scope in resource["scopeLogs"]
        for record in scope["logRecords"]
    ]


def test_no_word_of_anybody_is_in_otlp(company: MachinesWritten) -> None:
    for machine in company.machines:
        text = (machine.home.parent / "otlp.jsonl").read_text("utf-8")
        for word in ("go on", "ticket", "shop/", "def ", "pytest", 'prompt":{'):
            assert word not in text


def test_some_of_it_was_needed_and_some_was_not(company: MachinesWritten) -> None:
    assert any(machine.gamed.requests for machine in company.machines)
    assert any(machine.gamed.requests < machine.usage.requests for machine in company.machines)


def test_the_same_arguments_give_the_same_machines(tmp_path: Path) -> None:
    first, second = (made(tmp_path / name, seed=3, days=28, count=3) for name in ("one", "two"))
    assert [(m.person, m.usage, m.gamed) for m in first.machines] == [
        (m.person, m.usage, m.gamed) for m in second.machines
    ]
    one, two = (
        {p.name: p.read_text("utf-8").replace(str(root), "") for p in root.rglob("*.jsonl")}
        for root in (tmp_path / "one", tmp_path / "two")
    )
    assert one == two
