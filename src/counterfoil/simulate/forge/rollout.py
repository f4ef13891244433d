"""Plants what comes of deployments: what they bring, which had to be put right, and what broke meanwhile."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from counterfoil.simulate.company.fates import FATE, Changes, Deployments, Planted
from counterfoil.simulate.company.works import HOUR, Plan

NOBODY = -1
"""Instead of a person: a machine did it."""
BROKE, BY_ITSELF = 0.05, 0.02
"""Shares of deployments that break something which a hotfix puts right, and which is over without one:
assumptions."""
BOTS, NOTICED, NAMED = 0.12, 0.6, 0.4
"""Shares of deployments that nobody sets off, of rollbacks with an incident, and of incidents that name a
commit: assumptions."""
NOTICED_AFTER, PUT_RIGHT_AFTER, CLOSED_AFTER = 0.7, 1.5, 0.4
"""Unit: hours, the median: assumptions."""


class Link(StrEnum):
    """How it can be known which deployment an incident came of."""

    SHA = "sha"
    ROLLBACK = "rollback"
    NEAREST = "nearest"
    NONE = ""


@dataclass(slots=True, kw_only=True)
class Rollout:
    """A deployment to production. Times are in seconds from the first midnight, UTC."""

    work: str
    service: int
    at: int
    who: int
    """Whoever set it off."""
    owner: int
    """Of whom it counts: whoever set it off, or whose change it is of; nobody where neither is a person."""
    sha: str
    succeeded: bool = True
    is_hotfix: bool = False
    unplanned: bool = False
    failed: bool = False
    """Whether it succeeded, and then needed an intervention."""
    right: int | None = None
    """When it was put right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """Something broke."""

    name: str
    service: int
    opened: int
    over: int
    link: Link
    named: tuple[str, ...] = ()
    """Commits that it names."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A change that reached production."""

    change: int
    at: int


@dataclass(slots=True)
class Shipped:
    """What was planted."""

    rollouts: list[Rollout] = field(default_factory=list)
    outages: list[Outage] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """The changes and deployments of a company, each with the service that it is of.

    Shape: every array (changes,) or (deployments,).
    """

    changes: Plan
    fates: Changes
    repository: NDArray[np.int64]
    deployments: Plan
    ends: Deployments
    service: NDArray[np.int64]
    until: int
    """The end, of which later things are not known. Unit: seconds."""


def sha_of(name: str) -> str:
    """The commit of a change, or one that was made for a deployment alone."""
    digits = "".join(f"{ord(letter):02x}" for letter in name)
    return digits.rjust(40, "a")[-40:]


def change_name(number: int) -> str:
    """A change, as its table names it.

    Example:
    >>> change_name(0), sha_of("c1")
    ('c00000001', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa6331')
    """
    return f"c{number + 1:08d}"


def shipped(made: Made, rng: np.random.Generator) -> Shipped:
    """Everything that reached production, service by service."""
    told = Shipped()
    landed = np.flatnonzero(made.fates.lands & (made.fates.landed < made.until))
    landed = landed[np.argsort(made.fates.landed[landed], kind="stable")]
    for service in np.unique(made.service):
        mine = np.flatnonzero((made.service == service) & (made.deployments.at < made.until))
        merges = landed[made.repository[landed] == service]
        _Line(made, int(service), told, rng, merges).run(mine[np.argsort(made.deployments.at[mine])])
    return told


