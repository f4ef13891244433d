"""Replays what was published of the four-hour target and of New York's Regents examinations."""

from datetime import date, timedelta
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from counterfoil.measure.gaming.adjacent import adjacent_contrast
from counterfoil.measure.gaming.audit import audited
from counterfoil.measure.gaming.excess import ORDER as SHIPPED
from counterfoil.measure.gaming.excess import excess_mass
from counterfoil.measure.gaming.jump import density_jump
from counterfoil.measure.gaming.panel import Aimed, Panel, Running
from counterfoil.measure.gaming.signs import ALPHA
from counterfoil.terms.absent import Unknown
from counterfoil.terms.metric import Level

Floats = NDArray[np.float64]
WITHIN, LAST = (0.839, 0.963), (0.047, 0.084)
"""Shares of visits within four hours, and ending in the last 20 minutes before them, in 2003 and 2006.

Source: Mason, Weber, Coster, Freeman and Locker (2012), Annals of Emergency Medicine 60, 699-706: 735,588
visits; abstract.
"""
NEAR_MISSES, ALL_SCORES, AFTER_REFORM = 0.40, 0.06, 0.80
"""Of scores just below the line, the share that was raised; of all scores; by how much less once re-scoring
was forbidden, and nothing was left once others graded.

Source: Dee, Dobbie, Jacob and Rockoff (2019), AEJ: Applied Economics 11, 382-423; abstract.
"""
AT_THE_LINE = 0.75
"""Of raised scores, those that stand on the line itself, the others one point above it: an assumption."""
ORDER = 7
"""Of the polynomial here: over so many bins a bell curve is too round for the fourth order of audits."""
LINE, STEP, LONGEST = 240.0, 10.0, 480.0


def visits(chance: np.random.Generator, count: int, year: int) -> Floats:
    """Minutes of visits with the published shares; between them, as smooth as a lognormal is.

    The first year's curve has both shares by itself. In the last year those beyond the line came down, to the
    last 20 minutes as many as were counted there, and earlier the others.
    """
    normal = NormalDist()
    far, near = normal.inv_cdf(WITHIN[0]), normal.inv_cdf(WITHIN[0] - LAST[0])
    spread = np.log(LINE / (LINE - 20)) / (far - near)
    minutes = np.exp(np.log(LINE) - far * spread + spread * chance.standard_normal(count))
    if year == 0:
        return minutes
    late = np.flatnonzero(minutes >= LINE)
    came = late[chance.random(len(late)) < (WITHIN[1] - WITHIN[0]) / (1 - WITHIN[0])]
    last = chance.random(len(came)) < (LAST[1] - LAST[0]) / (WITHIN[1] - WITHIN[0])
    minutes[came[last]] = LINE - 20 * chance.random(int(last.sum()))
    early = minutes[(minutes < LINE - 20)]
    minutes[came[~last]] = chance.choice(early, int((~last).sum()))
    return minutes


def emergency(seeds: int, count: int) -> dict[str, Any]:
    """What the tests say of each year: whether the density jumps at four hours, how many stand before it."""
    chance, told = np.random.default_rng(9), {}
    for place, year in enumerate((2003, 2006)):
        spoke, excess, held, last = 0, [], 0, []
        planted = (0.0, LAST[1] - LAST[0])[place]
        for _ in range(seeds):
            minutes = visits(chance, count, place)
            last.append(float(((minutes >= LINE - 20) & (minutes < LINE)).mean()))
            found = density_jump(-minutes, -LINE)
            spoke += not isinstance(found, Unknown) and found.t > 0 and found.p < 2 * ALPHA
            share, low, high = _before(minutes)
            excess.append(share)
            held += low <= planted <= high
        told[str(year)] = {
            "last_20_minutes": round(float(np.mean(last)), 4),
            "published": LAST[place],
            "spoke": spoke / seeds,
            "excess": round(float(np.mean(excess)), 4),
            "planted": round(planted, 4),
            "covered": held / seeds,
            "seeds": seeds,
        }
    return told


