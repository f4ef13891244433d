"""Judges detectors of people: on seen and unseen tactics, unseen honest work, and gamers that adapt."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.detect.features import NAMES, features
from bench.detect.rows import Lives, lives
from bench.detect.scored import scored
from counterfoil.measure.gaming.prevalence import FLOOR, Proven, prevalence
from counterfoil.measure.interval import wilson
from counterfoil.simulate.company.cases import AMAZON, DISNEY, META
from counterfoil.simulate.company.days import person_days
from counterfoil.simulate.company.people import Workload, invent
from counterfoil.terms.absent import Unknown

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
PEERS = ("scikit-learn==1.7.2", "numpy==2.4.6")
RATES = (1e-2, 1e-3, 1e-4)
WEEKS = 4
SEEN_TACTICS = {"idle-loop", "burner", "rereading", "padded-context", "discarded", "parallel"}
"""Those that trees are trained on; the other ways of burning are new to them."""
SEEN_WORK = {
    Workload.ORDINARY,
    Workload.EVALUATION,
    Workload.PIPELINE,
    Workload.EXPLORATION,
    Workload.LEARNER,
    Workload.BEST_OF_N,
}
"""Honest work that trees are trained on; migrations, runaways, odd hours, large contexts are new to them."""
DRAWS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """People of some organisations, with what is true of them.

    Shape: x (people, features), the others (people,).
    """

    x: NDArray[np.float32]
    org: NDArray[np.int64]
    burns: Flags
    pads: Flags
    honest: Flags
    heavy: Flags
    """The tenth of honest people with the most tokens, in each organisation."""
    seen_tactic: Flags
    """Whether what they do, where they game, is what trees are trained on."""
    workload: NDArray[np.int64]
    part_time: Flags

    @property
    def seen_work(self) -> Flags:
        """Whether what they honestly do is what trees are trained on."""
        return np.isin(self.workload, [int(w) for w in SEEN_WORK])

    def part(self, some: Flags) -> "Crowd":
        """Some of them."""
        return Crowd(**{name: getattr(self, name)[some] for name in Crowd.__slots__})


def crowd_of(of: Lives, org: int, seen: Collection[str] = frozenset(SEEN_TACTICS)) -> Crowd:
    """One organisation's people who used anything at all."""
    x = features(of)
    uses = x[:, 0] > 0
    honest = of.honest & uses
    line = np.quantile(x[honest, 0], 0.9) if honest.any() else np.inf
    whole = Crowd(
        x=x,
        org=np.full(len(x), org),
        burns=of.burns,
        pads=of.pads,
        honest=honest,
        heavy=honest & (x[:, 0] >= line),
        seen_tactic=np.isin(of.tactic, [n for n, name in enumerate(of.tactics) if name in seen]),
        workload=of.workload,
        part_time=of.part_time,
    )
    return whole.part(uses)


def one(job: tuple[int, int, bool]) -> Crowd:
    """One invented organisation: those to learn from live like Amazon's, the others like one of three."""
    seed, people, learning = job
    design = AMAZON if learning else (AMAZON, META, DISNEY)[seed % 3]
    who = invent(people, seed=seed, weeks=WEEKS)
    days = person_days(who, design, days=7 * WEEKS, seed=seed)
    return crowd_of(lives(who, days, seed=seed), seed)


def together(crowds: Iterable[Crowd]) -> Crowd:
    """Several as one."""
    held = list(crowds)
    return Crowd(**{n: np.concatenate([getattr(c, n) for c in held]) for n in Crowd.__slots__})


def judged(
    run: Callable[..., Iterable[Any]], *, people: int, learn: int, test: int, peers: bool
) -> dict[str, Any]:
    """Every figure about detectors of people."""
    jobs = [(81_000 + n, people, True) for n in range(learn)]
    jobs += [(82_000 + n, people, False) for n in range(test)]
    crowds = list(run(one, jobs))
    known, unknown = together(crowds[:learn]), together(crowds[learn:])
    return judged_crowds(known, unknown, peers=peers)


