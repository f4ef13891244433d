"""The questions of one page, and what there is to ask."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from counterfoil.guard.guarded import Guarded
from counterfoil.guard.release import release_all
from counterfoil.measure.cohort.metric import METRICS, Metric
from counterfoil.terms.ask import Answered, Ask, Viewer
from counterfoil.terms.ids import MetricId
from counterfoil.terms.period import Period

FIGURES: Mapping[MetricId, Metric] = METRICS
"""What can be asked about groups of people, by its name."""


def answers(g: Guarded, asks: Sequence[Ask], viewer: Viewer) -> Sequence[Answered]:
    """What comes of the questions of a page, in their order.

    Raises: StoreError or LedgerBroken where they can't be logged, kept or read.
    """
    return release_all(g, asks, viewer) if asks else []


def sayable(metric: MetricId, period: Period, today: date) -> bool:
    """Whether a period, and what follows it for this figure, is over."""
    return max(period.weeks()) + timedelta(days=7) + FIGURES[metric].follow_up <= today
