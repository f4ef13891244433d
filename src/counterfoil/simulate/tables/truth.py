"""What was planted, in a folder that nothing else reads: only tests may compare with it."""

from pathlib import Path

import numpy as np

from counterfoil.simulate.company.days import Days
from counterfoil.simulate.company.fates import PLANTED, Fated
from counterfoil.simulate.company.live import WEEK_DAYS, Behaviour
from counterfoil.simulate.company.roles import Made
from counterfoil.simulate.company.tactics import TACTICS
from counterfoil.simulate.company.works import Plan
from counterfoil.simulate.tables.roster import Roster
from counterfoil.simulate.tables.sessions import PATHS, Planted
from counterfoil.simulate.tables.sheet import PERSON, TEXT, WHOLE, Sheet, dates, words
from counterfoil.simulate.tables.works import IDS

TRUTH = "truth"


def write_weeks(folder: Path, r: Roster, days: Days) -> int:
    """What everybody did in each week, and what came of it."""
    columns = {"person": PERSON, "week": TEXT, "behaviour": TEXT, "tactic": TEXT, "tokens_needed": WHOLE}
    columns |= {"tokens_not_needed": WHOLE, "net_hours": "%.3f"}
    mondays = dates(r.first, np.arange(len(days.weeks)) * WEEK_DAYS)
    with Sheet(folder / TRUTH / "weeks.csv", columns) as sheet:
        for week in days.weeks:
            span = slice(week.number * WEEK_DAYS, (week.number + 1) * WEEK_DAYS)
            tokens = np.rint(days.tokens[r.who, span]).astype(np.int64)
            needed = np.minimum(np.rint(days.needed[r.who, span]).astype(np.int64), tokens)
            sheet.add(
                [
                    r.who,
                    np.full(len(r.who), mondays[week.number], object),
                    words([b.name.lower() for b in Behaviour], week.behaviour[r.who]),
                    words([t.name for t in TACTICS], week.tactic[r.who]),
                    needed.sum(axis=1),
                    (tokens - needed).sum(axis=1),
                    week.net_hours[r.who],
                ]
            )
    return sheet.rows


def write_made(folder: Path, p: Planted) -> int:
    """Which session made which change, and how that is known."""
    form = {"session": "s%08d", "work": IDS[Made.CHANGE], "path": TEXT, "named": WHOLE, "connected": WHOLE}
    with Sheet(folder / TRUTH / "sessions.csv", form) as sheet:
        sheet.add([p.session, p.change + 1, words(PATHS, p.path), p.named, p.connected])
    return sheet.rows


class TruthOfWork:
    """The planted fate of each work."""

    def __init__(self, folder: Path) -> None:
        columns = {"work": TEXT, "kind": TEXT, "fate": TEXT, "needed": WHOLE, "tactic": TEXT}
        self._sheet = Sheet(folder / TRUTH / "work.csv", columns)

    def add(self, kind: Made, plan: Plan, found: Fated) -> None:
        """The works of one kind."""
        count = len(plan)
        self._sheet.add(
            [
                [IDS[kind] % number for number in range(1, count + 1)],
                np.full(count, kind.value, object),
                words([fate.value for fate in PLANTED], found.fate),
                plan.needed,
                words([t.name for t in TACTICS], plan.tactic),
            ]
        )

    def close(self) -> int:
        """Rows written."""
        self._sheet.__exit__(None, None, None)
        return self._sheet.rows
