"""Which session made which change, what it cost, and how the two are known to belong together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from counterfoil.simulate.company.chance import seeded, uniform
from counterfoil.simulate.company.fates import Changes
from counterfoil.simulate.company.models import CLAUDE, CODEX, GEMINI, TOOLS
from counterfoil.simulate.company.people import Flags
from counterfoil.simulate.company.roles import Made
from counterfoil.simulate.company.works import DAY, Plan
from counterfoil.simulate.tables.sheet import PERSON, TEXT, WHOLE, Sheet, dates, digests, words
from counterfoil.simulate.tables.usage import Spent
from counterfoil.simulate.tables.works import IDS, Calendar
from counterfoil.terms.mark import Evidence

SAME_SESSION = 0.25
"""Share of changes that the session before made as well, on the same day: an assumption."""
NO_COMMIT = 0.3
"""What a day costs beside sessions that make a change, to one that does: an assumption."""
MARK = "mark"
PATHS = ("event", "span", "shared", MARK, "")
KNOWN: Mapping[str, tuple[float, ...]] = {
    CLAUDE: (0.85, 0.05, 0.05, 0.03),
    CODEX: (0.0, 0.15, 0.6, 0.2),
    GEMINI: (0.0, 0.4, 0.4, 0.15),
}
"""How it is known which commits a session made, in the order of PATHS; the rest is not: assumptions."""
NAMED = 0.7
"""Share of sessions whose tool says in which repository a commit is: an assumption."""
UNCONNECTED = 12
"""One repository of so many tells no server of what lands: an assumption."""
SHORT = 12
"""Letters of a commit as a tool names it."""
REPOSITORY = "forge.example/company/repo-%05d"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """The changes that a session made.

    Shape: every array (changes,).
    """

    change: NDArray[np.int64]
    """Place of the change among all."""
    session: NDArray[np.int64]
    cost: NDArray[np.int64]
    """Of the whole session. Unit: micro-USD."""
    requests: NDArray[np.int64]
    path: NDArray[np.int64]
    """Place in PATHS."""
    named: Flags
    connected: Flags


def planted(
    plan: Plan, found: Changes, spent: Spent, tool: NDArray[np.int64], team: NDArray[np.int64], *, seed: int
) -> Planted:
    """Which session made each change that a tool had a hand in, on a day on which it was used."""
    change = np.flatnonzero((found.marked_lines > 0) & (spent.cost[plan.who, plan.day] > 0))
    change = change[np.lexsort((change, plan.day[change], plan.who[change]))]
    who, day = plan.who[change], plan.day[change]
    bits = seeded(seed, change + (1 << 58))
    again = np.zeros(len(change), np.bool_)
    again[1:] = (who[1:] == who[:-1]) & (day[1:] == day[:-1]) & (uniform(bits[1:]) < SAME_SESSION)
    session = np.cumsum(~again) - 1
    first = np.flatnonzero(~again)
    weight = np.exp(1.5 * (uniform(bits, 1)[first].astype(np.float64) - 0.5))
    _, of_day = np.unique(np.stack([who, day]), axis=1, return_inverse=True)
    whole = np.bincount(of_day.ravel()[first], weight, minlength=1)
    share = weight / (whole[of_day.ravel()[first]] * (1 + NO_COMMIT))
    edges = np.cumsum(np.array([KNOWN[name] for name in TOOLS]), axis=1)[tool[who[first]]]
    path = (uniform(bits, 2)[first][:, None] >= edges).sum(axis=1)
    cost, requests = (of[who[first], day[first]] for of in (spent.cost, spent.requests))
    return Planted(
        change=change,
        session=session,
        cost=np.floor(cost * share).astype(np.int64)[session],
        requests=np.maximum(np.floor(requests * share), 1).astype(np.int64)[session],
        path=path[session],
        named=((uniform(bits, 3)[first] < NAMED) | (path > 0))[session],
        connected=team[change] % UNCONNECTED != UNCONNECTED - 1,
    )


def write_sessions(
    folder: Path,
    calendar: Calendar,
    plan: Plan,
    found: Changes,
    p: Planted,
    tool: NDArray[np.int64],
    team: NDArray[np.int64],
) -> Mapping[str, int]:
    """What tools say of sessions and their commits, and a forge of what landed; and which made which."""
    who, first = plan.who[p.change], np.flatnonzero(np.diff(p.session, prepend=-1))
    day, tools = dates(calendar.first, plan.day[p.change]), words(TOOLS, tool[who])
    columns = {"day": TEXT, "who": PERSON, "tool": TEXT, "session": "s%08d"}
    with Sheet(folder / "sessions.csv", columns | dict.fromkeys(("requests", "cost"), WHOLE)) as sessions:
        told = (day, who, tools, p.session, p.requests, p.cost)
        sessions.add([column[first] for column in told])
    heads, merges = (digests(((1 << 62) + 2 * p.change + of).astype(np.uint64)) for of in (0, 1))
    known = np.flatnonzero(p.path < PATHS.index(MARK))
    columns |= dict.fromkeys(("repository", "commit", "path"), TEXT)
    with Sheet(folder / "joins.csv", columns) as joins:
        places = [REPOSITORY % team[p.change[n]] if p.named[n] else "" for n in known]
        commits = [heads[n][:SHORT] if p.path[n] == 0 else heads[n] for n in known]
        mine = [column[known] for column in (day, who, tools, p.session)]
        joins.add([*mine, places, commits, words(PATHS, p.path[known])])
    written = _write_marks(folder, heads, (day, who, tools), team[p.change], p)
    landed = found.lands[p.change] & calendar.past(found.landed[p.change]) & p.connected
    lands = np.flatnonzero(landed)
    on = dates(calendar.first, found.landed[p.change] // DAY)
    form = {"repository": REPOSITORY, "commit": TEXT, "work": IDS[Made.CHANGE], "landed_at": TEXT}
    with Sheet(folder / "landings.csv", form) as landings:
        for some in (merges, heads):
            commits = [some[n] for n in lands]
            landings.add([team[p.change[lands]], commits, p.change[lands] + 1, on[lands]])
    rows = {"sessions.csv": sessions.rows, "joins.csv": joins.rows, "landings.csv": landings.rows}
    return {**rows, "marks.csv": written}


def _write_marks(
    folder: Path, heads: Sequence[str], of: Sequence[NDArray[Any]], team: NDArray[np.int64], p: Planted
) -> int:
    """The marks that tools left in commits of which nothing else says which session made them."""
    columns = {"day": TEXT, "who": PERSON, "tool": TEXT, "repository": REPOSITORY, "commit": TEXT}
    some = np.flatnonzero(p.path == PATHS.index(MARK))
    with Sheet(folder / "marks.csv", columns | {"evidence": WHOLE}) as marks:
        commits = [heads[n] for n in some.tolist()]
        evidence = np.full(len(some), int(Evidence.MARKED))
        marks.add([*(column[some] for column in of), team[some], commits, evidence])
    return marks.rows
