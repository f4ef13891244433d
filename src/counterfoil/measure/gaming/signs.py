"""What each test says of a panel, in words, abstaining where there is too little to say anything."""

import numpy as np

from counterfoil.measure.gaming.adjacent import Contrast, adjacent_contrast
from counterfoil.measure.gaming.apart import Apart
from counterfoil.measure.gaming.excess import excess_mass
from counterfoil.measure.gaming.heaping import heap_at_share, last_day_mass
from counterfoil.measure.gaming.jump import density_jump
from counterfoil.measure.gaming.panel import Panel, Running, whole_numbers
from counterfoil.measure.gaming.worded import percent
from counterfoil.measure.interval import Floats, t_quantile
from counterfoil.terms.absent import Unknown
from counterfoil.terms.audit import Sign
from counterfoil.terms.estimate import Estimate
from counterfoil.terms.metric import Level

BUNCHING_FLOOR = 2_000
"""People below whom a test at a line gives an interval and no verdict."""
ALPHA = 0.05 / 3
"""Three tests look for a response to the target; together they are wrong one time in twenty."""
LEAST_RISE = 0.02
"""Of the last day's share, in which a rise is worth a word."""


def at_the_line(panel: Panel) -> tuple[Sign, ...]:
    """Whether people stand just at the target who would not otherwise.

    Source: `adjacent_contrast` for whole numbers, `density_jump` for continuous ones; `excess_mass` says how
    many.
    """
    target, running = panel.target, panel.running
    if isinstance(target, Unknown) or isinstance(target.threshold, Unknown) or target.level != Level.PERSON:
        return ()
    if isinstance(running, Unknown):
        return (_abstains("adjacent-bins", running.why),)
    few = panel.people < BUNCHING_FLOOR
    found = (
        _adjacent(target.threshold, running, few=few)
        if running.finely is None
        else _jump(target.threshold, running.finely, few=few)
    )
    return found, _how_many(target.threshold, running)


def _adjacent(threshold: float, running: Running, *, few: bool) -> Sign:
    if not whole_numbers(running.values):
        return _abstains("adjacent-bins", "bins are no whole numbers; give the values as they are")
    at = int(np.searchsorted(running.values, threshold))
    found = adjacent_contrast(running.counts, at)
    if isinstance(found, Unknown):
        return _abstains("adjacent-bins", found.why)
    fires = found.p < ALPHA
    if fires and running.before is not None:
        was = adjacent_contrast(running.before, at)
        fires = not isinstance(was, Contrast) or _exceeds(found.ratio, was.ratio)
    says = f"{found.ratio.value:.2f} times as many stand at the target, against just below it, as is smooth"
    return _sign("adjacent-bins", found.ratio, says, fires=fires, few=few)


def _exceeds(now: Estimate, was: Estimate) -> bool:
    """Whether a ratio is surely above what it was before there was a target."""
    low = now.low if isinstance(now.low, float) else now.value
    return low > was.value


def _jump(threshold: float, values: Floats, *, few: bool) -> Sign:
    found = density_jump(values, threshold)
    if isinstance(found, Unknown):
        return _abstains("density-jump", found.why)
    fires = found.p < 2 * ALPHA and found.t > 0
    says = (
        f"just above the target stand {found.above / max(found.below, 1e-12):.2f} times as many as just below"
    )
    return _sign("density-jump", found.difference, says, fires=fires, few=few)


def _how_many(threshold: float, running: Running) -> Sign:
    found = excess_mass(running.values, running.counts, threshold, rounds=running.rounds)
    if isinstance(found, Unknown):
        return _abstains("excess-mass", found.why)
    says = f"about {found.moved.value:.0f} stand at the target who would not otherwise"
    no = Unknown("it says how many, not whether")
    return Sign(test="excess-mass", estimate=found.moved, fires=no, says=says)


def _sign(test: str, estimate: Estimate, says: str, *, fires: bool, few: bool) -> Sign:
    if few:
        why = f"a verdict at a line takes {BUNCHING_FLOOR:,} people: this is an interval and no more"
        return Sign(test=test, estimate=estimate, fires=Unknown(why), says=says)
    return Sign(test=test, estimate=estimate, fires=fires, says=says)


