"""Writes the machines of some people and the repositories of their teams, and keeps what was planted."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import numpy as np

from counterfoil.simulate.company.live import Week
from counterfoil.simulate.company.people import People, Workload
from counterfoil.simulate.company.tactics import TACTICS
from counterfoil.simulate.formats.claude import write_claude
from counterfoil.simulate.formats.git_stream import GitStream
from counterfoil.simulate.formats.otlp import Exporter, write_otlp
from counterfoil.simulate.formats.session import Talk
from counterfoil.simulate.histories.director import Director
from counterfoil.simulate.histories.people import Identity
from counterfoil.simulate.histories.planted import PlantedChange, PlantedUsage
from counterfoil.simulate.histories.talks import CLAUDE, VERSIONS, Talker
from counterfoil.simulate.machines.plot import Plan, scenes
from counterfoil.simulate.machines.trick import ODD_WORK, TRICKS, sessions_of
from counterfoil.simulate.tables.sheet import PERSON, UNIT
from counterfoil.terms.ids import SessionId

WEEK = timedelta(days=7)
MOST_COLLEAGUES = 4
GUEST = Identity("Guest", "guest@example.org")
"""Commits where a whole team was chosen."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What one person's machine holds, and the truth about it."""

    person: int
    home: Path
    repository: Path
    usage: PlantedUsage
    """What the transcripts add up to."""
    exported: PlantedUsage
    """What OTLP adds up to: the same, without requests that were never made."""
    gamed: PlantedUsage
    """The part that nobody needed."""
    changes: Sequence[PlantedChange]


@dataclass(frozen=True, slots=True, kw_only=True)
class MachinesWritten:
    """Everything that was written for some people."""

    machines: Sequence[Machine]

    @property
    def repositories(self) -> Sequence[Path]:
        """The repositories, each once."""
        return sorted({machine.repository for machine in self.machines})


def write_machines(
    folder: Path,
    people: People,
    weeks: Sequence[Week],
    *,
    days: int,
    seed: int,
    count: int,
    began: datetime,
    called: Path | None = None,
    progress: Progress | None = None,
) -> MachinesWritten:
    """Machines of `count` people below `folder`, the same for the same arguments.

    `weeks` are those that the company lived; logs name `called`, where the folder will lie in the end.
    """
    chosen = _chosen(people, count, seed)
    called = called or folder
    machines: list[Machine] = []
    for team in sorted({int(people.team[person]) for person in chosen}):
        mine = [person for person in chosen if people.team[person] == team]
        machines += _team(folder, called, people, weeks, team, mine, days=days, seed=seed, began=began)
        if progress is not None:
            progress(len(machines), len(chosen))
    return MachinesWritten(machines=machines)


def _chosen(people: People, count: int, seed: int) -> list[int]:
    """Some of those who are there on the first day."""
    rng = np.random.Generator(np.random.SFC64([seed, len(people), 17]))
    there = np.flatnonzero((people.joins <= 0) & (people.leaves > 0))
    return sorted(rng.choice(there, min(count, len(there)), replace=False).tolist())


def _identity(person: int) -> Identity:
    return Identity(f"Person {person}", f"{PERSON % person}@example.org")


def _team(
    folder: Path,
    called: Path,
    people: People,
    weeks: Sequence[Week],
    team: int,
    mine: Sequence[int],
    *,
    days: int,
    seed: int,
    began: datetime,
) -> Iterator[Machine]:
    """One team's repository and the machines of those of it who were chosen."""
    random = Random(f"{seed} {team}")  # noqa: S311 - invented work, not a secret
    place = f"repositories/{UNIT % team}"
    repository, directory = folder / place, str(called / place)
    others = [p for p in np.flatnonzero(people.team == team).tolist() if p not in mine]
    colleagues = [_identity(person) for person in others[:MOST_COLLEAGUES]] or [GUEST]
    tasks = [(_identity(p), [int(week.tasks[p]) for week in weeks]) for p in mine]
    plan = Plan(tasks=tasks, colleagues=colleagues, days=days)
    with GitStream(repository, colleagues[0]) as git:
        director = Director(git, random, directory, began)
        director.play(scenes(random, plan))
    talker = Talker(random)
    for person in mine:
        worked = [held.talk for held in director.talks if held.who == _identity(person)]
        held = {SessionId(talk.id) for talk in worked}
        odd = [*_odd(people, weeks, person, began, random, talker, directory)]
        gamed = [*_gamed(weeks, person, began, random, talker, directory)]
        changes = [c for c in director.changes if held & set(c.sessions)]
        yield _machine(folder, person, repository, [*worked, *odd], gamed, changes)


def _odd(
    people: People,
    weeks: Sequence[Week],
    person: int,
    began: datetime,
    random: Random,
    talker: Talker,
    directory: str,
) -> Iterator[Talk]:
    """Honest work that changes nothing in the repository, in every week in which there was any."""
    trick = ODD_WORK.get(Workload(int(people.workload[person])))
    for number, week in enumerate(weeks):
        if trick is not None and week.tasks[person]:
            at = began + number * WEEK
            yield from sessions_of(trick, at, random=random, talker=talker, directory=directory)


def _gamed(
    weeks: Sequence[Week], person: int, began: datetime, random: Random, talker: Talker, directory: str
) -> Iterator[tuple[Talk, bool]]:
    """Sessions that made the number up, and whether the client really made their requests."""
    for number, week in enumerate(weeks):
        place = int(week.tactic[person])
        if place >= 0:
            tactic = TACTICS[place]
            trick = TRICKS[tactic.name]
            at = began + number * WEEK
            for talk in sessions_of(trick, at, random=random, talker=talker, directory=directory):
                yield talk, not tactic.logged_only


def _machine(
    folder: Path,
    person: int,
    repository: Path,
    honest: Sequence[Talk],
    gamed: Sequence[tuple[Talk, bool]],
    changes: Sequence[PlantedChange],
) -> Machine:
    place = folder / "machines" / (PERSON % person)
    made = [*honest, *(talk for talk, real in gamed if real)]
    false = [talk for talk, real in gamed if not real]
    write_claude(place / "home", [*made, *false])
    exporter = Exporter(
        user_id=f"{person:064x}",
        email=f"{PERSON % person}@example.org",
        organization="00000000-0000-4000-a000-000000000000",
        version=VERSIONS[CLAUDE],
    )
    write_otlp(place / "otlp.jsonl", made, exporter)
    return Machine(
        person=person,
        home=place / "home",
        repository=repository,
        usage=_usage([*made, *false]),
        exported=_usage(made),
        gamed=_usage([talk for talk, _ in gamed]),
        changes=tuple(changes),
    )


def _usage(talks: Sequence[Talk]) -> PlantedUsage:
    told = [inner for talk in talks for inner in (talk, *talk.subagents)]
    return PlantedUsage.of(request.tokens for talk in told for request in talk.requests)
