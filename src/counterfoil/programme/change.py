"""Changes of one part of a programme that leave every other part as it is."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from counterfoil.programme.purposes import ABOUT_JOBS, ABOUT_REVIEWS
from counterfoil.programme.stakes import counts_in_reviews, reviewed
from counterfoil.terms.aim import Display
from counterfoil.terms.ids import MetricId
from counterfoil.terms.metric import ProgrammeMetric
from counterfoil.terms.programme import Programme
from counterfoil.terms.promise import Use


def entry_of(p: Programme, where: str) -> Any:
    """The metric, target or display that a path names.

    Example:
    >>> from counterfoil.terms.metric import Kind
    >>> from counterfoil.terms.programme import About
    >>> kept = ProgrammeMetric(id=MetricId("kept"), kind=Kind.OUTCOME)
    >>> entry_of(Programme(about=About(name="x"), metrics=(kept,)), "metrics.kept.owner").id
    'kept'
    """
    group, name, *_ = where.split(".")
    return next(entry for entry in getattr(p, group) if entry.id == name)


def changed(p: Programme, where: str, **values: Any) -> Programme:
    """The programme with other values in one section, or in one entry of a list."""
    group, _, rest = where.partition(".")
    held = getattr(p, group)
    if not isinstance(held, tuple):
        return with_section(p, group, replace(held, **values))
    name = rest.split(".")[0]
    return with_section(p, group, tuple(replace(e, **values) if e.id == name else e for e in held))


def without(p: Programme, where: str) -> Programme:
    """The programme without one entry of a list."""
    group, name, *_ = where.split(".")
    return with_section(p, group, tuple(e for e in getattr(p, group) if e.id != name))


def with_section(p: Programme, section: str, value: Any) -> Programme:
    """The programme with another section in place of its own."""
    values: dict[str, Any] = {section: value}
    return replace(p, **values)


def with_metrics(p: Programme, metrics: Iterable[ProgrammeMetric]) -> Programme:
    """The programme with further metrics."""
    return replace(p, metrics=(*p.metrics, *metrics))


def without_reviews(p: Programme, names: Iterable[MetricId]) -> Programme:
    """The programme in which these metrics count in no review; none is left where nothing else was named."""
    left = tuple(name for name in p.review.metrics if name not in set(names))
    if left:
        return changed(p, "review", metrics=left)
    return without_purposes(changed(p, "review", use=Use.NONE, metrics=()), ABOUT_REVIEWS)


def without_purposes(p: Programme, purposes: Iterable[str]) -> Programme:
    """The programme without these purposes."""
    unwanted = set(purposes)
    return changed(p, "about", purposes=tuple(name for name in p.about.purposes if name not in unwanted))


def without_jobs(p: Programme) -> Programme:
    """The programme in which no number counts in replacing or reducing people."""
    return without_purposes(changed(p, "workforce", use=Use.NONE), ABOUT_JOBS)


def without_stakes(p: Programme, name: MetricId) -> Programme:
    """The programme in which nothing depends on a metric: no target, order, reward or review."""
    p = replace(
        p,
        targets=tuple(t for t in p.targets if t.metric != name),
        displays=tuple(_unstaked(d) if name in d.metrics else d for d in p.displays),
    )
    held = counts_in_reviews(p) and name in {metric.id for metric in reviewed(p)}
    return without_reviews(p, [name]) if held else p


def _unstaked(display: Display) -> Display:
    return replace(display, ranked=False, rewards=())


def joined(words: Iterable[str]) -> str:
    """Words as a list that is read aloud.

    Example:
    >>> joined(["a"]), joined(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    *first, last = [*words]
    return f"{', '.join(first)} and {last}" if first else last