def judged_crowds(known: Crowd, unknown: Crowd, *, peers: bool, adapt: bool = True) -> dict[str, Any]:
    """The same of people that are there."""
    fit = (known.honest & known.seen_work) | (known.burns & known.seen_tactic)
    given = {
        "train": known.x[fit],
        "label": known.burns[fit].astype(int),
        "reference": known.x[known.honest | known.burns | known.pads],
        "test": unknown.x,
        "heavy": unknown.heavy,
        "player": unknown.burns & unknown.seen_tactic,
        "names": np.array(NAMES),
        "adapt": np.array(adapt),
    }
    scores, told = _scored(given, peers=peers)
    found: dict[str, Any] = {
        "organisations": len(np.unique(unknown.org)),
        "people": len(unknown.x),
        "honest": int(unknown.honest.sum()),
        "heavy": int(unknown.heavy.sum()),
        "burners_seen": int((unknown.burns & unknown.seen_tactic).sum()),
        "burners_unseen": int((unknown.burns & ~unknown.seen_tactic).sum()),
        "padders": int(unknown.pads.sum()),
        "versions": told["versions"],
        "adapted": {name.removeprefix("adapted/"): curve for name, curve in told["adapted"].items()},
    }
    found["detectors"] = {name: _figures(score, unknown) for name, score in scores.items()}
    for name in found["detectors"]:
        if name.startswith("boosted"):
            found["detectors"][name]["off"] = {
                "seen tactics": _off(scores[name], unknown, unknown.burns & unknown.seen_tactic),
                "unseen tactics": _off(scores[name], unknown, unknown.burns & ~unknown.seen_tactic),
            }
    return found


