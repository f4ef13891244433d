"""The verdict in words: what it says, what it points at, and where it abstains."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date, timedelta

import numpy as np
import pytest

from counterfoil.measure.gaming.audit import audited
from counterfoil.measure.gaming.panel import Aimed, Panel, Running
from counterfoil.simulate.units import Innocent, lived
from counterfoil.terms import audit as nouns
from counterfoil.terms.absent import Unknown
from counterfoil.terms.audit import Audit, Variant, Verdict
from counterfoil.terms.metric import Level

LAUNCHED = date(2026, 7, 27)
WEEKS = tuple(LAUNCHED + timedelta(weeks=n) for n in range(-26, 26))
LINE = Aimed(level=Level.PERSON, threshold=5.0)
SHARE = Aimed(level=Level.TEAM, threshold=0.8)


def panel(seed: int = 1, *, people: int = 3_600, **how: object) -> Panel:
    told = lived(seed, **how)  # type: ignore[arg-type]
    return Panel(
        metric="tokens",
        weeks=WEEKS,
        usage=told.usage,
        outcomes=told.outcomes,
        heads=told.heads,
        registered=told.registered,
        redefined=tuple(WEEKS[week] for week in told.redefined),
        people=people,
        launched=LAUNCHED,
    )


def running(moved: float, *, people: int = 3_600, seed: int = 3) -> Running:
    chance = np.random.default_rng(seed)
    use = chance.poisson(np.exp(chance.normal(np.log(6), 0.9, people)))
    use[(use == 4) & (chance.random(people) < moved)] = 5
    return Running(values=np.arange(30.0), counts=np.bincount(use, minlength=30)[:30])


def says(of: Panel) -> Audit:
    told = audited(of)
    assert told.says.startswith("tokens: ") and told.verdict.value in told.says
    return told


def test_a_quiet_number_shows_no_sign() -> None:
    told = says(replace(panel(), target=LINE, running=running(0.0)))
    assert told.verdict == Verdict.NO_SIGN
    assert [sign.test for sign in told.signs] == ["come-apart", "adjacent-bins", "excess-mass"]
    assert isinstance(told.since, Unknown) and not told.levers


def test_a_number_that_answers_its_line_is_said_to_and_what_to_change() -> None:
    told = says(replace(panel(), target=LINE, running=running(0.4)))
    assert told.verdict == Verdict.RESPONDS and told.variant == Variant.ADVERSARIAL
    assert told.levers[0].rule == "AP201"


def test_bunching_is_not_harm() -> None:
    better = panel()
    better = replace(better, outcomes=np.where(np.arange(52) >= 26, 1.25, 1.0) * better.outcomes)
    told = says(replace(better, target=LINE, running=running(0.4)))
    assert told.verdict == Verdict.IMPROVED
    again = says(replace(better, target=LINE, running=running(0.4), redefined=(LAUNCHED,)))
    assert again.verdict == Verdict.RESPONDS


def test_a_line_that_was_liked_before_the_launch_is_no_sign() -> None:
    liked = replace(running(0.4), before=running(0.4, seed=4).counts)
    assert says(replace(panel(), target=LINE, running=liked)).verdict == Verdict.NO_SIGN


def test_a_continuous_measure_is_tested_for_a_jump() -> None:
    chance = np.random.default_rng(5)
    use = chance.normal(0, 1, 3_600)
    use[(use < 0) & (use > -0.3) & (chance.random(3_600) < 0.4)] *= -0.1
    values = Running(
        values=np.arange(-30, 31) / 10, counts=np.histogram(use, np.arange(-30.5, 31) / 10)[0], finely=use
    )
    told = says(replace(panel(), target=replace(LINE, threshold=0.0), running=values))
    assert told.signs[1].test == "density-jump" and told.signs[1].fires is True
    assert told.verdict == Verdict.RESPONDS


@pytest.mark.parametrize(
    ("how", "variant", "rule"),
    [
        ({"target": LINE}, Variant.ADVERSARIAL, "AP201"),
        ({"target": SHARE}, Variant.ADVERSARIAL, "AP101"),
        ({"shown": True}, Variant.ADVERSARIAL, "AP302"),
        ({}, Variant.CAUSAL, "AP102"),
    ],
)
def test_a_number_that_came_apart_says_since_when_and_why(
    how: dict[str, object], variant: Variant, rule: str
) -> None:
    told = says(replace(panel(2, gaming=0.2), **how))  # type: ignore[arg-type]
    assert told.verdict == Verdict.APART and told.since == LAUNCHED
    assert told.says == "tokens: has come apart from outcomes since week 31 of 2026"
    assert told.variant == variant
    assert told.levers[0].rule == rule


def test_work_that_nobody_registered_is_said_to_look_like_it() -> None:
    told = says(panel(2, innocent=Innocent.EVALS, declared=False))
    assert told.verdict == Verdict.APART and "registered" in told.says
    assert told.levers[0].rule == "AP604"
    kept = np.ones((300, 52))
    again = says(replace(panel(2, innocent=Innocent.EVALS, declared=False), registered=kept, shown=True))
    assert [lever.rule for lever in again.levers] == ["AP302", "AP102", "AP604"]
    assert says(panel(2, innocent=Innocent.EVALS)).verdict == Verdict.NO_SIGN


def test_a_relation_that_fails_only_where_the_number_never_was_is_extremal() -> None:
    quiet = panel(3)
    chance = np.random.default_rng(1)
    pushed = chance.random((300, 1)) < 0.35
    later = np.arange(52) >= 26
    usage = np.where(pushed & later, quiet.usage * 60 * np.exp(chance.normal(0, 0.5, (300, 1))), quiet.usage)
    assert says(replace(quiet, usage=usage, shown=True)).variant == Variant.EXTREMAL


def test_units_and_days_speak_for_their_own_levers() -> None:
    chance = np.random.default_rng(7)
    members = np.repeat(chance.integers(6, 20, (300, 1)), 52, axis=1)
    met = chance.binomial(members, 0.75)
    needed = np.ceil(0.8 * members).astype(np.int64)
    heaped = np.where((met == needed - 1) & (chance.random(met.shape) < 0.5), needed, met)
    told = says(replace(panel(), target=SHARE, met=heaped, members=members))
    assert told.levers[0].rule == "AP202"
    by_day = chance.multinomial(3_000, [1 / 7] * 7, 52)
    assert says(replace(panel(), target=SHARE, by_day=by_day)).verdict == Verdict.NO_SIGN
    by_day[26:, -1] += 400
    told = says(replace(panel(), target=SHARE, by_day=by_day, met=met, members=members))
    assert told.verdict == Verdict.RESPONDS
    assert told.levers[0].rule == "AP203"


def cut(of: Panel, units: int) -> Panel:
    return replace(
        of,
        usage=of.usage[:units],
        outcomes=of.outcomes[:units],
        heads=of.heads[:units],
        registered=None,
        people=max(60, 13 * units),
    )


def huge(of: Panel) -> Panel:
    usage = of.usage.copy()
    usage[11, 26:] *= 1e6
    return replace(of, usage=usage)


def with_holes(of: Panel) -> Panel:
    kept = [n for n in range(52) if n not in {3, 4, 29, 40}]
    return replace(
        of,
        weeks=tuple(WEEKS[n] for n in kept),
        usage=of.usage[:, kept],
        outcomes=of.outcomes[:, kept],
        heads=of.heads[:, kept],
        registered=None,
    )


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda p: cut(p, 3), "3 units are too few"),
        (lambda p: replace(p, people=49), "49 people are too few"),
        (
            lambda p: replace(p, usage=np.full_like(p.usage, 3.0), heads=np.full_like(p.heads, 9.0)),
            "never moved",
        ),
        (lambda p: replace(p, usage=np.zeros_like(p.usage)), "too few units used it"),
        (lambda p: replace(p, usage=np.where(np.arange(52) < 22, np.nan, p.usage)), "weeks are missing"),
        (lambda p: replace(p, weeks=WEEKS[:9]), "do not fit"),
    ],
)
def test_it_cant_tell_and_says_why(change: Callable[[Panel], Panel], why: str) -> None:
    told = says(change(panel()))
    assert told.verdict == Verdict.CANT_TELL and why in told.says
    assert "can't tell, because" in told.says


def test_a_number_that_never_went_with_outcomes_is_noise_from_the_beginning() -> None:
    noise = np.random.default_rng(2).permuted(panel().outcomes, axis=0)
    told = says(replace(panel(), outcomes=noise))
    assert told.verdict == Verdict.CANT_TELL and told.variant == Variant.REGRESSIONAL


def test_one_huge_person_missing_weeks_and_zeros_change_no_verdict() -> None:
    idle = panel()
    idle.usage[:30] = 0
    for quiet in (huge(panel()), with_holes(panel()), idle):
        assert says(quiet).verdict == Verdict.NO_SIGN
    apart = says(with_holes(panel(2, gaming=0.2)))
    assert apart.verdict == Verdict.APART and apart.since == LAUNCHED


def test_below_two_thousand_people_a_line_gets_an_interval_and_no_verdict() -> None:
    told = says(replace(panel(), people=1_999, target=LINE, running=running(0.4)))
    assert told.verdict == Verdict.NO_SIGN
    assert isinstance(told.signs[1].fires, Unknown) and not isinstance(told.signs[1].estimate, Unknown)
    outside = replace(panel(), target=replace(LINE, threshold=400.0), running=running(0.4))
    assert [isinstance(sign.fires, Unknown) for sign in says(outside).signs] == [False, True, True]


def test_nothing_that_is_said_has_a_place_for_a_person() -> None:
    named = {f.name for noun in (nouns.Audit, nouns.Sign, nouns.Lever) for f in fields(noun)}
    assert not named & {"person", "who", "unit", "units", "pseudonym", "name", "rank", "score"}


def test_each_variant_is_said_in_words() -> None:
    assert len({variant.says for variant in Variant}) == len(Variant) == 4
