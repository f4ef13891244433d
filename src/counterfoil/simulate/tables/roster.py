"""Who is in an invented company, in which unit, when away, and with which seat."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from counterfoil.simulate.company.chance import seeded, uniform
from counterfoil.simulate.company.models import TOOLS
from counterfoil.simulate.company.people import Flags, Ints, People
from counterfoil.simulate.company.portions import Habits
from counterfoil.simulate.company.roles import Role, roles
from counterfoil.simulate.tables.sheet import (
    DEPARTMENT,
    PERSON,
    SHARE,
    TEXT,
    UNIT,
    WHOLE,
    Sheet,
    dates,
    words,
)
from counterfoil.terms.aim import Exemption

LAUNCHED_DAYS = 182
"""Days from the launch of the programme to the first day: a seat is assigned between them."""
LONGEST_DAYS = 3_650
"""Days before the first one on which the earliest of those who are there joined."""
DEPARTMENT_TEAMS = 12
"""Teams of a department: an assumption."""
SEATED = 0.95
"""Share of people with a seat of their usual tool, used or not: an assumption."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """When everybody joins, moves and leaves, as days from the first one.

    Shape: every array (people,).
    """

    people: People
    first: np.datetime64
    days: int
    seed: int
    who: NDArray[np.int64]
    """Those who are there at any time before the end; the others are not written."""
    joined: Ints
    left: Ints
    moved: Ints

    def at_the_end(self) -> NDArray[np.int64]:
        """Those who are still there on the last day."""
        return self.who[self.left[self.who] >= self.days]


def roster(people: People, first: np.datetime64, days: int, *, seed: int) -> Roster:
    """Weeks as days; those who were there before the first day joined on some day before it."""
    before = uniform(seeded(seed, np.arange(len(people)) + (1 << 56))) ** 2 * LONGEST_DAYS
    joined = np.where(people.joins > 0, people.joins * 7, -1 - before.astype(np.int32))
    return Roster(
        people=people,
        first=first,
        days=days,
        seed=seed,
        who=np.flatnonzero(joined < days),
        joined=joined.astype(np.int32),
        left=people.leaves * 7,
        moved=people.moves * 7,
    )


def write_people(folder: Path, r: Roster) -> int:
    """What a directory says of each person."""
    kinds = roles(r.people, seed=r.seed)
    columns = {"person": PERSON, "role": TEXT, "zone": WHOLE, "hours": SHARE, "joined": TEXT, "left": TEXT}
    with Sheet(folder / "people.csv", columns) as sheet:
        sheet.add(
            [
                r.who,
                words([role.value for role in Role], kinds[r.who]),
                r.people.zone[r.who],
                r.people.hours[r.who],
                dates(r.first, r.joined[r.who]),
                dates(r.first, r.left[r.who], r.left[r.who] < r.days),
            ]
        )
    return sheet.rows


def write_membership(folder: Path, r: Roster) -> int:
    """The unit of each person over time: a second row for those whose unit was dissolved."""
    p, who = r.people, r.who
    ends = np.minimum(r.left, r.days)
    moves = (r.moved > r.joined) & (r.moved < ends)
    from_start = np.where(r.moved <= r.joined, p.next_team, p.team)
    stays = np.where(moves, r.moved, r.left)
    later = who[moves[who]]
    with Sheet(
        folder / "membership.csv", {"person": PERSON, "unit": UNIT, "since": TEXT, "until": TEXT}
    ) as sheet:
        for some, unit, since, until in (
            (who, from_start, r.joined, stays),
            (later, p.next_team, r.moved, r.left),
        ):
            sheet.add(
                [
                    some,
                    unit[some],
                    dates(r.first, since[some]),
                    dates(r.first, until[some], until[some] < r.days),
                ]
            )
    return sheet.rows


def write_units(folder: Path, r: Roster) -> int:
    """Each person's unit on the last day, as a headcount is handed in."""
    there = r.at_the_end()
    unit = np.where(r.moved < r.days, r.people.next_team, r.people.team)
    with Sheet(folder / "units.csv", {"person": PERSON, "unit": UNIT}) as sheet:
        sheet.add([there, unit[there]])
    return sheet.rows


