"""The watch over what outcomes do when usage moves: soon where people game, silent where they don't.

Short forms with fixed seeds; `python -m bench.detection` is the long one.
"""

from dataclasses import replace

import numpy as np
import pytest

from counterfoil.measure.gaming.apart import (
    Apart,
    Break,
    Tracks,
    Watch,
    come_apart,
    plain_watch,
    slope_break,
    watch,
    weekly_correlation,
    weekly_slopes,
)
from counterfoil.simulate.units import Innocent, lived
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate

LAUNCH = 26


def tracks(seed: int, **how: object) -> Tracks:
    told = lived(seed, **how)  # type: ignore[arg-type]
    return Tracks(
        usage=told.usage,
        outcomes=told.outcomes,
        heads=told.heads,
        registered=told.registered,
        redefined=told.redefined,
    )


def seen(of: Tracks) -> Apart:
    found = come_apart(of, LAUNCH)
    assert isinstance(found, Apart)
    return found


def weeks(seeds: range, **how: object) -> list[float]:
    alarms = [seen(tracks(seed, **how)).watch.alarmed for seed in seeds]
    return [np.inf if alarm is None else alarm - LAUNCH + 1 for alarm in alarms]


@pytest.mark.parametrize(("share", "within"), [(0.05, 12), (0.1, 6), (0.2, 4)])
def test_gaming_is_found_in_time(share: float, within: int) -> None:
    assert np.median(weeks(range(9), gaming=share)) <= within


@pytest.mark.parametrize("innocent", list(Innocent))
def test_what_is_innocent_stays_silent(innocent: Innocent) -> None:
    assert np.isfinite(weeks(range(100, 110), innocent=innocent)).sum() <= 1


def test_two_quiet_years_stay_silent() -> None:
    assert np.isfinite(weeks(range(200, 208), weeks=LAUNCH + 104)).sum() <= 1


def test_it_says_since_when_how_much_and_whether_few_units_carry_it() -> None:
    found = seen(tracks(1, gaming=0.2))
    assert found.watch.since is not None and abs(found.watch.since - LAUNCH) <= 1
    assert isinstance(found.now, Estimate) and isinstance(found.now.high, float)
    assert found.now.high < found.usual.value and found.broad
    quiet = seen(tracks(1))
    assert quiet.broad is None and isinstance(quiet.now, Estimate)
    assert quiet.now.value == pytest.approx(quiet.usual.value, abs=0.05)
    small = [seen(tracks(seed, units=24, gaming=0.2)) for seed in range(6)]
    assert any(one.watch.alarmed for one in small) and {one.broad for one in small} == {None}
    unregistered = seen(tracks(2, innocent=Innocent.EVALS, declared=False))
    assert unregistered.watch.alarmed is not None and unregistered.broad is False


def test_the_slope_is_the_planted_one_and_that_of_a_regression() -> None:
    found = seen(tracks(3))
    assert 0.25 <= found.usual.value <= 0.45
    of = tracks(3)
    x, y = of.logs()
    u, v = x - x[:, :LAUNCH].mean(1, keepdims=True), y - y[:, :LAUNCH].mean(1, keepdims=True)
    w = np.sqrt(of.heads[:, 30])
    design = np.column_stack([np.ones(len(u)), u[:, 30]]) * w[:, None]
    by_hand = np.linalg.lstsq(design, v[:, 30] * w, rcond=None)[0][1]
    assert weekly_slopes(of, LAUNCH).value[30] == pytest.approx(by_hand, abs=0.02)


def test_neither_an_upgrade_nor_one_huge_person_moves_it() -> None:
    of = tracks(4)
    tripled, huge = of.usage.copy(), of.usage.copy()
    tripled[:, LAUNCH:] *= 3
    huge[7, LAUNCH:] *= 10_000
    before = weekly_slopes(of, LAUNCH).value
    assert weekly_slopes(replace(of, usage=tripled), LAUNCH).value == pytest.approx(before)
    assert seen(replace(of, usage=huge)).watch.alarmed is None
    assert weekly_correlation(replace(of, usage=tripled)) == pytest.approx(weekly_correlation(of))


def test_missing_weeks_and_zeros_are_left_out() -> None:
    of = tracks(5, gaming=0.2)
    holes, idle = of.usage.copy(), of.usage.copy()
    holes[:, [5, 11, 30]] = np.nan
    idle[:40] = 0
    assert seen(replace(of, usage=holes)).watch.alarmed is not None
    assert seen(replace(of, usage=idle)).watch.alarmed is not None
    assert np.isnan(seen(replace(of, usage=holes)).slopes.value[30])


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda t: t.part(np.arange(300) < 3), "3 units are too few"),
        (
            lambda t: replace(t, usage=np.full_like(t.usage, 7.0), heads=np.full_like(t.heads, 9.0)),
            "never moved",
        ),
        (lambda t: replace(t, usage=t.usage * 0), "too few units used it"),
        (lambda t: replace(t, usage=np.where(np.arange(52) < 20, np.nan, t.usage)), "weeks are missing"),
        (lambda t: replace(t, usage=np.where(np.arange(52) < 26, t.usage, np.nan)), "no week since"),
        (lambda t: replace(t, outcomes=t.outcomes * 0), "outcomes never went with it"),
    ],
)
def test_it_abstains_with_words(change: object, why: str) -> None:
    found = come_apart(change(tracks(6)), LAUNCH)  # type: ignore[operator]
    assert isinstance(found, Unknown) and why in found.why


def test_a_watch_sums_what_is_worse() -> None:
    found = watch(np.array([0.0, 0.0, 2.75, 2.75, np.nan, 2.75, 2.75]), 0)
    assert (found.since, found.alarmed) == (2, 6)
    assert found.path.tolist() == [0, 0, 2, 4, 4, 6, 8]
    assert watch(np.zeros(9), 0).alarmed is None
    one = watch(np.array([0.0, 50.0, 0.0, 0.0]), 0)
    assert one.alarmed is None and one.path.max() == 2.25


def test_the_plain_form_is_there_to_compare_with() -> None:
    found = plain_watch(tracks(7, gaming=0.2), LAUNCH)
    assert isinstance(found, Watch) and found.alarmed is not None
    assert isinstance(plain_watch(tracks(7), 4), Unknown)


def test_looking_back_a_break_of_slopes_is_where_it_was_planted() -> None:
    found = slope_break(seen(tracks(8, gaming=0.2)).slopes)
    assert isinstance(found, Break) and abs(found.week - LAUNCH) <= 1
    assert isinstance(found.change.high, float) and found.change.high < 0
    assert sum(slope_break(seen(tracks(seed)).slopes) is not None for seed in range(8)) <= 1
    assert isinstance(slope_break(weekly_slopes(tracks(8, weeks=12, launch=8), 8)), Unknown)
