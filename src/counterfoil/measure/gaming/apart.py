"""Whether a number has come apart from the work: what outcomes do when usage moves, watched week by week."""

from dataclasses import dataclass, replace
from itertools import pairwise
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray

from counterfoil.measure.gaming.fit import correlation
from counterfoil.measure.interval import Floats, Z
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate

FEWEST_UNITS = 20
FEWEST_WEEKS = 8
"""Weeks from which it is learned what is usual, and which are learned anew when something is redefined."""
CLIP = 4.0
"""Robust spreads past which one unit's week counts as just there: one huge person moves nothing."""
FEW = 0.2
"""Of units; what they alone carry may be work that nobody registered."""
OUTAGE = log(5)
"""A week in which the usual unit used less than a fifth of what it uses says nothing about anything."""
SLACK, LIMIT, MOST = 0.75, 6.0, 3.0
"""Of the watch: what chance may do each week, where it alarms, and the most that one week can say."""
PLAIN_SLACK, PLAIN_LIMIT = 0.5, 5.0
BREAK = 8.85
"""5 % value of the largest F over the middle 70 % of weeks (Andrews 1993, table I)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracks:
    """Weekly numbers of units, as they stand in the lake.

    Shape: usage, outcomes, heads and registered (units, weeks), nan where a week was not seen.
    """

    usage: Floats
    outcomes: Floats
    heads: Floats
    registered: Floats
    """Usage of registered workloads (evaluations, pipelines, migrations): it is left out."""
    redefined: tuple[int, ...] = ()
    """Weeks from which on something is measured otherwise, or units are cut otherwise."""

    def logs(self) -> tuple[Floats, Floats]:
        """Logarithms of own usage and outcomes of a head; nan where there is none.

        Shape: (units, weeks) both.
        """
        heads = np.where(self.heads > 0, self.heads, np.nan)
        own = self.usage - np.nan_to_num(self.registered)
        own = np.where(own > 0, own, np.nan)
        return np.log(own / heads), np.log((self.outcomes + 0.5) / heads)

    def part(self, kept: NDArray[np.bool_]) -> "Tracks":
        """Some of the units.

        Shape: kept (units,).
        """
        return replace(
            self,
            usage=self.usage[kept],
            outcomes=self.outcomes[kept],
            heads=self.heads[kept],
            registered=self.registered[kept],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A sum that grows while weeks are worse than usual, and when it alarmed."""

    path: Floats
    """Shape: (weeks,)."""
    alarmed: int | None
    """The week of the alarm."""
    since: int | None
    """The week from which on it grew, the best guess at when it began."""


def watch(
    worse: Floats, begins: int, *, slack: float = SLACK, limit: float = LIMIT, most: float = MOST
) -> Watch:
    """Sum up how much worse than usual weeks are, and alarm where chance alone hardly gets.

    Shape: worse (weeks,), in standard deviations of usual weeks, nan where a week was not seen.
    Source: Page (1954), Biometrika 41, 100-115; with bounded weeks, after Lucas and Crosier (1982),
    Technometrics 24, 199-205 (robust to single outliers).
    """
    path, level, since = np.zeros(len(worse)), 0.0, begins
    for week in range(begins, len(worse)):
        if np.isfinite(worse[week]):
            level = max(0.0, level + min(float(worse[week]), most) - slack)
        path[week] = level
        if level > limit:
            path[week:] = level
            return Watch(path=path, alarmed=week, since=since)
        if level == 0.0:
            since = week + 1
    return Watch(path=path, alarmed=None, since=None)


def weekly_correlation(tracks: Tracks) -> Floats:
    """Fisher's z of the correlation of log usage and log outcomes across units, for each week.

    Shape: (weeks,), nan where too few units were seen.
    Source: Fisher (1921), Metron 1, 3-32. The same factor on everybody's usage changes nothing.
    """
    x, y = tracks.logs()
    found = np.full(x.shape[1], np.nan)
    for week in range(x.shape[1]):
        seen = np.isfinite(x[:, week]) & np.isfinite(y[:, week])
        if seen.sum() >= FEWEST_UNITS:
            found[week] = np.arctanh(np.clip(correlation(x[seen, week], y[seen, week]), -0.999999, 0.999999))
    return found


def plain_watch(tracks: Tracks, begins: int) -> Watch | Unknown:
    """The plain form: correlations against those of the weeks before. It is there to compare with.

    Source: Page (1954) on Fisher's z: S = max(0, S - (z - mean) / spread - 0.5), alarm over 5.
    """
    z = weekly_correlation(tracks)
    before = z[:begins][np.isfinite(z[:begins])]
    if len(before) < FEWEST_WEEKS or before.std() == 0:
        return Unknown("too few weeks before it to know what is usual")
    worse = (before.mean() - z) / before.std(ddof=1)
    return watch(worse, begins, slack=PLAIN_SLACK, limit=PLAIN_LIMIT, most=np.inf)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slopes:
    """How much outcomes of a unit move when its usage does, both against its own past.

    Shape: value and error (weeks,), nan where a week says nothing.
    """

    value: Floats
    error: Floats
    units: int
    """Units in the usual week."""