def write_org(folder: Path, r: Roster) -> int:
    """Each team with the department above it and whoever leads it: one of its own people."""
    there = r.at_the_end()
    unit = np.where(r.moved < r.days, r.people.next_team, r.people.team)[there].astype(np.int64)
    teams, first = np.unique(unit, return_index=True)
    above = teams // DEPARTMENT_TEAMS
    departments, led = np.unique(above, return_index=True)
    nothing = [""] * len(departments)
    with Sheet(folder / "org.csv", {"unit": TEXT, "parent": TEXT, "lead": PERSON}) as sheet:
        names = [DEPARTMENT % number for number in departments]
        sheet.add([names, nothing, there[first][led]])
        sheet.add([[UNIT % team for team in teams], [DEPARTMENT % number for number in above], there[first]])
    return sheet.rows


def write_leave(folder: Path, r: Roster) -> int:
    """Leave that touches the days, cut to when the person was employed."""
    who, since, until = _leave(r)
    with Sheet(folder / "leave.csv", {"person": PERSON, "since": TEXT, "until": TEXT}) as sheet:
        sheet.add([who, dates(r.first, since), dates(r.first, until)])
    return sheet.rows


def write_exemptions(folder: Path, r: Roster) -> int:
    """Whom a programme may leave out: those who are on leave, and those who work part-time."""
    away, since, until = _leave(r)
    part = r.who[r.people.hours[r.who] < 1]
    columns = {"person": PERSON, "kind": TEXT, "since": TEXT, "until": TEXT}
    with Sheet(folder / "exemptions.csv", columns) as sheet:
        leave, part_time = ([str(kind)] for kind in (Exemption.LEAVE, Exemption.PART_TIME))
        sheet.add([away, leave * len(away), dates(r.first, since), dates(r.first, until)])
        left = r.left[part]
        days = dates(r.first, r.joined[part]), dates(r.first, left, left < r.days)
        sheet.add([part, part_time * len(part), *days])
    return sheet.rows


def _leave(r: Roster) -> tuple[NDArray[np.int64], Ints, Ints]:
    """Who is on leave, from when and until when.

    Shape: each (leaves,).
    """
    p = r.people
    since = np.maximum(p.leave_begins * 7, r.joined)
    until = np.minimum((p.leave_begins + p.leave_lasts) * 7, r.left)
    touches = (p.leave_lasts > 0) & (since < np.minimum(until, r.days)) & (until > 0)
    who = r.who[touches[r.who]]
    return who, since[who], until[who]


def write_seats(folder: Path, r: Roster, usual: Habits, last: Ints) -> int:
    """A licence of each tool that somebody used, and for most people one of their usual tool.

    Shape: `last` (people, tools), the last day on which a tool was used; -1 where it was not.
    """
    bits = seeded(r.seed, np.arange(len(r.people)) + (1 << 57))
    mine = np.zeros(last.shape, np.bool_)
    mine[np.arange(len(mine)), usual.tool] = uniform(bits, 0) < SEATED
    held: Flags = mine | (last >= 0)
    who, tool = (found.astype(np.int64) for found in np.nonzero(held))
    there = r.joined[who] < r.days
    who, tool = who[there], tool[there]
    launched = -1 - (uniform(bits, 1)[who] * LAUNCHED_DAYS).astype(np.int32)
    assigned = np.maximum(launched, r.joined[who])
    used = last[who, tool]
    columns = {"person": PERSON, "tool": TEXT, "assigned": TEXT, "last_active": TEXT}
    with Sheet(folder / "seats.csv", columns) as sheet:
        sheet.add([who, words(TOOLS, tool), dates(r.first, assigned), dates(r.first, used, used >= 0)])
    return sheet.rows
