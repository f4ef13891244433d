"""What a programme holds people to: targets, and displays that reward or rank."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from counterfoil.terms.absent import Unknown
from counterfoil.terms.aim import Display
from counterfoil.terms.ids import MetricId
from counterfoil.terms.metric import ProgrammeMetric
from counterfoil.terms.programme import Programme
from counterfoil.terms.promise import Use


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """A metric that somebody is asked to move: by a target, or by a reward on a display."""

    where: str
    metric: ProgrammeMetric
    beside: Sequence[ProgrammeMetric]
    """What is read in the same decision."""
    by_reward: bool


def aims(p: Programme) -> Iterator[Aim]:
    """Everything that somebody is asked to move."""
    for t in p.targets:
        beside = [p.metric(name) for name in t.beside]
        yield Aim(where=f"targets.{t.id}", metric=p.metric(t.metric), beside=beside, by_reward=False)
    for d in p.displays:
        if d.rewards:
            for metric, others in shown(p, d):
                beside = [*others, *(p.metric(name) for name in d.beside)]
                yield Aim(where=f"displays.{d.id}", metric=metric, beside=beside, by_reward=True)


def shown(p: Programme, display: Display) -> Iterator[tuple[ProgrammeMetric, Sequence[ProgrammeMetric]]]:
    """Each metric of a display with the others on it."""
    metrics = [p.metric(name) for name in display.metrics]
    for metric in metrics:
        yield metric, [other for other in metrics if other is not metric]


def at_stake(p: Programme) -> set[MetricId]:
    """Metrics with a consequence for somebody: a target, a reward, an order, or a review."""
    found = {aim.metric.id for aim in aims(p)}
    found |= {name for d in p.displays if d.ranked for name in d.metrics}
    if counts_in_reviews(p):
        found |= {metric.id for metric in reviewed(p)}
    return found


def counts_in_reviews(p: Programme) -> bool:
    """Whether the programme says that numbers inform or determine reviews."""
    return not isinstance(p.review.use, Unknown) and p.review.use is not Use.NONE


def reviewed(p: Programme) -> Sequence[ProgrammeMetric]:
    """The metrics that count in reviews: those that are named, else all."""
    return [m for m in p.metrics if not p.review.metrics or m.id in p.review.metrics]
