"""How soon a number come apart is noticed, and how often one that has not: `python -m bench.detection`."""

import argparse
import json
import statistics
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from counterfoil.measure.gaming.adjacent import adjacent_contrast
from counterfoil.measure.gaming.apart import Apart, Tracks, come_apart, plain_watch
from counterfoil.measure.gaming.power import SHARES, SIZES, UNIT
from counterfoil.measure.gaming.prevalence import Proven, prevalence
from counterfoil.measure.gaming.signs import ALPHA, BUNCHING_FLOOR
from counterfoil.simulate.company.cases import AMAZON, DISNEY, META, NOTHING
from counterfoil.simulate.company.design import Design
from counterfoil.simulate.teams import lived_under
from counterfoil.simulate.units import Innocent, lived
from counterfoil.terms.absent import Unknown

FOLDER = Path(__file__).parents[1] / ".bench"
LAUNCH = 26
HALF_A_YEAR = 26
NEVER = float("inf")
Alarms = tuple[float, float, float]
"""Weeks until the watch alarmed, until it did broadly, until the plain form did; infinite where never."""


def alarmed(seed: int, *, programme: Design | None = None, **how: Any) -> Alarms:
    """Let one organisation live, or a company that gets a programme, and watch it."""
    if programme is None:
        told = lived(seed, launch=LAUNCH, **how)
    else:
        told = lived_under(NOTHING, programme, people=2_600, seed=seed)
    tracks = Tracks(
        usage=told.usage,
        outcomes=told.outcomes,
        heads=told.heads,
        registered=told.registered,
        redefined=told.redefined,
    )
    ours, plain = come_apart(tracks, LAUNCH), plain_watch(tracks, LAUNCH)
    week = NEVER
    if isinstance(ours, Apart) and ours.watch.alarmed is not None:
        week = ours.watch.alarmed - LAUNCH + 1
    return (
        week,
        week if isinstance(ours, Apart) and ours.broad else NEVER,
        NEVER if isinstance(plain, Unknown) or plain.alarmed is None else plain.alarmed - LAUNCH + 1,
    )


def many(seeds: int, **how: Any) -> dict[str, float | None]:
    """Shares that alarmed and the median week, for the watch, for broad alarms and for the plain form."""
    with ProcessPoolExecutor() as pool:
        found = list(pool.map(partial(alarmed, **how), range(70_000, 70_000 + seeds), chunksize=8))
    told: dict[str, float | None] = {}
    for name, weeks in zip(("", "broad_", "plain_"), zip(*found, strict=True), strict=True):
        middle = statistics.median(weeks)
        told[f"{name}found"] = round(sum(w < NEVER for w in weeks) / seeds, 4)
        told[f"{name}weeks"] = None if middle == NEVER else middle
    return told


def suites(seeds: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """What is simulated, with how many seeds: gaming, silence, each innocent event, and worse worlds."""
    for share in SHARES:
        yield f"{share:.0%} game", {"seeds": seeds, "gaming": share}
    yield "nothing, 26 weeks", {"seeds": seeds}
    yield "nothing, 104 weeks", {"seeds": seeds, "weeks": LAUNCH + 104}
    for innocent in Innocent:
        yield innocent.value, {"seeds": seeds, "innocent": innocent}
    for innocent in (Innocent.MIGRATION, Innocent.EVALS, Innocent.CACHE, Innocent.REORGANISATION):
        yield f"{innocent.value}, not declared", {"seeds": seeds, "innocent": innocent, "declared": False}
    for share in SHARES:
        yield f"{share:.0%} game, few outcomes", {"seeds": seeds, "gaming": share, "rate": 0.3}
    yield "nothing, few outcomes", {"seeds": seeds, "rate": 0.3}
    for name, programme in (("no", NOTHING), ("Amazon's", AMAZON), ("Meta's", META), ("Disney's", DISNEY)):
        yield f"company with {name} programme", {"seeds": max(seeds // 4, 2), "programme": programme}


def sizes(seeds: int) -> dict[str, Any]:
    """What organisations of each size find out: the table in measure/gaming/power.py."""
    return {
        f"{people} people, {share:.0%}": many(seeds, units=round(people / UNIT), gaming=share)
        for people in SIZES
        for share in (0.0, *SHARES)
    }


def at_a_line(seeds: int) -> dict[str, float]:
    """How often the contrast at a line speaks, by people and share of near-misses that move."""
    chance, told = np.random.default_rng(7), {}
    for people in (500, BUNCHING_FLOOR, *SIZES):
        for share in (0.0, 0.1, 0.3):
            spoke = 0
            for _ in range(seeds):
                use = chance.poisson(np.exp(chance.normal(np.log(6), 0.9, people)))
                near = (use == 4) & (chance.random(people) < share)
                found = adjacent_contrast(np.bincount(np.where(near, 5, use), minlength=9), 5)
                spoke += not isinstance(found, Unknown) and found.p < ALPHA
            told[f"{people} people, {share:.0%} of near-misses"] = round(spoke / seeds, 3)
    return told


def covered(seeds: int) -> dict[str, float]:
    """How often the interval of a prevalence holds the truth."""
    chance, told = np.random.default_rng(8), {}
    for people, true in ((500, 0.01), (500, 0.03), (500, 0.1), (500, 0.3), (5_000, 0.03), (5_000, 0.1)):
        held = 0
        for _ in range(seeds):
            padded = chance.binomial(people, true)
            picked = chance.binomial(padded, 0.7) + chance.binomial(people - padded, 0.02)
            found = prevalence(
                int(picked),
                people,
                sensitivity=Proven(int(chance.binomial(100, 0.7)), 100),
                specificity=Proven(int(chance.binomial(1000, 0.98)), 1000),
            )
            if (
                not isinstance(found, Unknown)
                and isinstance(found.low, float)
                and isinstance(found.high, float)
            ):
                held += found.low <= true <= found.high
        told[f"{people} people, {true:.0%}"] = round(held / seeds, 3)
    return told


def main(words: list[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args(words)
    seeds = 8 if asked.quick else 200
    told: dict[str, Any] = {"seeds": seeds}
    told["watch"] = {name: many(**how) for name, how in suites(seeds)}
    if not asked.quick:
        told["sizes"] = sizes(100)
    told["line"] = at_a_line(40 if asked.quick else 1_000)
    told["prevalence"] = covered(200 if asked.quick else 4_000)
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "detection.json").write_text(json.dumps(told, indent=1))
    for part in ("watch", "sizes", "line", "prevalence"):
        for name, found in told.get(part, {}).items():
            print(f"{part}: {name}: {found}")


if __name__ == "__main__":
    main(sys.argv[1:])