@dataclass(slots=True)
class _Line:
    """The deployments of one service, one after the other."""

    made: Made
    service: int
    told: Shipped
    rng: np.random.Generator
    merges: NDArray[np.int64]
    """Changes of its repository, as they landed."""
    brought: int = 0
    """How many of them are in production."""
    running: str = ""

    def run(self, deployments: NDArray[np.int64]) -> None:
        """Each in its turn; what it breaks is put right before the next."""
        times = [*self.made.deployments.at[deployments].tolist(), self.made.until]
        for place, number in enumerate(deployments.tolist()):
            self._deploy(number, times[place], times[place + 1])

    def _deploy(self, number: int, at: int, following: int) -> None:
        plan, fate = self.made.deployments, self.made.ends.fate[number]
        upto = int(np.searchsorted(self.made.fates.landed[self.merges], at, side="right"))
        new = self.merges[self.brought : upto]
        before = self.running
        work = f"d{number + 1:08d}"
        sha = sha_of(change_name(int(new[-1]))) if len(new) else sha_of(work)
        if not plan.needed[number] and before:
            sha, new = before, new[:0]
        who = NOBODY if self.rng.random() < BOTS else int(plan.who[number])
        author = int(self.made.changes.who[new[-1]]) if len(new) else NOBODY
        made = Rollout(
            work=work,
            service=self.service,
            at=at,
            who=who,
            owner=author if who == NOBODY else who,
            sha=sha,
            succeeded=bool(fate != FATE[Planted.FAILED]),
        )
        self.told.rollouts.append(made)
        if not made.succeeded:
            return
        self.running = sha
        if len(new):
            self.brought = upto
            self.told.arrivals += [Arrival(int(change), at) for change in new]
        drawn = self.rng.random()
        if fate == FATE[Planted.ROLLED_BACK] and before and sha != before:
            self._roll_back(made, before, int(self.made.ends.back[number]), following)
        elif plan.needed[number] and drawn < BROKE + BY_ITSELF:
            self._break(made, following, is_fixed=drawn < BROKE)

    def _roll_back(self, made: Rollout, before: str, at: int, following: int) -> None:
        """The version before is deployed again."""
        if not made.at < at < min(following, self.made.until):
            return
        self._put_right(made, at, before, is_hotfix=False)
        opened = made.at + max(int((at - made.at) * self.rng.uniform(0.2, 0.7)), 1)
        over = at + self._wait(CLOSED_AFTER)
        if self.rng.random() < NOTICED and opened < at and over < following:
            self._outage(made, opened, over, Link.ROLLBACK)

    def _break(self, made: Rollout, following: int, *, is_fixed: bool) -> None:
        """Something breaks, and is put right by a hotfix or by itself, if there is time before the next."""
        opened = made.at + self._wait(NOTICED_AFTER)
        fixed = opened + self._wait(PUT_RIGHT_AFTER)
        over = fixed + (self._wait(CLOSED_AFTER) if is_fixed else 0)
        if over >= min(following, self.made.until):
            return
        self._outage(made, opened, over, Link.NEAREST)
        if is_fixed:
            self._put_right(made, fixed, sha_of(f"x{made.work[1:]}"), is_hotfix=True)
        else:
            made.failed, made.right = True, over

    def _put_right(self, made: Rollout, at: int, sha: str, *, is_hotfix: bool) -> None:
        made.failed, made.right = True, at
        self.running = sha
        person = int(self.made.deployments.who[int(made.work[1:]) - 1])
        fix = Rollout(
            work=f"x{made.work[1:]}",
            service=self.service,
            at=at,
            who=person,
            owner=person,
            sha=sha,
            is_hotfix=is_hotfix,
            unplanned=True,
        )
        self.told.rollouts.append(fix)

    def _outage(self, made: Rollout, opened: int, over: int, link: Link) -> None:
        is_named = self.rng.random() < NAMED
        self.told.outages.append(
            Outage(
                name=f"i{made.work[1:]}",
                service=self.service,
                opened=opened,
                over=over,
                link=Link.SHA if is_named else link,
                named=(made.sha,) if is_named else (),
            )
        )

    def _wait(self, hours: float) -> int:
        """Unit: seconds, of which half are within some hours."""
        return max(int(hours * HOUR * np.exp(0.8 * self.rng.standard_normal())), 60)


def unlinked(services: Sequence[int], until: int, rng: np.random.Generator) -> Iterator[Outage]:
    """Incidents of something that nobody here deploys: one in ten days, for each hundred services."""
    count = rng.poisson(max(len(services), 10) / 100 * until / (10 * 24 * HOUR))
    for number, opened in enumerate(sorted(rng.integers(0, max(until - 8 * HOUR, 1), count).tolist())):
        over = opened + int(rng.uniform(0.5, 6) * HOUR)
        yield Outage(name=f"u{number + 1:08d}", service=NOBODY, opened=opened, over=over, link=Link.NONE)
