"""Lays before the tests what is known of a number: its past by unit and week, and what is asked of it."""

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from counterfoil.guard.dominance import COUNTED_IN
from counterfoil.guard.launched import Past, is_shown, launch_of, redefined, target_of
from counterfoil.guard.panel import AUDITED, Seen
from counterfoil.guard.weekly import STEPS_OF_TEN, WEEKDAYS
from counterfoil.measure.gaming.panel import NO_TARGET, NO_VALUES, Aimed, Panel, Running
from counterfoil.terms.absent import Unknown
from counterfoil.terms.aim import Target
from counterfoil.terms.audited import AuditAsk
from counterfoil.terms.ids import MetricId
from counterfoil.terms.metric import Level
from counterfoil.terms.period import A_WEEK
from counterfoil.terms.programme import Programme
from counterfoil.terms.promise import Check

FEWEST_USUAL, MOST_USUAL = 8, 26
"""Weeks from which it is learned what is usual, where nothing was known before the launch."""
NOT_CHECKED = Unknown("the programme does not have it checked")


def panel_of(found: Seen, ask: AuditAsk, past: Sequence[Past], programme: Programme) -> Panel:
    """What the tests take, as far as the programme has it checked."""
    target = target_of(programme, ask.metric)
    watched = watched_from(found, launch_of(past, ask.metric))
    bunching = Check.BUNCHING in programme.gaming.checks
    own = found.sums[AUDITED[ask.metric]]
    declared = found.sums["declared"] if ask.metric == "tokens" else np.zeros_like(own)
    active, heads = (np.nan_to_num(found.sums[name]).astype(np.int64) for name in ("active", "heads"))
    shares = bunching and ask.metric == "weekly-use"
    return Panel(
        metric=programme.metric(ask.metric).called,
        weeks=tuple(found.weeks),
        usage=own + declared,
        registered=declared,
        outcomes=outcomes_of(found),
        heads=found.sums["heads"],
        people=found.people // COUNTED_IN * COUNTED_IN,
        launched=watched,
        redefined=tuple(redefined(past, ask.metric)),
        target=NO_TARGET if target is None else _aimed(target, ask.metric),
        shown=is_shown(programme, ask.metric),
        running=_running(found, ask.metric, target, watched) if bunching else NOT_CHECKED,
        met=active if shares else None,
        members=heads if shares else None,
        by_day=_by_day(found) if bunching and found.bins else None,
    )


def outcomes_of(found: Seen) -> NDArray[np.float64]:
    """What came of the work: changes that still stand; any work that does, where nobody lands changes.

    Deployments and drafts can be made for nothing by whoever makes the number up, and so go with it.
    """
    standing = found.sums["standing"]
    return standing if np.nansum(standing) > 0 else found.sums["kept"]


def watched_from(found: Seen, launch: date | Unknown) -> date | Unknown:
    """From when on a number is watched: its launch; where too little is known before, once that is known."""
    weeks = len(found.weeks)
    learned = max(min(MOST_USUAL, weeks // 2), FEWEST_USUAL)
    if isinstance(launch, Unknown):
        return launch
    before = sum(week + A_WEEK <= launch for week in found.weeks)
    if before >= FEWEST_USUAL:
        return launch
    return found.weeks[0] + learned * A_WEEK


def _aimed(target: Target, metric: MetricId) -> Aimed:
    threshold = target.threshold
    if metric == "tokens" and target.level is Level.PERSON and not isinstance(threshold, Unknown):
        threshold = float(np.log10(max(threshold, 1.0)))
    is_cliff = isinstance(target.cliff, Unknown) or target.cliff
    return Aimed(level=target.level, threshold=threshold, window=target.window, cliff=is_cliff)


def _running(
    found: Seen, metric: MetricId, target: Target | None, watched: date | Unknown
) -> Running | Unknown:
    """How many people have how much in the last week, and had in the last one before it was watched."""
    name = counted_by(metric, target)
    if target is None or target.level is not Level.PERSON or not name or not found.bins:
        return NO_VALUES
    last = found.bins[-1][name]
    before = [
        bins[name]
        for week, bins in zip(found.known, found.bins, strict=True)
        if not isinstance(watched, Unknown) and week + A_WEEK <= watched
    ]
    values = np.arange(len(last)) / (STEPS_OF_TEN if name == "tokens" else 1)
    was = None if not before else _fitted(before[-1], len(last))
    return Running(values=values.astype(np.float64), counts=last, before=was)


def counted_by(metric: MetricId, target: Target | None) -> str:
    """Over what people are spread where each of them has a line; empty where that is not known."""
    threshold = None if target is None or isinstance(target.threshold, Unknown) else target.threshold
    if threshold is None or metric == "tokens":
        return "tokens" if metric == "tokens" else ""
    return ("prompts" if threshold > WEEKDAYS else "days") if metric == "weekly-use" else ""


def _fitted(counts: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    """The same bins as another histogram has; what lies above its last one is in that."""
    kept = np.zeros(length, np.int64)
    np.add.at(kept, np.minimum(np.arange(len(counts)), length - 1), counts)
    return kept


def _by_day(found: Seen) -> NDArray[np.int64] | None:
    """People who were active on each day of a week, the last day last; None where nobody ever was on it."""
    days = np.zeros((len(found.weeks), WEEKDAYS), np.int64)
    for week, bins in zip(found.known, found.bins, strict=True):
        days[found.weeks.index(week)] = bins["weekdays"]
    return days if days[:, -1].any() else None
