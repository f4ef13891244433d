"""Writes all tables of an invented company into a folder."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from counterfoil.simulate.company.days import Days, person_days
from counterfoil.simulate.company.design import Design
from counterfoil.simulate.company.fates import Fated
from counterfoil.simulate.company.people import People, invent
from counterfoil.simulate.company.portions import Habits, habits
from counterfoil.simulate.company.roles import Made
from counterfoil.simulate.company.works import Planter
from counterfoil.simulate.tables import roster as people_tables
from counterfoil.simulate.tables.roster import roster
from counterfoil.simulate.tables.sessions import planted, write_sessions
from counterfoil.simulate.tables.truth import TRUTH, TruthOfWork, write_made, write_weeks
from counterfoil.simulate.tables.usage import Spent, write_usage
from counterfoil.simulate.tables.works import (
    Calendar,
    Desk,
    write_changes,
    write_deployments,
    write_drafts,
    write_tickets,
)

Progress = Callable[[str, int, int], None]
BYTES_A_PERSON_DAY = 120
"""Roughly what the tables take."""
README = """Everything in this folder is invented: nobody in it exists, and nothing in it was measured.

The tables are what the systems of such a company would export. docs/reference/simulated-company.md
describes every column. The folder truth/ says what was planted. No report reads it; it is there so
that whoever tries a measure on the tables can see how far it is off.

people {people}, days {days}, seed {seed}, first day {first}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """An invented company and its days."""

    people: People
    days: Days
    first: date
    seed: int
    asked: int
    """How many people were asked for; those who join later come on top."""

    @property
    def length(self) -> int:
        """Unit: days."""
        return int(self.days.tokens.shape[1])


def company(count: int, design: Design, *, days: int, seed: int, first: date) -> Company:
    """A company by seed, that lives under a design; its first day is a Monday."""
    people = invent(count, seed=seed, weeks=-(-days // 7))
    lived = person_days(people, design, days=days, seed=seed)
    return Company(people=people, days=lived, first=first, seed=seed, asked=count)


def write_company(folder: Path, c: Company, *, programme: str, progress: Progress) -> Mapping[str, int]:
    """Write every table; says how many rows each has."""
    (folder / TRUTH).mkdir()
    (folder / "programme.toml").write_bytes(programme.encode("utf-8"))
    words = README.format(people=c.asked, days=c.length, seed=c.seed, first=c.first)
    (folder / "README.txt").write_text(words, "utf-8")
    first = np.datetime64(c.first)
    r = roster(c.people, first, c.length, seed=c.seed)
    written = {}
    usual = habits(c.people, c.days, seed=c.seed)
    written["usage_days.csv"], last, spent = write_usage(
        folder,
        c.people,
        c.days,
        first,
        usual.tool,
        seed=c.seed,
        told=lambda done, whole: progress("usage", done, whole),
    )
    written["people.csv"] = people_tables.write_people(folder, r)
    written["membership.csv"] = people_tables.write_membership(folder, r)
    written["leave.csv"] = people_tables.write_leave(folder, r)
    written["exemptions.csv"] = people_tables.write_exemptions(folder, r)
    written["seats.csv"] = people_tables.write_seats(folder, r, usual, last)
    written["org.csv"] = people_tables.write_org(folder, r)
    written["units.csv"] = people_tables.write_units(folder, r)
    written |= _write_works(folder, c, usual, spent, progress)
    written[f"{TRUTH}/weeks.csv"] = write_weeks(folder, r, c.days)
    return written


def _write_works(
    folder: Path, c: Company, usual: Habits, spent: Spent, progress: Progress
) -> Mapping[str, int]:
    desk = Desk(folder, Calendar(first=np.datetime64(c.first), days=c.length), c.seed)
    planter = Planter(c.people, c.days, usual, seed=c.seed)
    truth = TruthOfWork(folder)
    written: dict[str, int] = {}
    found: Fated
    for done, kind in enumerate(Made):
        progress("works", done, len(Made))
        plan = planter.plan(kind)
        team = c.people.team[plan.who].astype(np.int64)
        match kind:
            case Made.CHANGE:
                found = changes = write_changes(desk, plan, team)
                made = planted(plan, changes, spent, usual.tool, team, seed=c.seed)
                written |= write_sessions(folder, desk.calendar, plan, changes, made, usual.tool, team)
                written[f"{TRUTH}/sessions.csv"] = write_made(folder, made)
            case Made.DEPLOYMENT:
                found = write_deployments(desk, plan, team)
            case Made.DRAFT:
                found = write_drafts(desk, plan)
            case Made.TICKET:
                found = write_tickets(desk, plan)
        truth.add(kind, plan, found)
        written[f"{kind}s.csv"] = len(plan)
    progress("works", len(Made), len(Made))
    written[f"{TRUTH}/work.csv"] = truth.close()
    return written
