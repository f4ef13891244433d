"""Lays out what a team's repository sees: changes of people with and without logs, and their answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from counterfoil.simulate.histories.people import Identity
from counterfoil.simulate.histories.scene import FATES, Deed, Ending, Landing, Scene
from counterfoil.simulate.histories.talks import CLAUDE
from counterfoil.terms.work import FateKind

OLD, YOUNG = 32.5, 28.5
"""Nothing lands between these ages, so that a day more or less changes no fate."""
ENDINGS = (
    (Ending.QUIET, 0.62),
    (Ending.FIX, 0.12),
    (Ending.NAMED, 0.04),
    (Ending.REVERT_COMMIT, 0.06),
    (Ending.REDESIGN, 0.10),
    (Ending.MOVE, 0.06),
)
"""How changes end, with their share: an assumption, the same for everybody."""
DEEDS = {
    Ending.FIX: (Deed.REWRITE, "fix"),
    Ending.NAMED: (Deed.TOUCH, "fix"),
    Ending.REVERT_COMMIT: (Deed.TAKE_OUT, "revert"),
    Ending.REDESIGN: (Deed.REWRITE, "refactor"),
    Ending.MOVE: (Deed.MOVE, "refactor"),
}
CHANGES_A_TASK = 0.3
MOST_A_WEEK = 3
COLLEAGUES_A_WEEK = 2
LAST_ANSWER = 24.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How many tasks each person with logs did in each week."""

    tasks: Sequence[tuple[Identity, Sequence[int]]]
    colleagues: Sequence[Identity]
    days: int


def scenes(random: Random, plan: Plan) -> list[Scene]:
    """Every scene of a team's repository, in order of days."""
    first, *others = plan.colleagues
    told = [
        _filler(0.1, Deed.BEGIN, first),
        _filler(0.4, Deed.BULK, others[0] if others else first),
    ]
    for who, weeks in plan.tasks:
        for week, tasks in enumerate(weeks):
            for _ in range(min(round(CHANGES_A_TASK * tasks), MOST_A_WEEK)):
                told += _change(random, plan, week, who, tool=CLAUDE)
    for week in range(plan.days // 7):
        for _ in range(COLLEAGUES_A_WEEK):
            told += _change(random, plan, week, random.choice(plan.colleagues), tool="")
    return sorted(told, key=lambda scene: scene.day)


def _change(random: Random, plan: Plan, week: int, who: Identity, *, tool: str) -> Iterator[Scene]:
    """A change of a week, and what answers it, where there are days left for it."""
    day = _apart(7 * week + random.uniform(1.0, 5.9), plan.days)
    if not 1.0 <= day <= plan.days - 1.5:
        return
    ending = random.choices([e for e, _ in ENDINGS], [share for _, share in ENDINGS])[0]
    answered = _apart(day + random.uniform(2.5, LAST_ANSWER), plan.days)
    if answered > plan.days - 0.6 or answered - day > LAST_ANSWER + 4:
        ending = Ending.QUIET
    landing = Landing.DIRECT if ending is Ending.REVERT_COMMIT or random.random() < 0.4 else Landing.SQUASH
    first = Scene(
        day=day,
        deed=Deed.ADD,
        author=who,
        fate=FATES.get(ending, _quiet(day, plan.days)),
        ending=ending,
        landing=landing,
        tool=tool,
        sign="claude" if tool and random.random() < 0.5 else "",
        typescript=random.random() < 0.2,
    )
    yield first
    if ending is not Ending.QUIET:
        deed, words = DEEDS[ending]
        yield Scene(
            day=answered,
            deed=deed,
            author=random.choice(plan.colleagues),
            fate=_quiet(answered, plan.days),
            landing=Landing.DIRECT if ending is Ending.REVERT_COMMIT else Landing.SQUASH,
            words=words,
            target=first,
        )


def _filler(day: float, deed: Deed, author: Identity) -> Scene:
    return Scene(day=day, deed=deed, author=author, fate=None, landing=Landing.DIRECT)


def _apart(day: float, days: int) -> float:
    """A day that is clearly old or clearly young."""
    return day + (OLD - YOUNG) if days - OLD <= day <= days - YOUNG else day


def _quiet(day: float, days: int) -> FateKind:
    return FateKind.STANDING if day < days - OLD else FateKind.TOO_YOUNG
