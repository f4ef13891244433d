"""Tells what happened to changes and deployments of an invented company, as a forge would."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np

from counterfoil.collect.forge.event import (
    Actor,
    Broke,
    Checked,
    Closed,
    Deployed,
    Event,
    Merged,
    Proposed,
    Result,
    Reviewed,
    Urgency,
)
from counterfoil.simulate.company import roles
from counterfoil.simulate.company.fates import changes, deployments
from counterfoil.simulate.company.portions import habits
from counterfoil.simulate.company.works import HOUR, Planter
from counterfoil.simulate.forge.rollout import (
    NOBODY,
    Made,
    Outage,
    Rollout,
    Shipped,
    change_name,
    sha_of,
    shipped,
    unlinked,
)
from counterfoil.simulate.tables.company import Company
from counterfoil.simulate.tables.sheet import PERSON
from counterfoil.simulate.tables.works import Calendar, Desk
from counterfoil.terms.ids import CommitId

FORGE = "forge.example/invented"
BOT = Actor(identity="forge:deployer", is_agent=True)
GREEN = 0.83
"""Share of changes whose checks pass at the first attempt: an assumption."""
LOOKED_BACK = 56 * 24 * HOUR
"""How far back proposals, checks and reviews are told: no figure is made of them. Unit: seconds."""
Timed = tuple[int, int, Event]
"""When, in which order at that time, and what."""


@dataclass(frozen=True, slots=True)
class Forge:
    """The forge of a company: what happened, and what was planted."""

    made: Made
    planted: Shipped
    first: datetime
    teams: np.ndarray[tuple[int], np.dtype[np.int64]]
    green: np.ndarray[tuple[int], np.dtype[np.bool_]]
    mates: Mapping[int, int]
    """Who reviews for somebody: the next one of their team."""

    def events(self) -> Iterator[Event]:
        """Everything, as it happened."""
        told = [*self._changes(), *self._deployments(), *self._outages()]
        told.sort(key=lambda one: one[:2])
        return (event for _, _, event in told)

    def _changes(self) -> Iterator[Timed]:
        plan, fates, until = self.made.changes, self.made.fates, self.made.until
        over = np.where(fates.lands, fates.landed, fates.closed)
        recent = over >= until - LOOKED_BACK
        for number in np.flatnonzero((plan.at < until) & (recent | fates.lands)).tolist():
            opened, ended = int(plan.at[number]), int(over[number])
            work, sha = change_name(number), CommitId(sha_of(change_name(number)))
            if recent[number]:
                yield from self._read(number, opened, ended)
            if ended >= until:
                continue
            if not fates.lands[number]:
                yield ended, 3, Closed(work=work)
                continue
            yield ended, 3, Merged(
                repository=_place(int(self.made.repository[number])), work=work, at=self._at(ended),
                opened=self._at(opened), author=_actor(int(plan.who[number])), author_number=0, commit=sha,
                head=sha, is_default=True,
            )  # fmt: skip

    def _read(self, number: int, opened: int, ended: int) -> Iterator[Timed]:
        """A change is proposed, checked and reviewed."""
        who, place = int(self.made.changes.who[number]), _place(int(self.made.repository[number]))
        work, sha = change_name(number), CommitId(sha_of(change_name(number)))
        reviews, comments = int(self.made.fates.reviews[number]), int(self.made.fates.comments[number])
        at = self._at(opened)
        yield opened, 0, Proposed(
            repository=place, work=work, at=at, opened=at, author=_actor(who), author_number=0, head=sha
        )  # fmt: skip
        if (checked := opened + (ended - opened) // 4) < self.made.until:
            yield checked, 1, Checked(
                repository=place, works=(work,), commit=sha, at=self._at(checked), run=work, attempt=1,
                green=bool(self.green[number]),
            )  # fmt: skip
        if (reviews or comments) and (read := opened + (ended - opened) // 2) < self.made.until:
            reviewer = _actor(self.mates[who])
            yield read, 2, Reviewed(
                work=work, at=self._at(read), reviewer=reviewer, rounds=reviews, comments=comments
            )  # fmt: skip

    def _deployments(self) -> Iterator[Timed]:
        for one in self.planted.rollouts:
            yield one.at, 4, self._deployed(one)

    def _deployed(self, one: Rollout) -> Deployed:
        return Deployed(
            repository=_place(one.service),
            work=one.work,
            at=self._at(one.at),
            environment="production",
            sha=CommitId(one.sha),
            result=Result.SUCCEEDED if one.succeeded else Result.FAILED,
            actors=(BOT if one.who == NOBODY else _actor(one.who),),
            urgency=Urgency.LABEL if one.is_hotfix else None,
        )

    def _outages(self) -> Iterator[Timed]:
        for one in self.planted.outages:
            yield one.opened, 5, self._broke(one, over=None)
            if one.over < self.made.until:
                yield one.over, 6, self._broke(one, over=self._at(one.over))

    def _broke(self, one: Outage, *, over: datetime | None) -> Broke:
        return Broke(
            repository=_place(one.service),
            incident=one.name,
            opened=self._at(one.opened),
            over=over,
            named=one.named,
        )

    def _at(self, seconds: int) -> datetime:
        return self.first + timedelta(seconds=seconds)


def forge(c: Company) -> Forge:
    """The forge of a company: the same changes and deployments that its tables have."""
    planter = Planter(c.people, c.days, habits(c.people, c.days, seed=c.seed), seed=c.seed)
    desk = Desk(Path(), Calendar(first=np.datetime64(c.first), days=c.length), c.seed)
    change, deployment = planter.plan(roles.Made.CHANGE), planter.plan(roles.Made.DEPLOYMENT)
    teams = c.people.team.astype(np.int64)
    service = teams[deployment.who]
    made = Made(
        changes=change,
        fates=changes(change, desk.chance(roles.Made.CHANGE)),
        repository=teams[change.who],
        deployments=deployment,
        ends=deployments(deployment, service, desk.chance(roles.Made.DEPLOYMENT)),
        service=service,
        until=c.length * 24 * HOUR,
    )
    rng = np.random.Generator(np.random.SFC64([c.seed, 23]))
    planted = shipped(made, rng)
    planted.outages += unlinked(np.unique(service).tolist(), made.until, rng)
    first = datetime(c.first.year, c.first.month, c.first.day, tzinfo=UTC)
    green = rng.random(len(change)) < GREEN
    order = np.lexsort((np.arange(len(teams)), teams))
    mates = dict(zip(order.tolist(), np.roll(order, -1).tolist(), strict=True))
    return Forge(made, planted, first, teams, green, mates)


@cache
def _place(service: int) -> str:
    return f"{FORGE}/status-page" if service == NOBODY else f"{FORGE}/repo-{service:05d}"


@cache
def _actor(person: int) -> Actor:
    return Actor(identity=PERSON % person, is_agent=False)
