"""Judges what is said of causes: how often intervals hold what was planted, and see what was not.

Usage: python -m bench.cause [--quick]
"""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from counterfoil.measure.causal.caused import Study, caused
from counterfoil.measure.causal.panel import NEVER
from counterfoil.measure.causal.randomised import Trial, dealt, intention_to_treat
from counterfoil.terms.cause import Judgement, TreatedBy
from counterfoil.terms.estimate import Estimate

FOLDER = Path(".bench")
STEPS = 24
STARTS = (8, 13, NEVER)


def study(seed: int, *, departments: int, effect: float, drift: float) -> Study:
    """Rates of work undone in three units of each department; some adopt, and what they do drifts away."""
    chance = np.random.default_rng(seed)
    units = 3 * departments
    department = np.arange(units) // 3
    first = chance.choice([8, 10, 13, NEVER], units, p=[0.25, 0.25, 0.2, 0.3])
    level = 0.16 + chance.normal(size=(units, 1)) * 0.03
    luck = chance.normal(size=(departments, STEPS))[department] * 0.012
    given = np.arange(STEPS)[None, :] >= first[:, None]
    apart = drift * np.arange(STEPS) * (first < NEVER)[:, None]
    work = chance.poisson(chance.integers(7, 13, (units, 1)) * 3, (units, STEPS))
    share = np.clip(level + luck + effect * given + apart, 0.01, 0.9)
    rate = chance.binomial(work, share) / np.maximum(work, 1)
    none = np.zeros(units, np.bool_)
    return Study(outcomes={"undone": rate}, first=first, department=department, pilot=none, small=none)


def trial(seed: int, *, units: int, effect: float) -> Trial:
    """The same rates in units that chance gave it."""
    chance = np.random.default_rng(seed)
    stratum = np.arange(units) // 6
    wave = dealt(chance.random(units), chance.integers(3, size=int(stratum.max()) + 1), stratum, 3)
    given = np.arange(STEPS)[None, :] >= np.array(STARTS)[wave][:, None]
    level = 0.16 + chance.normal(size=(units, 1)) * 0.03
    work = chance.poisson(chance.integers(7, 13, (units, 1)) * 3, (units, STEPS))
    share = np.clip(level + effect * given, 0.01, 0.9)
    rate = chance.binomial(work, share) / np.maximum(work, 1)
    return Trial(outcome=rate, exposure=given * 0.6, wave=wave, stratum=stratum, starts=STARTS)


def holds(found: object, truth: float) -> bool:
    """Whether an interval holds what was planted."""
    if not isinstance(found, Estimate) or not isinstance(found.low, float):
        return False
    return isinstance(found.high, float) and found.low <= truth <= found.high


def judged(count: int, *, departments: int, effect: float = 0.0, drift: float = 0.0) -> dict[str, Any]:
    """Verdicts over so many invented companies."""
    verdicts: Counter[str] = Counter()
    for seed in range(count):
        made = study(seed, departments=departments, effect=effect, drift=drift)
        (one,) = caused(made, treated_by=TreatedBy.USE, draws=199).outcomes
        verdicts[one.judgement] += 1
        verdicts["held"] += holds(one.effect, effect)
    share = {name: verdicts[name] / count for name in (*Judgement, "held")}
    return {"departments": departments, "effect": effect, "drift": drift, **share}


def dealt_anew(count: int, *, units: int, effect: float) -> dict[str, Any]:
    """The same of rollouts that chance decided."""
    found = [
        intention_to_treat(trial(n, units=units, effect=effect), draws=399, seed=n) for n in range(count)
    ]
    return {
        "units": units,
        "effect": effect,
        "seen": sum(one.chance <= 0.05 for one in found) / count,
        "held": sum(holds(one.effect, effect) for one in found) / count,
    }


def main(words: list[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    count = 5 if parser.parse_args(words).quick else 200
    told = {
        "staggered": [
            judged(count, departments=departments, effect=effect, drift=drift)
            for departments in (12, 20, 40)
            for effect, drift in ((0.0, 0.0), (0.03, 0.0), (0.07, 0.0), (0.0, 0.003), (0.0, 0.01))
        ],
        "dealt": [
            dealt_anew(count, units=units, effect=effect)
            for units in (12, 24, 48)
            for effect in (0.0, 0.01, 0.03)
        ],
    }
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "cause.json").write_text(json.dumps(told, indent=1))
    for row in told["staggered"]:
        says = ", ".join(f"{name} {row[name]:.0%}" for name in (*Judgement, "held"))
        print(f"{row['departments']} departments, effect {row['effect']}, drift {row['drift']}: {says}")
    for row in told["dealt"]:
        print(
            f"{row['units']} units dealt, effect {row['effect']}: "
            f"seen {row['seen']:.0%}, held {row['held']:.0%}"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
