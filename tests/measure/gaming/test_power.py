"""What an organisation can find out, told before launch, holds when it is simulated again."""

import numpy as np
import pytest

from counterfoil.measure.gaming.apart import Apart, Tracks, come_apart
from counterfoil.measure.gaming.power import LINE, SHARES, SIZES, UNIT, WATCH, outlook
from counterfoil.simulate.units import lived
from counterfoil.terms.absent import Unknown


def test_larger_organisations_and_more_gaming_are_found_sooner() -> None:
    assert set(WATCH) == {(size, share) for size in SIZES for share in SHARES}
    for share in SHARES:
        found = [WATCH[size, share].found for size in SIZES]
        assert found == sorted(found)
    for size in SIZES:
        found = [WATCH[size, share].found for share in SHARES]
        assert found == sorted(found)


@pytest.mark.parametrize(("people", "share"), [(300, 0.1), (1_000, 0.05), (1_000, 0.2)])
def test_the_table_holds_when_it_is_simulated_again(people: int, share: float) -> None:
    found = 0
    for seed in range(40):
        told = lived(seed, units=round(people / UNIT), gaming=share)
        tracks = Tracks(
            usage=told.usage, outcomes=told.outcomes, heads=told.heads, registered=told.registered
        )
        seen = come_apart(tracks, 26)
        found += isinstance(seen, Apart) and seen.watch.alarmed is not None
    assert abs(found / 40 - WATCH[people, share].found) <= 0.2


@pytest.mark.parametrize(
    ("people", "simulated", "advice"),
    [
        (120, 0, "So few people"),
        (300, 300, "So few people"),
        (1_700, 1_000, "Outcome samples and the list are your first evidence"),
        (2_400, 1_000, "The watch over outcomes is your first evidence"),
        (85_000, 10_000, "The watch over outcomes is your first evidence"),
    ],
)
def test_an_outlook_says_what_can_be_seen(people: int, simulated: int, advice: str) -> None:
    told = outlook(people)
    assert told.simulated == simulated and told.advice.startswith(advice)
    by = {foresight.evidence: foresight for foresight in told.foresights}
    assert isinstance(by["adjacent-bins"].found, Unknown) == (people < 2_000)
    assert ("takes 500 answers" in by["pulse-list"].says) == (people < 834)
    assert by["outcome-sample"].says.startswith("200 works")
    assert isinstance(by["come-apart"].found, Unknown) == (people < 300)
    assert all(np.isfinite(f.found) for f in told.foresights if not isinstance(f.found, Unknown))


def test_the_line_is_told_for_the_next_smaller_size() -> None:
    told = [f.found for f in outlook(2_400).foresights if f.evidence == "adjacent-bins"]
    assert told == [LINE[2_000, 0.1], LINE[2_000, 0.3]]