def weekly_slopes(tracks: Tracks, begins: int) -> Slopes:
    """Slopes of outcomes on usage across units, each unit against its own usual level, for each week.

    What is usual is the mean of the weeks before `begins`, learned anew after each redefinition. A factor
    that is the same for everybody falls out; honest growth keeps the slope; usage that nothing comes of
    flattens it.
    Shape: as in `Slopes`.
    Source: within-unit regression, Wooldridge (2010), Econometric Analysis of Cross Section and Panel Data,
    10.5; errors of White (1980), Econometrica 48, 817-838; clipping at robust spreads, Huber (1964), Annals
    of Mathematical Statistics 35, 73-101.
    """
    x, y = tracks.logs()
    weeks = x.shape[1]
    value, error, seen = np.full(weeks, np.nan), np.full(weeks, np.nan), []
    edges = [0, *sorted({week for week in tracks.redefined if 0 < week < weeks}), weeks]
    for since, until in pairwise(edges):
        learned = min(begins if since == 0 else since + FEWEST_WEEKS, until)
        x_off, y_off = _off(x, since, learned), _off(y, since, learned)
        for week in range(since if since == 0 else learned, until):
            found = _slope(x_off[:, week], y_off[:, week], tracks.heads[:, week])
            if found is not None:
                value[week], error[week], units = found
                seen.append(units)
    return Slopes(value=value, error=error, units=int(np.median(seen)) if seen else 0)


def _off(values: Floats, since: int, learned: int) -> Floats:
    """Values less each unit's mean over the weeks that are learned from."""
    usual = values[:, since:learned]
    many = np.isfinite(usual).sum(axis=1)
    mean = np.where(many >= 3, np.nansum(usual, axis=1) / np.maximum(many, 1), np.nan)
    off: Floats = values - mean[:, None]
    return off


