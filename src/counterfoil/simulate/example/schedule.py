"""Lays the story out over days, so that no fate hangs on an hour."""

from collections.abc import Iterator
from random import Random

from counterfoil.simulate.example.cases import CASES, TIDYINGS, Case
from counterfoil.simulate.histories.people import ME, OTHERS, SIGNS, Identity
from counterfoil.simulate.histories.scene import (
    FATES,
    UNCLAIMED,
    Deed,
    Ending,
    Landing,
    Scene,
)
from counterfoil.terms.work import FateKind

SHORTEST_DAYS = 150
"""A shorter story has no room for its endings."""
OLD = 32.5
YOUNG = 28.5
"""Nothing lands between these ages, so that a day more or less changes no fate."""
QUIET_DAYS = 1.6
"""So long before and after each session that finds nothing, nothing lands that it could be taken for."""
_DEEDS = {
    Ending.FIX: (Deed.REWRITE, "fix"),
    Ending.FIX_BY_TOOL: (Deed.REWRITE, "fix"),
    Ending.NAMED: (Deed.TOUCH, "fix"),
    Ending.REVERT_COMMIT: (Deed.TAKE_OUT, "revert"),
    Ending.REVERT_REQUEST: (Deed.TAKE_OUT, "revert"),
    Ending.UNDO: (Deed.TAKE_OUT, ""),
    Ending.REDESIGN: (Deed.REWRITE, "refactor"),
    Ending.REDESIGN_BY_TOOL: (Deed.REWRITE, "feat"),
    Ending.LATE: (Deed.REWRITE, "refactor"),
    Ending.MOVE: (Deed.MOVE, "refactor"),
    Ending.REINDENT: (Deed.REINDENT, "style"),
    Ending.REQUOTE: (Deed.REQUOTE, "style"),
    Ending.DROPPED_BY_TOOL: (Deed.TAKE_OUT, "chore"),
}
_BY_TOOL = (Ending.FIX_BY_TOOL, Ending.REDESIGN_BY_TOOL, Ending.DROPPED_BY_TOOL)


class Calendar:
    """Draws days on which things may land."""

    def __init__(self, random: Random, days: int) -> None:
        if days < SHORTEST_DAYS:
            raise ValueError(f"the story needs {SHORTEST_DAYS} days")
        self._random = random
        self.days = days
        self.quiet = tuple(20 + 22 * i + 0.5 for i in range(8) if 20 + 22 * i < days - OLD - 3)
        """Days of the sessions that find nothing."""

    def draw(self, low: float, high: float, *, watched: bool) -> float:
        """A day within `[low, high)`; `watched` days keep away from the quiet ones."""
        while True:
            day = self._random.uniform(max(low, 1), min(high, self.days - 0.2))
            apart = not watched or all(abs(day - quiet) > QUIET_DAYS for quiet in self.quiet)
            if apart and not self.days - OLD <= day <= self.days - YOUNG:
                return day

    def quiet_fate(self, day: float) -> FateKind:
        """What becomes of a change to which nothing happens."""
        return FateKind.STANDING if day < self.days - OLD else FateKind.TOO_YOUNG


def scenes(random: Random, calendar: Calendar) -> list[Scene]:
    """The whole story in order of days."""
    days = calendar.days
    told = [
        _filler(0.1, Deed.BEGIN, OTHERS[0], "feat"),
        _filler(0.5, Deed.VENDOR, OTHERS[1], "chore"),
        _filler(0.8, Deed.GENERATE, OTHERS[2], "chore"),
        _filler(days * 0.4, Deed.BULK, OTHERS[3], "feat"),
    ]
    for case in CASES:
        for _ in range(case.count):
            told += _case(random, calendar, case)
    for _ in range(TIDYINGS):
        author = random.choice((*OTHERS, ME))
        words = random.choice(("chore", "", "perf", "fix"))
        day = calendar.draw(6, days, watched=author == ME)
        told.append(_filler(day, Deed.TIDY, author, words))
    return sorted(told, key=lambda scene: scene.day)


def _filler(day: float, deed: Deed, author: Identity, words: str) -> Scene:
    return Scene(day=day, deed=deed, author=author, fate=None, words=words, landing=Landing.DIRECT)


def _case(random: Random, calendar: Calendar, case: Case) -> Iterator[Scene]:
    """A change of this sort, and what answers it."""
    author = ME if case.tool else random.choice((*OTHERS, *OTHERS, ME) if not case.sign else OTHERS)
    watched = author == ME or bool(case.sign)
    first = _change(random, calendar, case, author, watched)
    yield first
    if case.ending is Ending.QUIET:
        return
    answer = _answer(random, calendar, case, first)
    yield answer
    if answer.deed is Deed.REQUOTE:
        listing = _filler(answer.day + 0.01, Deed.IGNORE, answer.author, "chore")
        listing.target = answer
        yield listing


def _change(random: Random, calendar: Calendar, case: Case, author: Identity, watched: bool) -> Scene:
    days = calendar.days
    low, high = (days - YOUNG, days - 6.0) if case.young else (6.0, days - OLD)
    if case.ending in UNCLAIMED:
        low, high = 4.0, days - 85.0
    day = calendar.draw(low, high, watched=watched)
    fate = None if case.ending in UNCLAIMED else FATES.get(case.ending, calendar.quiet_fate(day))
    sign = SIGNS.get(case.sign)
    return Scene(
        day=day,
        deed=Deed.ADD,
        author=sign.author if sign and sign.author else author,
        fate=fate,
        ending=case.ending,
        landing=case.landing,
        words=random.choice(("feat", "feat", "perf", "")) if not case.tool else "feat",
        tool=case.tool,
        sign=case.sign,
        typescript=case.typescript or random.random() < 0.2,
        forked=case.forked,
        twice=case.twice,
    )


def _answer(random: Random, calendar: Calendar, case: Case, first: Scene) -> Scene:
    deed, words = _DEEDS[case.ending]
    by_tool = case.ending in _BY_TOOL
    author = ME if by_tool else random.choice(OTHERS)
    late = case.ending in UNCLAIMED
    low, high = (40.0, 80.0) if late else (2.5, 6.0) if case.young else (3.0, 24.0)
    day = calendar.draw(first.day + low, first.day + high, watched=by_tool)
    return Scene(
        day=day,
        deed=deed,
        author=author,
        fate=calendar.quiet_fate(day),
        landing=Landing.DIRECT if case.ending in (Ending.REVERT_COMMIT, Ending.UNDO) else Landing.SQUASH,
        words=words,
        tool="claude-code" if by_tool else "",
        sign="claude" if case.ending is Ending.REDESIGN_BY_TOOL else "",
        target=first,
    )