def _abstains(test: str, why: str) -> Sign:
    return Sign(test=test, estimate=Unknown(why), fires=Unknown(why), says=f"can't tell, because {why}")


def units_at_the_share(panel: Panel) -> tuple[Sign, ...]:
    """Whether units stop exactly at a share that they were asked for.

    Source: `heap_at_share`.
    """
    target = panel.target
    if isinstance(target, Unknown) or isinstance(target.threshold, Unknown):
        return ()
    if target.level not in {Level.TEAM, Level.UNIT} or panel.met is None or panel.members is None:
        return ()
    begins = panel.begins
    found = heap_at_share(panel.met[:, begins:], panel.members[:, begins:], target.threshold)
    if isinstance(found, Unknown):
        return (_abstains("heap-at-share", found.why),)
    at_it, expected = percent(found.share.value), percent(found.expected)
    says = f"of units at the target or one short, {at_it} are at it, not {expected}"
    return (Sign(test="heap-at-share", estimate=found.share, fires=found.p < ALPHA, says=says),)


def before_the_deadline(panel: Panel) -> tuple[Sign, ...]:
    """Whether use waits for the last day of the target's window.

    Source: `last_day_mass`.
    """
    if isinstance(panel.target, Unknown) or panel.by_day is None:
        return ()
    begins = panel.begins
    found = last_day_mass(panel.by_day[begins:], panel.by_day[:begins])
    if isinstance(found, Unknown):
        return (_abstains("last-day", found.why),)
    rise, p = found.rise, found.p
    if isinstance(rise, Unknown) or isinstance(p, Unknown):
        why = "without weeks before the launch it could be what people always did"
        return (
            Sign(test="last-day", estimate=found.share, fires=Unknown(why), says=_share_says(found.share)),
        )
    fires = p < ALPHA and rise.value > LEAST_RISE
    says = f"{_share_says(found.share)}, {100 * rise.value:+.1f} points against the weeks before"
    return (Sign(test="last-day", estimate=rise, fires=fires, says=says),)


def _share_says(share: Estimate) -> str:
    return f"{percent(share.value)} of all use falls on the last day of the window"


def apart_sign(found: Apart | Unknown) -> Sign:
    """Whether outcomes still move when the number does.

    Source: `come_apart`.
    """
    if isinstance(found, Unknown):
        return _abstains("come-apart", found.why)
    estimate = found.usual if isinstance(found.now, Unknown) else found.now
    says = (
        f"a tenth more of it comes with {10 * estimate.value:.1f} % more outcome; "
        f"before, with {10 * found.usual.value:.1f} %"
    )
    return Sign(test="come-apart", estimate=estimate, fires=found.watch.alarmed is not None, says=says)


def improvement(panel: Panel) -> Estimate | Unknown:
    """By how much outcomes of a head rose since the launch, as a share; units against their own past.

    Source: paired comparison of units, Student (1908), Biometrika 6, 1-25, on logarithms.
    """
    begins = panel.begins
    tracks = panel.tracks()
    _, y = tracks.logs()
    before, after = np.isfinite(y[:, :begins]), np.isfinite(y[:, begins:])
    seen = (before.sum(axis=1) >= 4) & (after.sum(axis=1) >= 4)
    if seen.sum() < 10:
        return Unknown("too few units were seen before and after the launch")
    if any(week >= begins for week in tracks.redefined):
        return Unknown("what counts as an outcome, or who is where, changed since the launch")
    change = np.nanmean(y[seen, begins:], axis=1) - np.nanmean(y[seen, :begins], axis=1)
    value = float(change.mean())
    reach = t_quantile(float(seen.sum() - 1)) * float(change.std(ddof=1)) / float(np.sqrt(seen.sum()))
    low, middle, high = np.expm1([value - reach, value, value + reach])
    return Estimate(
        value=float(middle),
        low=float(low),
        high=float(high),
        n=int(seen.sum()),
        coverage=float(seen.mean()),
        method="outcomes-since-launch",
    )
