"""Metrics that a repair adds where a programme has none that watches what a rule asks for."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from counterfoil.programme.change import with_metrics
from counterfoil.terms.ids import MetricId
from counterfoil.terms.metric import CapturedBy, Dimension, Kind, Level, ProgrammeMetric, Watch
from counterfoil.terms.programme import Programme

CORRECTED = ProgrammeMetric(
    id=MetricId("corrected"),
    name="work that had to be corrected",
    kind=Kind.OUTCOME,
    unit="share of results",
    level=Level.UNIT,
    captured_by=CapturedBy.SYSTEM,
    definition="Results that had to be put right within 30 days, of all that were delivered.",
    source="the register in which work is recorded",
    owner="head of operations",
    version="1",
    dimension=Dimension.PERFORMANCE,
    watches=Watch.CORRECTION,
)
INCIDENTS = replace(
    CORRECTED,
    id=MetricId("incidents"),
    name="incidents that customers felt",
    unit="incidents",
    definition="Incidents that customers felt, by the unit whose work caused them.",
    source="incident register",
    watches=Watch.CONSEQUENCE,
)
HOURS = replace(
    CORRECTED,
    id=MetricId("hours-saved"),
    name="hours saved, less hours redone",
    kind=Kind.PERCEPTION,
    unit="hours saved",
    captured_by=CapturedBy.SELF,
    definition="Hours that people say AI saved them in a week, less hours they spent putting its work right.",
    source="pulse survey",
    owner="head of people",
    dimension=Dimension.EFFICIENCY,
    watches=Watch.HUMAN_TIME,
    net_of_rework=True,
)
TRUST = ProgrammeMetric(
    id=MetricId("trust"),
    name="whether people believe this programme",
    kind=Kind.PERCEPTION,
    unit="share of answers",
    level=Level.COMPANY,
    captured_by=CapturedBy.SELF,
    definition="Share of answers that the programme is kept as it is written.",
    source="pulse survey",
    owner="head of people",
    version="1",
    dimension=Dimension.SATISFACTION,
)
WATCHING = {Watch.CORRECTION: CORRECTED, Watch.CONSEQUENCE: INCIDENTS, Watch.HUMAN_TIME: HOURS}


def found_or_added(
    p: Programme, wanted: Callable[[ProgrammeMetric], bool], fresh: ProgrammeMetric
) -> tuple[Programme, ProgrammeMetric, bool]:
    """A metric of the programme that is wanted, else a fresh one added to it; and whether it was added."""
    for metric in p.metrics:
        if wanted(metric):
            return p, metric, False
    metric = unclaimed(fresh, (m.id for m in p.metrics))
    return with_metrics(p, [metric]), metric, True


def watching(p: Programme, watch: Watch) -> tuple[Programme, ProgrammeMetric, bool]:
    """A metric that keeps something in sight, else a fresh one; and whether it was added."""
    return found_or_added(p, lambda metric: metric.watches is watch, WATCHING[watch])


def unclaimed(metric: ProgrammeMetric, taken: Iterable[MetricId]) -> ProgrammeMetric:
    """The metric under a name that no other has.

    Example:
    >>> unclaimed(TRUST, [MetricId("trust")]).id
    'trust-2'
    """
    names, name, number = set(taken), metric.id, 2
    while name in names:
        name, number = MetricId(f"{metric.id}-{number}"), number + 1
    return replace(metric, id=name)


def begin_measuring(metrics: Iterable[ProgrammeMetric]) -> str:
    """What has to be done about metrics that were added."""
    return "".join(f" Begin to measure “{metric.called}” before launch." for metric in metrics)
