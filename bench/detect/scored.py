"""Fits detectors of people, scores everybody, and lets gamers learn from the answers; needs numpy alone.

Isolation forest and boosted trees join where scikit-learn is installed. Usage: python -m bench.detect.scored
IN.npz OUT.npz, in an environment of its own.
"""

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from bench.detect.naive import NAIVE, Floats, Score

BUDGETS = (0, 10, 1_000)
"""Questions that a gamer may ask the detector about variants of what they do."""
PLAYERS = 120
EFFORT = {
    "jitter": (("spread of gaps",), 0.0),
    "paraphrase": (("share repeated",), 0.0),
    "daytime": (("share at night",), 0.0),
    "weekdays": (("share at weekends", "share on Fridays", "active days"), 0.0),
    "sessions": (("log requests a session",), 0.0),
    "sizes": (
        ("log tokens a request", "share of output", "share read from a cache", "log cost a token"),
        0.2,
    ),
    "turns": (("human turns a request",), 2.0),
    "tools": (("tool calls a request",), 0.0),
    "slowly": (("rise in the second half",), 0.0),
    "works": (("kept works for a million tokens", "share of works not kept", "empty works"), 4.0),
}
"""What a gamer can make look honest, and the hours a week that it takes in full: assumptions."""
CALENDAR = ("active days", "share at weekends", "share on Fridays")
"""On which days: no detector but one looks at them. In the simulated company whoever burns never rests and
everybody else does; that tells them apart better than anything else, and is true of the simulator alone."""
WORTH = 3.0
"""Hours a week that burning in full is worth to them: an assumption."""


def detectors(train: Floats, label: Floats, reference: Floats, place: dict[str, int]) -> Mapping[str, Score]:
    """Every detector that can be had here; higher is more suspicious.

    Shape: train (people, features) with label (people,), of tactics and honest work that were known;
    reference (people, features), everybody.
    """
    kept = [n for name, n in place.items() if name not in CALENDAR]
    inner = {name: n for n, name in enumerate(name for name in place if name not in CALENDAR)}
    found = {name: _of(make(reference[:, kept], inner), kept) for name, make in NAIVE.items()}
    try:
        from sklearn.ensemble import HistGradientBoostingClassifier, IsolationForest
    except ImportError:
        return found
    forest = IsolationForest(n_estimators=60, random_state=0, n_jobs=1).fit(reference[:, kept])
    trees, dated = (
        HistGradientBoostingClassifier(max_iter=100, random_state=0, early_stopping=False) for _ in range(2)
    )
    trees.fit(train[:, kept], label)
    dated.fit(train, label)
    found["isolation forest"] = _of(lambda x: -forest.score_samples(x), kept)
    found["boosted trees"] = _of(trees.decision_function, kept)
    found["boosted trees with the calendar"] = dated.decision_function
    return found


def _of(score: Score, kept: list[int]) -> Score:
    """A detector that looks at some features alone."""
    return lambda x: score(x[:, kept])


def disguised(x: Floats, knobs: Floats, usual: Floats, place: dict[str, int]) -> Floats:
    """What people look like who disguise themselves.

    Shape: x (people, features), knobs (people, efforts + 1), the last one burns less.
    """
    told = x.copy()
    for n, (columns, _) in enumerate(EFFORT.values()):
        for name in columns:
            j = place[name]
            told[:, j] += knobs[:, n] * (usual[j] - told[:, j])
    fewer = -3 * knobs[:, -1]
    for name in ("log tokens", "log requests"):
        told[:, place[name]] += fewer
    told[:, place["kept works for a million tokens"]] -= fewer
    return told


def price(knobs: Floats) -> Floats:
    """Hours a week that a disguise costs, with the burning that is given up for it."""
    hours = knobs[:, :-1] @ np.array([cost for _, cost in EFFORT.values()])
    return hours + WORTH * (1 - np.exp(-3 * knobs[:, -1]))


def adapted(
    score: Score, x: Floats, usual: Floats, lines: Floats, place: dict[str, int]
) -> list[dict[str, Any]]:
    """What is still found of people who may ask the detector so and so often, and what it costs them.

    Shape: lines (2,), the scores from which on it accuses.
    """
    chance = np.random.default_rng(5)
    knobs = chance.random((len(x), len(EFFORT) + 1)) * 0.6
    knobs[:, -1] = 0
    spread = max(float(np.std(score(x))), 1e-9)

    def loss(k: Floats) -> tuple[Floats, Floats]:
        s = score(disguised(x, k, usual, place))
        return 100 * np.maximum(s - lines[0], 0) / spread + price(k), s

    told = [_told(-1, score(x), lines, np.zeros_like(knobs))]
    best, now = loss(knobs)
    for query in range(max(BUDGETS) + 1):
        if query in BUDGETS:
            told.append(_told(query, now, lines, knobs))
        step = chance.normal(0, 0.3, knobs.shape) * (chance.random(knobs.shape) < 0.3)
        tried = np.clip(knobs + step, 0, 1)
        value, s = loss(tried)
        better = value < best
        knobs[better], best[better], now[better] = tried[better], value[better], s[better]
    return told


def _told(query: int, score: Floats, lines: Floats, knobs: Floats) -> dict[str, Any]:
    return {
        "queries": query,
        "found": [float((score >= line).mean()) for line in lines],
        "burn_kept": float(np.exp(-3 * knobs[:, -1]).mean()),
        "hours": float((knobs[:, :-1] @ np.array([cost for _, cost in EFFORT.values()])).mean()),
    }


def scored(given: Mapping[str, Any]) -> dict[str, Any]:
    """Scores of everybody to be judged, by detector; and what adaptive gamers make of each detector.

    Shape: train (n, features), label (n,), reference (m, features), test (p, features), heavy and player (p,)
    flags, names (features,).
    """
    train, reference, test = (
        _whole(given[name], given["reference"]) for name in ("train", "reference", "test")
    )
    place = {str(name): n for n, name in enumerate(given["names"])}
    found: dict[str, Any] = {}
    heavy, players = given["heavy"].astype(bool), np.flatnonzero(given["player"])[:PLAYERS]
    usual = np.median(test[heavy], axis=0)
    for name, score in detectors(train, given["label"], reference, place).items():
        values = np.asarray(score(test), np.float64)
        found[f"score/{name}"] = values
        if len(players) and given["adapt"]:
            lines = np.quantile(values[heavy], [0.99, 0.999])
            found[f"adapted/{name}"] = adapted(score, test[players], usual, lines, place)
    return found


def _whole(x: Floats, reference: Floats) -> Floats:
    """Features without holes: what nobody reports is the same for all."""
    known = np.isfinite(reference).any(axis=0)
    middle = np.zeros(reference.shape[1])
    middle[known] = np.nanmedian(np.where(np.isfinite(reference), reference, np.nan)[:, known], axis=0)
    return np.where(np.isfinite(x), x, middle)


def main(words: list[str]) -> None:
    import json

    import sklearn

    given = dict(np.load(words[0]))
    found = scored(given)
    curves = {name: value for name, value in found.items() if name.startswith("adapted/")}
    arrays = {name: value for name, value in found.items() if name.startswith("score/")}
    versions = {"scikit-learn": sklearn.__version__, "numpy": np.__version__}
    np.savez(words[1], told=json.dumps({"adapted": curves, "versions": versions}), **arrays)


if __name__ == "__main__":
    main(sys.argv[1:])