def _scored(given: Mapping[str, Any], *, peers: bool) -> tuple[dict[str, Floats], dict[str, Any]]:
    """Scores by detector, and the rest of what the judge's environment told."""
    if not peers:
        found = scored(given)
        told = {"adapted": {n: v for n, v in found.items() if n.startswith("adapted/")}, "versions": {}}
        arrays = found
    else:
        python = environment()
        with tempfile.TemporaryDirectory() as made:
            path, out = Path(made) / "in.npz", Path(made) / "out.npz"
            np.savez(path, **given)
            here = Path(__file__).parents[2]
            quiet = {**os.environ, **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")}
            subprocess.run(
                [str(python), "-m", "bench.detect.scored", str(path), str(out)],
                check=True,
                cwd=here,
                env=quiet,
            )
            arrays = dict(np.load(out))
            told = json.loads(str(arrays["told"]))
    return {n.removeprefix("score/"): v for n, v in arrays.items() if n.startswith("score/")}, told


def environment() -> Path:
    """The Python of an environment with scikit-learn and nothing of ours, made where it is missing."""
    folder = Path(__file__).parents[2] / ".bench" / "detectors"
    python = folder / "bin" / "python"
    if not (folder / "made").exists():
        uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
        subprocess.run([uv, "venv", "-q", "--clear", "--python", sys.executable, str(folder)], check=True)
        subprocess.run([uv, "pip", "install", "-q", "--python", str(python), *PEERS], check=True)
        (folder / "made").write_text("\n".join(PEERS))
    return python


def _figures(score: Floats, c: Crowd) -> dict[str, Any]:
    """Everything about one detector."""
    suites = {
        "seen tactics": c.burns & c.seen_tactic,
        "unseen tactics": c.burns & ~c.seen_tactic,
        "quiet burning": c.burns & (c.x[:, 0] < np.median(c.x[c.heavy, 0])) if c.heavy.any() else c.burns,
        "padding": c.pads,
    }
    recall = {
        suite: [_recall(score, some, c.heavy, c.org, rate) for rate in RATES]
        for suite, some in suites.items()
    }
    return {
        "recall": recall,
        "auc": {suite: _auc(score[some], score[c.honest]) for suite, some in suites.items()},
        "unseen_work": _unseen_work(score, c),
        "worst": _worst(score, c),
        "ppv": {suite: _ppv(score, suites[suite], c) for suite in ("seen tactics", "unseen tactics")},
        "prevalence": _prevalence(score, c),
    }


def _line(scores: Floats, rate: float) -> float:
    """The score from which on a share of people is accused."""
    return float(np.quantile(scores, 1 - rate, method="higher")) if len(scores) else np.inf


def _recall(score: Floats, some: Flags, heavy: Flags, org: NDArray[np.int64], rate: float) -> list[float]:
    """What is found at a rate of false accusations of heavy honest people, and its interval."""
    if not some.any() or heavy.sum() * rate < 1:
        return []
    value = float((score[some] > _line(score[heavy], rate)).mean())
    orgs, chance = np.unique(org), np.random.default_rng(3)
    parts = [(score[some & (org == o)], score[heavy & (org == o)]) for o in orgs]
    drawn = []
    for _ in range(DRAWS if len(orgs) > 1 else 0):
        picked = [parts[n] for n in chance.integers(0, len(parts), len(parts))]
        line = _line(np.concatenate([h for _, h in picked]), rate)
        found = np.concatenate([s for s, _ in picked])
        drawn.append(float((found > line).mean()) if len(found) else value)
    whole = wilson(round(value * int(some.sum())), int(some.sum()))
    low, high = np.quantile(drawn, [0.025, 0.975]) if drawn else whole
    return [round(float(v), 4) for v in (value, min(low, value), max(high, value))]


def _off(score: Floats, c: Crowd, yes: Flags) -> dict[str, float]:
    """How far probabilities lie off what is true: on average over everybody, and over those above a half.

    Source: expected calibration error over ten bins, Naeini, Cooper and Hauskrecht (2015), AAAI.
    """
    some = c.honest | yes
    said, true = 1 / (1 + np.exp(-score[some])), yes[some]
    bins = np.minimum((said * 10).astype(int), 9)
    off = sum(abs(float(said[bins == n].sum() - true[bins == n].sum())) for n in range(10)) / len(said)
    high = said > 0.5
    return {
        "everybody": round(off, 4),
        "above a half, said": round(float(said[high].mean()), 3) if high.any() else 0.0,
        "above a half, true": round(float(true[high].mean()), 3) if high.any() else 0.0,
    }


def _auc(yes: Floats, no: Floats) -> float:
    ordered = np.sort(no)
    below = np.searchsorted(ordered, yes, side="left") + np.searchsorted(ordered, yes, side="right")
    return round(float(below.mean() / (2 * len(no))), 3) if len(yes) else -1.0


def _unseen_work(score: Floats, c: Crowd) -> dict[str, float]:
    """False accusations of unseen honest work, at a line that accuses one in a hundred of the seen."""
    line = _line(score[c.heavy & c.seen_work], 1e-2)
    if c.seen_work.all():
        return {}
    found = {"all of it": float((score[c.heavy & ~c.seen_work] > line).mean())}
    for work in Workload:
        some = c.honest & (c.workload == work)
        if work not in SEEN_WORK and some.sum() >= 50:
            found[work.name.lower().replace("_", " ")] = float((score[some] > line).mean())
    return {name: round(value, 4) for name, value in found.items()}


def _worst(score: Floats, c: Crowd) -> dict[str, Any]:
    """The group of honest people that is accused most, where one in a hundred honest people is."""
    line = _line(score[c.honest], 1e-2)
    groups = {w.name.lower().replace("_", " "): c.workload == w for w in Workload} | {
        "part-time": c.part_time
    }
    rates = {
        name: float((score[some & c.honest] > line).mean())
        for name, some in groups.items()
        if (some & c.honest).sum() >= 50
    }
    if not rates:
        return {}
    worst = max(rates, key=lambda name: rates[name])
    automated = np.isin(c.workload, [1, 2, 3, 7, 8])
    accused = c.honest & (score > line)
    return {
        "group": worst,
        "rate": round(rates[worst], 4),
        "part_time": round(rates.get("part-time", 0.0), 4),
        "automation": round(float((automated & accused).sum() / max(accused.sum(), 1)), 3),
    }


def _ppv(score: Floats, some: Flags, c: Crowd) -> dict[str, list[float]]:
    """Of those accused, the share that burns, where 1, 3 and 10 % do; at one in a hundred of the honest."""
    if not some.any():
        return {}
    orgs, chance = np.unique(c.org), np.random.default_rng(4)
    line = _line(score[c.honest], 1e-2)
    sides = some, c.honest
    picked = np.array([[(score[x & (c.org == o)] > line).sum() for x in sides] for o in orgs], np.float64)
    of = np.array([[(x & (c.org == o)).sum() for x in sides] for o in orgs], np.float64)

    def ppv(which: NDArray[np.int64], share: float) -> float:
        found, wrong = picked[which].sum(axis=0) / np.maximum(of[which].sum(axis=0), 1)
        return float(share * found / max(share * found + (1 - share) * wrong, 1e-12))

    everybody, drawn = np.arange(len(orgs)), chance.integers(0, len(orgs), (DRAWS, len(orgs)))
    told = {}
    for share in (0.01, 0.03, 0.1):
        low, high = np.quantile([ppv(which, share) for which in drawn], [0.025, 0.975])
        told[f"{share:.0%}"] = [round(float(v), 3) for v in (ppv(everybody, share), low, high)]
    return told


def _prevalence(score: Floats, c: Crowd) -> dict[str, dict[str, float]]:
    """How a corrected share does in cohorts, where tactics and work are known, and where either is not.

    The line accuses one in fifty of honest people whose work is known; the screen is proven on 200 planted
    and 2,000 honest ones of that kind. In the last mix one honest person in five does work that is new.
    """
    chance = np.random.default_rng(6)
    usual, strange = c.honest & c.seen_work, c.honest & ~c.seen_work
    line = _line(score[usual], 2e-2)
    hit = {
        "known": _hits(score, c.burns & c.seen_tactic, line),
        "new": _hits(score, c.burns & ~c.seen_tactic, line),
    }
    wrong, strangely = _hits(score, usual, line), _hits(score, strange, line)
    told = {}
    for mix, yes, no in (
        ("tactics and work as proven", hit["known"], wrong),
        ("new tactics", hit["new"], wrong),
        ("new work", hit["known"], 0.8 * wrong + 0.2 * strangely),
    ):
        for people in (FLOOR, 5_000):
            told[f"{mix}, {people:,} people"] = _cohorts(chance, people, yes, no, hit["known"], wrong)
    return told


def _hits(score: Floats, some: Flags, line: float) -> float:
    return float((score[some] > line).mean()) if some.any() else 0.0


def _cohorts(
    chance: np.random.Generator, people: int, yes: float, no: float, proven_yes: float, proven_no: float
) -> dict[str, float]:
    held, below, off, spoke = 0, 0, [], 0
    for n in range(400):
        true = (0.01, 0.03, 0.1, 0.3)[n % 4]
        burning = int(chance.binomial(people, true))
        found = prevalence(
            int(chance.binomial(burning, yes) + chance.binomial(people - burning, no)),
            people,
            sensitivity=Proven(int(chance.binomial(200, proven_yes)), 200),
            specificity=Proven(2_000 - int(chance.binomial(2_000, proven_no)), 2_000),
        )
        if isinstance(found, Unknown) or not isinstance(found.low, float):
            continue
        spoke += 1
        held += found.low <= true <= (found.high if isinstance(found.high, float) else 1.0)
        below += found.low <= true
        off.append(abs(found.value - true))
    return {
        "spoke": spoke / 400,
        "covered": round(held / max(spoke, 1), 3),
        "bound_holds": round(below / max(spoke, 1), 3),
        "error": round(float(np.median(off)), 4) if off else -1.0,
    }