def _slope(x: Floats, y: Floats, heads: Floats) -> tuple[float, float, int] | None:
    seen = np.isfinite(x) & np.isfinite(y) & (heads > 0)
    if seen.sum() < FEWEST_UNITS:
        return None
    u, v, w = x[seen], y[seen], np.minimum(heads[seen], 3 * np.median(heads[seen]))
    middle = float(np.median(u))
    spread = 1.4826 * float(np.median(np.abs(u - middle)))
    if middle < -OUTAGE or spread < 1e-6:
        return None
    u = np.clip(u, middle - CLIP * spread, middle + CLIP * spread)
    u, v = u - w @ u / w.sum(), v - w @ v / w.sum()
    weight = float(w @ (u * u))
    slope = float(w @ (u * v)) / weight
    left = v - slope * u
    return slope, max(sqrt(float((w * u * left) @ (w * u * left))) / weight, 1e-9), int(seen.sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """Whether outcomes still move when usage does."""

    watch: Watch
    slopes: Slopes
    usual: Estimate
    """The slope of usual weeks: a tenth more usage came with so many tenths more outcome."""
    now: Estimate | Unknown
    """The slope since it came apart, else since the watch began."""
    broad: bool | None = None
    """Whether it stays without the fifth of units that grew most; None where nothing alarmed or few are left.

    Automation that nobody registered sits in a few units; people who answer a number are everywhere.
    """


def come_apart(tracks: Tracks, begins: int) -> Apart | Unknown:
    """Watch whether a number comes apart from outcomes, from a week on, and whether it did so broadly.

    Shape: as in `watched`.
    Source: `watched`; a second look at a trimmed part, own definition, with its figures in docs/methods.
    """
    found = watched(tracks, begins)
    if isinstance(found, Unknown) or found.watch.alarmed is None or found.watch.since is None:
        return found
    x, _ = tracks.logs()
    last = min(found.watch.alarmed + 4, x.shape[1])
    rise = _mean(x[:, min(found.watch.since, found.watch.alarmed - 1) : last]) - _mean(x[:, :begins])
    kept = ~(rise > np.nanquantile(rise, 1 - FEW))
    rest = weekly_slopes(tracks.part(kept), begins)
    weeks, seen = np.arange(x.shape[1]), np.isfinite(rest.value)
    before, since = seen & (weeks < begins), seen & (weeks >= found.watch.since) & (weeks < last)
    if not before.any() or not since.any():
        return found
    was, now = _pooled(rest, before, 1.0), _pooled(rest, since, 1.0)
    return replace(found, broad=_below(now, was))


def _below(now: Estimate, was: Estimate) -> bool:
    """Whether one slope is surely below another."""
    if isinstance(now.high, Unknown) or isinstance(was.high, Unknown):
        return False
    return was.value - now.value > sqrt((now.high - now.value) ** 2 + (was.high - was.value) ** 2)


def _mean(values: Floats) -> Floats:
    many = np.isfinite(values).sum(axis=1)
    mean: Floats = np.where(many > 0, np.nansum(values, axis=1) / np.maximum(many, 1), np.nan)
    return mean


def watched(tracks: Tracks, begins: int) -> Apart | Unknown:
    """Watch whether a number comes apart from outcomes, from a week on.

    Shape: as in `Tracks`; the weeks before `begins` are what is usual.
    Source: Page (1954) on `weekly_slopes`, in standard errors of each week, with the doubt about what is
    usual (Quesenberry 1991, Journal of Quality Technology 23, 213-224).
    """
    slopes = weekly_slopes(tracks, begins)
    seen = np.isfinite(slopes.value)
    before = seen & (np.arange(len(seen)) < begins)
    if before.sum() < FEWEST_WEEKS:
        return Unknown(_why(tracks, begins))
    if not seen[begins:].any():
        return Unknown("no week since then says anything")
    value, weight = slopes.value[before], slopes.error[before] ** -2
    mean = float(value @ weight / weight.sum())
    off = (value - mean) / slopes.error[before]
    spread = max(sqrt(float(off @ off) / (len(off) - 1)), 1.0)
    if mean < Z * spread / sqrt(float(weight.sum())):
        return Unknown("outcomes never went with it, not even before")
    worse = (mean - slopes.value) / slopes.error / spread / sqrt(1 + 1 / len(off))
    watched = watch(worse, begins)
    since = begins if watched.since is None else watched.since
    return Apart(
        watch=watched,
        slopes=slopes,
        usual=_pooled(slopes, before, spread),
        now=_pooled(slopes, seen & (np.arange(len(seen)) >= since), spread),
    )


def _why(tracks: Tracks, begins: int) -> str:
    """Why there are no usual weeks."""
    if tracks.usage.shape[0] < FEWEST_UNITS:
        return f"{tracks.usage.shape[0]} units are too few: it takes {FEWEST_UNITS}"
    seen = np.isfinite(tracks.usage[:, :begins]) & np.isfinite(tracks.outcomes[:, :begins])
    if (seen.sum(axis=0) >= FEWEST_UNITS).sum() < FEWEST_WEEKS:
        return f"weeks are missing: it takes {FEWEST_WEEKS} before the launch to know what is usual"
    if (np.nan_to_num(tracks.usage[:, :begins]) > 0).sum(axis=0).max(initial=0) < FEWEST_UNITS:
        return "too few units used it at all"
    return "the metric never moved before the launch"


def _pooled(slopes: Slopes, which: NDArray[np.bool_], spread: float) -> Estimate:
    weight = slopes.error[which] ** -2
    value = float(slopes.value[which] @ weight / weight.sum())
    reach = Z * spread / sqrt(float(weight.sum()))
    return Estimate(
        value=value,
        low=value - reach,
        high=value + reach,
        n=slopes.units,
        coverage=float(which.sum()) / len(which),
        method="come-apart",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """Where a series of slopes broke, looking back."""

    week: int
    """The first week after it."""
    f: float
    change: Estimate


def slope_break(slopes: Slopes) -> Break | Unknown | None:
    """The week at which slopes changed most, where that is more than chance; None where nothing broke.

    Source: Andrews (1993), Econometrica 61, 821-856 (sup F over the middle 70 % of weeks, known variances).
    """
    which = np.flatnonzero(np.isfinite(slopes.value))
    if len(which) < 2 * FEWEST_WEEKS:
        return Unknown("too few weeks to look back on")
    value, weight = slopes.value[which], slopes.error[which] ** -2
    edge = max(int(np.ceil(0.15 * len(which))), 2)
    best, at, change, error = 0.0, 0, 0.0, 1.0
    for cut in range(edge, len(which) - edge + 1):
        first, second = weight[:cut].sum(), weight[cut:].sum()
        moved = float(value[cut:] @ weight[cut:] / second - value[:cut] @ weight[:cut] / first)
        doubt = sqrt(1 / first + 1 / second)
        if (moved / doubt) ** 2 > best:
            best, at, change, error = (moved / doubt) ** 2, cut, moved, doubt
    before, after = value[:at], value[at:]
    left = np.concatenate(
        [
            (part - part @ part_weight / part_weight.sum()) * np.sqrt(part_weight)
            for part, part_weight in ((before, weight[:at]), (after, weight[at:]))
        ]
    )
    scale = max(float(left @ left) / (len(left) - 2), 1.0)
    if best / scale < BREAK:
        return None
    reach = Z * error * sqrt(scale)
    return Break(
        week=int(which[at]),
        f=best / scale,
        change=Estimate(
            value=change,
            low=change - reach,
            high=change + reach,
            n=slopes.units,
            coverage=len(which) / len(slopes.value),
            method="slope-break",
        ),
    )
