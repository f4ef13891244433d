"""The figures that can be asked about groups of people, each as its page in docs/methods has it."""

from collections.abc import Mapping

from counterfoil.measure.cohort.figure import COUNTED_BY_STEP, Fact, Metric, Shape
from counterfoil.measure.cohort.figures import acted, delivery, deployment, seat, spend, usage, work
from counterfoil.terms.ids import MetricId

__all__ = ["COUNTED_BY_STEP", "METRICS", "Fact", "Metric", "Shape"]
METRICS: Mapping[MetricId, Metric] = {
    metric.id: metric
    for fact in (usage, spend, work, seat, delivery, deployment, acted)
    for metric in fact.FIGURES
}
