"""Judges the tests of numbers: how soon, how often wrongly, of few units, against gamers that adapt."""

import statistics
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from counterfoil.measure.gaming.adjacent import adjacent_contrast
from counterfoil.measure.gaming.apart import (
    FEWEST_WEEKS,
    Apart,
    Tracks,
    come_apart,
    plain_watch,
    watch,
    watched,
)
from counterfoil.measure.gaming.audit import audited
from counterfoil.measure.gaming.panel import Aimed, Panel
from counterfoil.measure.gaming.power import SHARES, SIZES, UNIT
from counterfoil.measure.gaming.prevalence import Proven, prevalence
from counterfoil.measure.gaming.signs import ALPHA, BUNCHING_FLOOR
from counterfoil.simulate.company.cases import AMAZON, DISNEY, META, NOTHING
from counterfoil.simulate.company.design import Design
from counterfoil.simulate.teams import lived_under
from counterfoil.simulate.units import Innocent, Lived, lived
from counterfoil.terms.absent import Unknown
from counterfoil.terms.audit import Verdict
from counterfoil.terms.metric import Level

LAUNCH = 26
NEVER = float("inf")
BUDGETS = (0, 10, 1_000)
FIRST = date(2026, 1, 5)
Floats = NDArray[np.float64]
Run = Callable[..., Iterable[Any]]
Alarms = tuple[float, float, float, float, bool]
"""Weeks until the watch alarmed, until it did broadly, until the plain form did, until outcomes a token did;
infinite where never. Whether the watch could tell at all."""
FORMS = ("", "broad_", "plain_", "yield_")


def tracks_of(told: Lived) -> Tracks:
    """What the tests take of an invented organisation."""
    return Tracks(
        usage=told.usage,
        outcomes=told.outcomes,
        heads=told.heads,
        registered=told.registered,
        redefined=told.redefined,
    )


