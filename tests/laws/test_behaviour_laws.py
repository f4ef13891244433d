"""What a programme does to gaming has a direction, whatever else it says."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.simulate.company.design import Design
from counterfoil.simulate.company.parameters import FITTED
from counterfoil.simulate.company.people import invent
from counterfoil.simulate.company.settled import Settled, settle

PEOPLE = invent(300, seed=3, weeks=0)
ROUNDING = 1e-5
"""Single precision, summed over people."""
shares = st.floats(0, 1, width=32)
designs = st.builds(
    Design,
    target=st.sampled_from([0.0, 0.25, 1.0, 5.0, 25.0]),
    visibility=shares,
    ranked=st.sampled_from([0.0, 1.0]),
    review_link=shares,
    credibility=shares,
    managers_look=shares,
    outcome_paired=shares,
    transparency=shares,
    clarity=shares,
)


def lived(design: Design) -> Settled:
    return settle(PEOPLE, design, FITTED)


def rises(lever: str, design: Design, one: float, other: float) -> None:
    low, high = sorted((one, other))
    less, more = (lived(replace(design, **{lever: value})).gaming for value in (low, high))
    assert less <= more + ROUNDING


@settings(max_examples=60)
@given(designs, st.sampled_from(["visibility", "review_link", "managers_look", "ranked"]), shares, shares)
def test_gaming_rises_with_what_presses(design: Design, lever: str, one: float, other: float) -> None:
    rises(lever, design, one, other)


@settings(max_examples=60)
@given(designs, st.sampled_from([0.0, 1.0, 5.0, 25.0, 80.0]), st.sampled_from([0.0, 1.0, 5.0, 25.0, 80.0]))
def test_gaming_rises_with_the_target(design: Design, one: float, other: float) -> None:
    rises("target", design, one, other)


@settings(max_examples=60)
@given(designs, st.sampled_from(["credibility", "outcome_paired", "clarity", "transparency"]), shares, shares)
def test_gaming_falls_with_what_relieves(design: Design, lever: str, one: float, other: float) -> None:
    low, high = sorted((one, other))
    less, more = (lived(replace(design, **{lever: value})).gaming for value in (high, low))
    assert less <= more + ROUNDING


@settings(max_examples=30)
@given(designs, shares, shares)
def test_a_denial_that_nobody_believes_does_nothing_when_managers_look(
    design: Design, one: float, other: float
) -> None:
    seen = replace(design, managers_look=1.0, credibility=0.0)
    assert lived(replace(seen, review_link=one)) == lived(replace(seen, review_link=other))


@settings(max_examples=30)
@given(designs)
def test_a_denial_that_everybody_believes_is_as_good_as_one_that_code_holds(design: Design) -> None:
    believed = replace(design, review_link=0.0, credibility=1.0)
    hidden = replace(design, review_link=0.0, managers_look=0.0)
    assert lived(believed) == lived(hidden)


@settings(max_examples=60)
@given(designs)
def test_shares_are_shares(design: Design) -> None:
    s = lived(design)
    parts = (s.honest_use, s.padding, s.tokenmaxxing, s.quiet_resistance)
    assert all(-ROUNDING <= part <= 1 + ROUNDING for part in (*parts, s.weekly_active, s.gamed_share))
    assert sum(parts) <= 1 + ROUNDING
    assert s.weekly_active >= s.gaming - ROUNDING
