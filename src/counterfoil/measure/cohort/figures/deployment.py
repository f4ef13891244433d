"""Figures of deployments to production."""

from collections.abc import Sequence

from counterfoil.measure.cohort.figure import COUNTED_BY_STEP, FOLLOWED, Fact, Metric, Shape
from counterfoil.measure.cohort.ways import median_of, share_of, total_of
from counterfoil.terms.ids import MetricId
from counterfoil.terms.metric import Kind

FIGURES: Sequence[Metric] = (
    Metric(
        id=MetricId("deployment-frequency"),
        says="deployments to production that succeeded",
        unit="deployments",
        kind=Kind.OUTPUT,
        fact=Fact.DEPLOYMENT,
        shape=Shape.TOTAL,
        sums=("deployed",),
        filters=(),
        follow_up=FOLLOWED,
        counters=("change-fail-rate", "deployment-rework-rate"),
        breaks_when=("it is made a target", "empty deployments are made"),
        estimate=total_of("deployed"),
    ),
    Metric(
        id=MetricId("change-fail-rate"),
        says="deployments that needed an immediate intervention, of all to production",
        unit="share of deployments",
        kind=Kind.OUTCOME,
        fact=Fact.DEPLOYMENT,
        shape=Shape.RATIO,
        sums=("deployed", "failed"),
        filters=(),
        follow_up=FOLLOWED,
        counters=("deployment-rework-rate", "corrected"),
        breaks_when=("incidents are not declared", "many small deployments water it down"),
        estimate=share_of("failed", "deployed", method="change-fail-rate"),
    ),
    Metric(
        id=MetricId("deployment-rework-rate"),
        says="deployments that were made because something was wrong, of all to production",
        unit="share of deployments",
        kind=Kind.OUTCOME,
        fact=Fact.DEPLOYMENT,
        shape=Shape.RATIO,
        sums=("deployed", "unplanned"),
        filters=(),
        follow_up=FOLLOWED,
        counters=("change-fail-rate", "reverts"),
        breaks_when=("fixes wait for the next planned deployment", "hotfixes are not called so"),
        estimate=share_of("unplanned", "deployed", method="deployment-rework-rate"),
    ),
    Metric(
        id=MetricId("failed-deployment-recovery-time"),
        says="the time from a deployment that failed until it was put right, the median",
        unit="hours",
        kind=Kind.OUTCOME,
        fact=Fact.DEPLOYMENT,
        shape=Shape.MEDIAN,
        sums=("recovered", *COUNTED_BY_STEP),
        filters=(),
        follow_up=FOLLOWED,
        told_of=("recovered", "failed"),
        scale=60,
        counters=("change-fail-rate", "deployment-rework-rate"),
        breaks_when=("incidents are declared late, or closed early", "what was never put right is many"),
        estimate=median_of("failed-deployment-recovery-time"),
    ),
)