def yield_alarm(tracks: Tracks, begins: int) -> float:
    """When a plain sum over outcomes a token alarms: the naive way, to compare with."""
    x, y = tracks.logs()
    seen = np.isfinite(x) & np.isfinite(y)
    level = np.where(seen, y - x, 0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    before = level[:begins]
    if len(before) < FEWEST_WEEKS or before.std() == 0:
        return NEVER
    found = watch((before.mean() - level) / before.std(ddof=1), begins, slack=0.5, limit=5.0, most=np.inf)
    return NEVER if found.alarmed is None else found.alarmed - begins + 1


def alarmed(seed: int, *, programme: Design | None = None, **how: Any) -> Alarms:
    """Let one organisation live, or a company that gets a programme, and watch it."""
    if programme is None:
        told = lived(seed, launch=LAUNCH, **how)
    else:
        told = lived_under(NOTHING, programme, people=2_600, seed=seed)
    tracks = tracks_of(told)
    ours, plain = come_apart(tracks, LAUNCH), plain_watch(tracks, LAUNCH)
    week = NEVER
    if isinstance(ours, Apart) and ours.watch.alarmed is not None:
        week = ours.watch.alarmed - LAUNCH + 1
    return (
        week,
        week if isinstance(ours, Apart) and ours.broad else NEVER,
        NEVER if isinstance(plain, Unknown) or plain.alarmed is None else plain.alarmed - LAUNCH + 1,
        yield_alarm(tracks, LAUNCH),
        isinstance(ours, Apart),
    )


def many(run: Run, seeds: int, **how: Any) -> dict[str, Any]:
    """Shares that alarmed and the median week, for each form of the watch; and how often it could tell."""
    found = list(run(partial(alarmed, **how), range(70_000, 70_000 + seeds)))
    told: dict[str, Any] = {"seeds": seeds}
    *weeks_of, tells = zip(*found, strict=True)
    for name, weeks in zip(FORMS, weeks_of, strict=True):
        middle = statistics.median(weeks)
        told[f"{name}found"] = round(sum(w < NEVER for w in weeks) / seeds, 4)
        told[f"{name}weeks"] = None if middle == NEVER else middle
    return told | {"tells": sum(tells) / seeds}


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


def small(run: Run, seeds: int) -> dict[str, Any]:
    """How often few units get an answer, and which."""
    return {
        f"{units} units, {share:.0%} game": many(run, seeds, units=units, gaming=share)
        for units in (3, 8, 19, 20, 24, 40, 80)
        for share in (0.0, 0.2)
    }


def sizes(run: Run, seeds: int) -> dict[str, Any]:
    """What organisations of each size find out: the table in measure/gaming/power.py."""
    return {
        f"{people} people, {share:.0%}": many(run, seeds, units=round(people / UNIT), gaming=share)
        for people in SIZES
        for share in (0.0, *SHARES)
    }


def against(
    seed: int, *, faking: bool, budgets: tuple[int, ...] = BUDGETS
) -> list[tuple[float, bool, float]]:
    """What a tenth of people who answer together keep of their burning, unseen, after so many questions.

    They may burn less, begin slowly, and, where `faking`, make outcomes up; each question asks the watch
    itself. For each budget: the share of the burning kept, whether it alarms all the same, and how far
    outcomes are made up.
    """
    honest, gamed = lived(seed, launch=LAUNCH), lived(seed, launch=LAUNCH, gaming=0.1)
    burnt = gamed.usage - honest.usage
    chance, told = np.random.default_rng(seed), []

    def seen(way: Floats) -> tuple[bool, float]:
        scale, ramp, fake = way
        since = np.arange(burnt.shape[1]) - LAUNCH
        burn = burnt * scale * np.clip((since + 1) / max(ramp * 26, 1), 0, 1)
        usage = honest.usage + burn
        more = np.where(honest.usage > 0, usage / np.maximum(honest.usage, 1e-9), 1) ** (0.4 * fake)
        found = watched(
            Tracks(
                usage=usage,
                outcomes=np.rint(honest.outcomes * more),
                heads=honest.heads,
                registered=honest.registered,
            ),
            LAUNCH,
        )
        return isinstance(found, Apart) and found.watch.alarmed is not None, float(burn.sum() / burnt.sum())

    best = np.array([1.0, 0.0, 0.0])
    is_seen, kept = seen(best)
    for query in range(max(budgets) + 1):
        if query in budgets:
            told.append((kept, is_seen, float(best[2])))
        way = np.clip(best + chance.normal(0, 0.25, 3), 0, 1) if query % 3 else chance.random(3)
        way[2] *= faking
        caught, keeps = seen(way)
        if (not caught and is_seen) or (caught == is_seen and not caught and keeps > kept):
            best, is_seen, kept = way, caught, keeps
    return told


def adaptive(run: Run, seeds: int, budgets: tuple[int, ...] = BUDGETS) -> dict[str, Any]:
    """The same over seeds."""
    told = {}
    for name, faking in (("usage alone", False), ("outcomes made up too", True)):
        found = list(run(partial(against, faking=faking, budgets=budgets), range(71_000, 71_000 + seeds)))
        told[name] = [
            {
                "queries": budget,
                "seen": round(statistics.mean(one[n][1] for one in found), 3),
                "burn_kept": round(statistics.mean(0.0 if one[n][1] else one[n][0] for one in found), 3),
                "faked": round(statistics.mean(one[n][2] for one in found), 3),
                "seeds": seeds,
            }
            for n, budget in enumerate(budgets)
        ]
    return told


def lever(seed: int, *, cause: str) -> tuple[bool, bool]:
    """Whether an audit speaks, and whether its first three levers name what was planted."""
    target: Aimed | Unknown = Aimed(level=Level.COMPANY, threshold=Unknown("more is better"))
    shown, right = False, {"AP101"}
    if cause == "a line for each person":
        told, right = lived_under(NOTHING, AMAZON, people=2_600, seed=seed), {"AP201"}
        target, shown = Aimed(level=Level.PERSON, threshold=1.0, window=timedelta(days=7)), True
    elif cause == "a board":
        told, right = lived_under(NOTHING, META, people=2_600, seed=seed), {"AP302"}
        target, shown = Unknown("there is no target"), True
    elif cause == "evaluations that nobody registered":
        told, right = lived(seed, launch=LAUNCH, innocent=Innocent.EVALS, declared=False), {"AP604"}
    else:
        told = lived(seed, launch=LAUNCH, gaming=0.1)
    weeks = tuple(FIRST + timedelta(weeks=n) for n in range(told.usage.shape[1]))
    panel = Panel(
        metric="tokens",
        weeks=weeks,
        usage=told.usage,
        outcomes=told.outcomes,
        heads=told.heads,
        people=int(told.heads[:, -1].sum()),
        launched=weeks[LAUNCH],
        registered=told.registered,
        target=target,
        shown=shown,
    )
    said = audited(panel)
    speaks = said.verdict in {Verdict.APART, Verdict.RESPONDS}
    return speaks, speaks and bool(right & {str(one.rule) for one in said.levers[:3]})


CAUSES = (
    "a line for each person",
    "a board",
    "a target of the whole company",
    "evaluations that nobody registered",
)


def levers(run: Run, seeds: int) -> dict[str, Any]:
    """How often an audit that speaks names what was planted among its first three levers."""
    told = {}
    for cause in CAUSES:
        found = list(run(partial(lever, cause=cause), range(72_000, 72_000 + seeds)))
        spoke = sum(speaks for speaks, _ in found)
        told[cause] = {"seeds": seeds, "spoke": spoke, "named": sum(named for _, named in found)}
    return told


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
