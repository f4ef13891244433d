"""The programme of the story: what was reported of two companies, on top of a programme that passes."""

from dataclasses import replace
from datetime import date, timedelta

from counterfoil.terms.absent import Unknown
from counterfoil.terms.aim import Audience, Display, Eligible, Target
from counterfoil.terms.ids import DisplayId, MetricId, TargetId
from counterfoil.terms.metric import CapturedBy, Dimension, Kind, Level, ProgrammeMetric
from counterfoil.terms.programme import Programme

WEEKLY, TOKENS = MetricId("weekly-use"), MetricId("tokens")
PEOPLE = 85_000
TASK_TOKENS = 6_671_000.0
"""Tokens of a median task at which they come to the reported 60 trillion in 30 days."""
TITLES = ("Token Legend", "Session Immortal", "Model Connoisseur", "Cache Wizard")
STEPS = ("bronze", "silver", "gold", "emerald")


def reported(passing: Programme, *, today: date) -> Programme:
    """A target of 80 % a week, a board of everybody with titles and tiers, and a denial.

    Source: press reports on Amazon's target and Meta's board, 2026; one company has both in the story.
    """
    begins = passing.about.begins
    day = today if isinstance(begins, Unknown) else begins
    return replace(
        passing,
        about=replace(passing.about, name="The AI programme of a company of 85,000", people=PEOPLE),
        metrics=(_weekly(day), *(_without_partners(metric) for metric in passing.metrics)),
        targets=(_target(day),),
        displays=(*_boards(), *(d for d in passing.displays if TOKENS not in d.metrics)),
        review=replace(
            passing.review,
            statement="Token counts are not used in performance reviews.",
            blocked_in_code=False,
        ),
        data=replace(passing.data, raw_readers=(Audience.SELF, Audience.STEWARDS, Audience.EVERYONE)),
        gaming=replace(passing.gaming, checks=(), workload_register=False),
        spending=replace(passing.spending, has_budget=False),
    )


def _weekly(day: date) -> ProgrammeMetric:
    return ProgrammeMetric(
        id=WEEKLY,
        name="developers who use AI in a week",
        kind=Kind.ACTIVITY,
        unit="share of developers",
        level=Level.PERSON,
        captured_by=CapturedBy.SYSTEM,
        definition="Developers with any AI use in a calendar week, of all.",
        source="tool telemetry",
        owner="head of engineering",
        version="1",
        validated_until=day + timedelta(days=180),
        dimension=Dimension.ACTIVITY,
    )


def _without_partners(metric: ProgrammeMetric) -> ProgrammeMetric:
    return replace(metric, counterweights=()) if metric.id == TOKENS else metric


def _target(day: date) -> Target:
    return Target(
        id=TargetId("weekly"),
        metric=WEEKLY,
        level=Level.COMPANY,
        threshold=0.8,
        window=timedelta(days=7),
        cliff=True,
        eligible=Eligible.EVERYONE,
        exempt=(),
        expires=day + timedelta(days=180),
    )


def _boards() -> tuple[Display, ...]:
    board = Display(
        id=DisplayId("board"),
        metrics=(TOKENS,),
        level=Level.PERSON,
        audience=(Audience.EVERYONE,),
        ranked=True,
        rewards=TITLES,
        tiers=STEPS,
    )
    managers = Display(
        id=DisplayId("managers"),
        metrics=(TOKENS,),
        level=Level.PERSON,
        audience=(Audience.LINE_MANAGERS,),
    )
    return board, managers
