"""A small organisation with planted figures, behind a gate of its own."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from counterfoil.guard.force import FIRST, consent_text, digest_of, version
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.policy import shipped
from counterfoil.guard.publish import Published, publish
from counterfoil.ledger.keyholder import Keyholder
from counterfoil.ledger.log import Log
from counterfoil.ledger.sign import SignerKey, signed_note
from counterfoil.programme.template import template
from counterfoil.store.lake import Lake
from counterfoil.terms.ask import Ask, Role, Viewer
from counterfoil.terms.batch import batches
from counterfoil.terms.ids import MetricId, MicroUsd, Pseudonym, UnitId
from counterfoil.terms.metric import Level
from counterfoil.terms.organisation import Membership, Person, Unit, UsageDay, WorkFate
from counterfoil.terms.period import Period
from counterfoil.terms.release import Refuse

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
WEEK = "2026-W37"
MONDAY = date(2026, 9, 7)
LONG_AGO = date(2020, 1, 1)
PARTIES = ("employer", "works-council", "data-protection")
KEYS = {party: SignerKey.of(party, bytes([n]) * 32) for n, party in enumerate(PARTIES)}
LOG = SignerKey.of("log.test/guard", bytes(range(32)))
TEAM, TEAMS, DEPARTMENTS = 12, 100, 10


def programme(*changes: tuple[str, str]) -> str:
    """The template, in force since September, with some words replaced."""
    text = template(NOW.date())
    begins = next(line for line in text.splitlines() if line.startswith("begins = "))
    text = text.replace(begins, "begins = 2026-08-31")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def consents(
    text: str, parties: Sequence[str] = PARTIES, witnesses: Sequence[str] = (), *, replaces: str = FIRST
) -> list[str]:
    """The notes of parties that agree."""
    digest = digest_of(text)
    return [
        signed_note(consent_text(digest, replaces, str(KEYS[p].verifier), witnesses), KEYS[p])
        for p in parties
    ]


def put_in_force(g: Guarded, text: str, witnesses: Sequence[str] = ()) -> Published:
    before = version(g)
    replaces = FIRST if before is None else before.name
    given = consents(text, witnesses=witnesses, replaces=replaces)
    done = publish(g, text, consents=given, witnesses=witnesses)
    assert not isinstance(done, Refuse), done
    return done


@contextmanager
def gate(folder: Path, *, now: datetime = NOW) -> Iterator[Guarded]:
    """A data directory behind its gate."""
    for name in ("ledger", "keys"):
        (folder / name).mkdir(exist_ok=True)
    with ExitStack() as stack:
        lake = stack.enter_context(Lake(folder, write=True))
        log = stack.enter_context(Log(folder / "ledger", LOG))
        keys = stack.enter_context(Keyholder(folder / "keys", log=LOG.verifier))
        yield Guarded(lake, log, keys, shipped(), now)


def put(g: Guarded, *rows: Any) -> None:
    nouns: dict[type, list[Any]] = {}
    for row in rows:
        nouns.setdefault(type(row), []).append(row)
    g.lake.append(batch for noun, mine in nouns.items() for batch in batches(noun, mine))


def team_of(person: int) -> str:
    return f"team-{person // TEAM:03d}"


def department_of(person: int) -> str:
    return f"department-{person // TEAM // (TEAMS // DEPARTMENTS)}"


def usage(who: Pseudonym, *, day: date = MONDAY, output: int, **changes: Any) -> UsageDay:
    plain = UsageDay(
        who=who, day=day, tool="claude-code", model="opus", trigger="human", credential="person",
        workload="", requests=1, input_uncached=0, cache_read=0, cache_write=0, output=output,
        cost=MicroUsd(output * 3),
    )  # fmt: skip
    return replace(plain, **changes)


def people_rows(g: Guarded, count: int = TEAM * TEAMS) -> list[Pseudonym]:
    """Enrol people into teams and departments; the first of each team leads it."""
    who = list(g.keys.pseudonyms([f"p{n:05d}" for n in range(count)]))
    rows: list[Any] = []
    for n, person in enumerate(who):
        rows.append(Person(who=person, role="office" if n % 3 else "engineering", joined=LONG_AGO))
        rows.append(Membership(who=person, unit=UnitId(team_of(n)), since=LONG_AGO))
        if n % TEAM == 0:
            rows.append(Unit(unit=UnitId(team_of(n)), parent=UnitId(department_of(n)), lead=person))
    rows += [Unit(unit=UnitId(name)) for name in {department_of(n) for n in range(count)}]
    put(g, *rows)
    return who


def lived(g: Guarded, who: Sequence[Pseudonym], *, seed: int = 7, weeks: int = 4) -> np.ndarray[Any, Any]:
    """Heavy-tailed use and some work in each week; what each person's tokens of the first week were."""
    rng = np.random.default_rng(seed)
    tokens = np.exp(rng.normal(8, 1.5, (len(who), weeks))).astype(int) + 1
    works = rng.poisson(4, (len(who), weeks))
    rows: list[Any] = []
    for n, person in enumerate(who):
        for week in range(weeks):
            day = MONDAY + timedelta(weeks=week, days=int(n % 5))
            rows.append(usage(person, day=day, output=int(tokens[n, week])))
            for work in range(works[n, week]):
                undone: dict[str, Any] = {"undone": day + timedelta(days=3)} if rng.random() < 0.15 else {}
                rows.append(
                    WorkFate(who=person, kind="change", work=f"{n}-{week}-{work}", landed=day, **undone)
                )
    put(g, *rows)
    return tokens


def ask(
    metric: str = "kept",
    by: Level = Level.UNIT,
    period: str = WEEK,
    purpose: str = "enablement",
    **filters: str,
) -> Ask:
    return Ask(metric=MetricId(metric), by=by, period=Period.parse(period), purpose=purpose, filters=filters)


def viewer(who: Pseudonym | None = None, role: Role = Role.EMPLOYEE) -> Viewer:
    return Viewer(who=who, role=Role.OPERATOR if who is None else role)
