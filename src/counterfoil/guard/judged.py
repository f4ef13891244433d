"""Judges a question about many people from its words, the rules and membership; no row is read for it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from counterfoil.guard.force import Version
from counterfoil.guard.guarded import Guarded, asker_of, without_keys
from counterfoil.guard.members import Group, Members, members_today
from counterfoil.guard.policy import NOBODY, Question
from counterfoil.guard.roles import roles_given
from counterfoil.guard.rows import ROW_FILTERS
from counterfoil.guard.shown import COARSENESS, floor_of, in_programme, shown
from counterfoil.guard.suspended import Suspended, suspended
from counterfoil.measure.cohort.metric import METRICS, Fact, Metric
from counterfoil.programme.purposes import KNOWN
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ask import Ask, Role, Viewer
from counterfoil.terms.ids import MetricId, Pseudonym
from counterfoil.terms.metric import Level
from counterfoil.terms.period import Block, Span
from counterfoil.terms.programme import Programme
from counterfoil.terms.release import Permit, Refuse

PEOPLE_FILTERS = ("unit", "role")
PERSON_FILTERS = ("person", "who")
SOMEBODY = "somebody"
PERSON_OTHER = Refuse(
    "of-many", "A question is about many people; your own rows are in: counterfoil my-data."
)


def held_roles(g: Guarded, viewer: Viewer, today: Members | None = None) -> frozenset[Role]:
    """The roles that somebody has today: an operator only that, a person what they are and what was given."""
    if viewer.who is None:
        return frozenset({Role.OPERATOR})
    today = today or members_today(g.lake, g.now.date())
    if viewer.who not in today.who:
        return frozenset()
    leads = viewer.who in today.leads.values()
    led = {Role.LEADER} if leads else set()
    return frozenset({Role.EMPLOYEE, *led, *roles_given(g, viewer.who)})


@dataclass(frozen=True)
class Standing:
    """Who asks, and under which rules: looked at once for all questions of a page."""

    g: Guarded
    viewer: Viewer
    force: Version | None
    _known: dict[Question, Permit | Refuse] = field(default_factory=dict)
    _teams: dict[Block, NDArray[np.bool_]] = field(default_factory=dict)

    def asked(self, question: Question) -> Permit | Refuse:
        """What the policies say; a question like another one is asked of them once."""
        if question not in self._known:
            self._known[question] = self.g.policies.may(asker_of(self.viewer), question)
        return self._known[question]

    def own_team(self, members: Members) -> NDArray[np.bool_]:
        """Whether each member of a block is in one team with whoever asks: in that block, or today."""
        if members.block not in self._teams:
            team = members.direct_team(self.viewer.who or Pseudonym(""))
            self._teams[members.block] = team | np.isin(members.who, self.team_today)
        return self._teams[members.block]

    @cached_property
    def away(self) -> Refuse | None:
        """Why nothing is read while the keys are away."""
        return without_keys(self.g)

    @cached_property
    def roles(self) -> frozenset[Role]:
        """The roles that whoever asks holds."""
        return held_roles(self.g, self.viewer, None if self.viewer.who is None else self.today)

    @cached_property
    def today(self) -> Members:
        """Who is there today."""
        return members_today(self.g.lake, self.g.now.date())

    @cached_property
    def suspended(self) -> Mapping[MetricId, Suspended]:
        """The numbers that the programme in force withdrew itself."""
        return {} if self.force is None else suspended(self.g, self.force)

    @cached_property
    def team_today(self) -> NDArray[np.object_]:
        """Those who are in one team with whoever asks today."""
        today = self.today
        team: NDArray[np.object_] = today.who[today.direct_team(self.viewer.who or Pseudonym(""))]
        return team


def unanswerable(standing: Standing, ask: Ask) -> Refuse | None:
    """Why a question as a whole gets no answer; None where each of its groups is to be judged."""
    g, viewer, force = standing.g, standing.viewer, standing.force
    if standing.away is not None:
        return standing.away
    if force is None:
        return Refuse("no-programme", "No programme is in force, and nothing is measured without one.")
    if viewer.role not in standing.roles:
        return Refuse("role-not-held", f"Whoever asks does not hold the role of {viewer.role}.")
    programme = force.programme(g.now.date())
    if (refused := next(_refused(g, ask, programme), None)) is not None:
        return refused
    gone = standing.suspended.get(ask.metric)
    return None if gone is None else gone.refusal


def _refused(g: Guarded, ask: Ask, programme: Programme) -> Iterator[Refuse]:
    metric = METRICS.get(ask.metric)
    if ask.purpose not in KNOWN:
        yield Refuse(
            "unknown-purpose",
            f"Nobody agreed to a purpose of that name. The programme: {_listed(programme.about.purposes)}.",
        )
    if metric is None and any(found.id == ask.metric for found in programme.metrics):
        says = f"The programme names {ask.metric}, and nothing here measures it."
        yield Refuse("unknown-metric", f"{says} Measured are: {_listed(list(METRICS))}.")
    if metric is None:
        yield Refuse(
            "unknown-metric", f"There is no figure of that name. Those there are: {_listed(list(METRICS))}."
        )
        return
    if not any(found.id == ask.metric for found in programme.metrics):
        yield Refuse("not-measured", f"The programme in force does not measure {ask.metric}.")
    allowed = {*PEOPLE_FILTERS, *PERSON_FILTERS, *metric.filters}
    if strange := sorted(set(ask.filters) - allowed):
        yield Refuse(
            "unknown-filter",
            f"{ask.metric} can't be cut by {strange[0]}; by {_listed((*PEOPLE_FILTERS, *metric.filters))}.",
        )
    if sum(name in ask.filters for name in ROW_FILTERS) > 1:
        yield Refuse("one-filter", f"Of {_listed(ROW_FILTERS)}, one can choose rows at a time.")
    yield from _of_time(g, ask, metric, programme)


def _of_time(g: Guarded, ask: Ask, metric: Metric, programme: Programme) -> Iterator[Refuse]:
    period, today = ask.period, g.now.date()
    begins, ends = programme.about.begins, programme.about.ends
    if metric.fact is Fact.SEAT and period.span is not Span.BLOCK:
        yield Refuse("stock", f"{ask.metric} is a stock, and is told once a block: 2026-B10 or alike.")
    if period.span in {Span.DAY, Span.MONTH} and (ask.by is not Level.COMPANY or _cuts_people(ask)):
        yield Refuse("closed-periods", "Of a day or a month there are only figures of the whole company.")
    last = max(period.weeks()) + timedelta(days=7) + metric.follow_up
    if today < last:
        yield Refuse(
            "closed-periods", f"It can be said from {last} on, when its weeks and what follows them are over."
        )
    if not isinstance(begins, Unknown) and period.since < begins:
        yield Refuse(
            "before-the-programme", f"The programme begins on {begins}; nothing before it is measured."
        )
    if not isinstance(ends, Unknown) and ends <= today:
        yield Refuse("programme-ended", f"The programme ended on {ends}; it has to be agreed anew.")


def _cuts_people(ask: Ask) -> bool:
    return any(name in ask.filters for name in PEOPLE_FILTERS)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)


@dataclass
class Judge:
    """Asks the policies about each group of a question."""

    standing: Standing
    ask: Ask
    programme: Programme
    members: Members
    """Those of the first block."""
    _questions: dict[str, Question] = field(default_factory=dict)

    @property
    def g(self) -> Guarded:
        """What stands behind the gate."""
        return self.standing.g

    @property
    def viewer(self) -> Viewer:
        """Who asks."""
        return self.standing.viewer

    def may(self, group: Group, *, logged: bool) -> Permit | Refuse:
        """Whether a group's figure may be read, once it is logged."""
        if group.name not in self._questions:
            self._questions[group.name] = self._question(group)
        asked = self._questions[group.name]
        return self.standing.asked(replace(asked, logged=True) if logged else asked)

    def about_somebody(self) -> Refuse:
        """What the policies say of a question that names one person; who that is, is not looked up."""
        asked = self._plain(grain="person", subject=SOMEBODY, others=0, own_team=False)
        verdict = self.standing.asked(replace(asked, logged=True))
        return verdict if isinstance(verdict, Refuse) else PERSON_OTHER

    def _question(self, group: Group) -> Question:
        first, who = self.members, self.viewer.who
        places = group.places
        if who is None:
            # An operator may be anybody, so is counted as one of them, and as of their team.
            return self._plain(grain=self._grain(group), others=len(places) - 1, own_team=True)
        others = len(places) - group.has(first.place_of(who))
        # A group that the own team is in, less another one, would be the own team.
        own_team = bool(self.standing.own_team(first)[places].any())
        return self._plain(grain=self._grain(group), others=others, own_team=own_team)

    def _shown_as(self, members: Members) -> Ask:
        """The question at the level of its groups: a company that is cut to a unit is that unit."""
        unit = self.ask.filters.get("unit")
        level = self.ask.by
        if unit is not None:
            level = min(level, members.level_of(unit), key=COARSENESS.index)
        elif level is Level.COMPANY and _cuts_people(self.ask):
            level = Level.UNIT
        return replace(self.ask, by=level)

    def _grain(self, group: Group) -> str:
        return "company" if group.is_company else "cohort"

    @cached_property
    def _any(self) -> Question:
        """What is asked of each group alike."""
        metric = METRICS[self.ask.metric]
        asked = self._shown_as(self.members)
        return Question(
            grain="cohort",
            kind=metric.kind,
            floor=floor_of(self.programme, metric.kind, asked, self.viewer.role),
            purpose=self.ask.purpose,
            in_programme=in_programme(self.programme, self.ask),
            shown=shown(self.programme, asked, self.viewer.role),
            logged=False,
        )

    def _plain(self, *, grain: str, others: int, own_team: bool, subject: str = NOBODY) -> Question:
        return replace(self._any, grain=grain, subject=subject, others=max(others, 0), own_team=own_team)