def _before(minutes: Floats) -> tuple[float, float, float]:
    """Excess in the last 20 minutes as a share of visits, with its interval."""
    edges = np.arange(60, LONGEST + STEP, STEP)
    counts, _ = np.histogram(minutes, edges)
    found = excess_mass((edges[:-1] + edges[1:]) / 2, counts, LINE - STEP / 2, below=1, order=ORDER)
    if isinstance(found, Unknown):
        return np.nan, np.nan, np.nan
    low, high = (v if isinstance(v, float) else np.nan for v in (found.moved.low, found.moved.high))
    return found.moved.value / len(minutes), low / len(minutes), high / len(minutes)


def improved(count: int = 20_000) -> str:
    """The verdict on a target that is answered while outcomes get better: deaths fell by 14 %.

    Source: Gruber, Hoe and Stoye (2023), Review of Economics and Statistics 105, 1-19; abstract.
    """
    chance = np.random.default_rng(10)
    units, weeks, launch = 60, 52, 26
    busy = np.exp(chance.normal(0, 0.25, (units, weeks)))
    usage = 330 * busy
    usage[:, launch:] *= 1.05
    survivors = 20 * busy**0.6 * np.where(np.arange(weeks) >= launch, 1.14, 1.0)
    mondays = tuple(date(2003, 1, 6) + timedelta(weeks=n) for n in range(weeks))
    now, before = (-visits(chance, count, year) for year in (1, 0))
    edges = np.arange(-LONGEST, 0 + STEP, STEP)
    panel = Panel(
        metric="visits within four hours",
        weeks=mondays,
        usage=usage,
        outcomes=chance.poisson(survivors).astype(np.float64),
        heads=np.full((units, weeks), 100.0),
        people=count,
        launched=mondays[launch],
        target=Aimed(level=Level.PERSON, threshold=-LINE),
        running=Running(
            values=(edges[:-1] + edges[1:]) / 2,
            counts=np.histogram(now, edges)[0],
            before=np.histogram(before, edges)[0],
            finely=now,
        ),
    )
    return audited(panel).verdict.value


def regents(seeds: int, count: int) -> dict[str, Any]:
    """What the tests say of scores at the line of 65, under three ways of grading."""
    chance, told = np.random.default_rng(11), {}
    for regime, moved in (
        ("re-scored by one's own school", NEAR_MISSES),
        ("re-scoring forbidden", NEAR_MISSES * (1 - AFTER_REFORM)),
        ("graded elsewhere", 0.0),
    ):
        spoke, excess, held, planted, shipped = 0, [], 0, [], []
        for _ in range(seeds):
            scores = np.clip(np.rint(chance.normal(67.5, 13.3, count)), 0, 100).astype(int)
            near = (scores >= 60) & (scores < 65) & (chance.random(count) < moved)
            planted.append(float(near.mean()))
            scores[near] = 65 + (chance.random(int(near.sum())) > AT_THE_LINE)
            counts = np.bincount(scores, minlength=101)
            contrast = adjacent_contrast(counts, 65)
            spoke += not isinstance(contrast, Unknown) and contrast.p < ALPHA
            found, plain = (
                excess_mass(np.arange(101.0)[20:98], counts[20:98], 65.0, above=1, order=order)
                for order in (ORDER, SHIPPED)
            )
            if isinstance(found, Unknown) or isinstance(plain, Unknown):
                continue
            shipped.append(plain.moved.value / count)
            low, high = (v if isinstance(v, float) else np.nan for v in (found.moved.low, found.moved.high))
            excess.append(found.moved.value / count)
            held += low / count <= planted[-1] <= high / count
        told[regime] = {
            "planted": round(float(np.mean(planted)), 4),
            "spoke": spoke / seeds,
            "excess": round(float(np.mean(excess)), 4),
            "as_shipped": round(float(np.mean(shipped)), 4),
            "covered": held / seeds,
            "seeds": seeds,
        }
    return told


def replayed(*, quick: bool) -> dict[str, Any]:
    """All of it."""
    seeds, count = (6, 10_000) if quick else (200, 10_000)
    return {
        "emergency": emergency(seeds, count),
        "improved": improved(),
        "regents": regents(seeds, count),
        "units": count,
    }
