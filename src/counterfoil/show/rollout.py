"""A rollout in words: its plan, which wave chance gave each unit, and what it did."""

import textwrap
from collections.abc import Iterator

from counterfoil.show.cause import effect_text
from counterfoil.show.exported import written
from counterfoil.show.paint import BOLD, DIM, encodable, painter
from counterfoil.show.words import counted, safe, unknown
from counterfoil.terms.absent import Unknown
from counterfoil.terms.release import Released
from counterfoil.terms.rollout import Assignment, DealtEffect, Planned, RolloutFound

MANY_WAYS = 1e6


def planned_text(planned: Planned) -> str:
    """What was planned, and what is to be done next."""
    plan = planned.plan
    ways = "more than a million" if planned.ways > MANY_WAYS else f"about {planned.ways:,.0f}"
    strata = len({unit.stratum for unit in plan.units})
    lines = [
        f"{safe(plan.name)}: {safe(plan.says)}",
        f"{counted(len(plan.units), 'unit')} in {counted(strata, 'stratum', 'strata')} are dealt to "
        f"{counted(len(plan.waves), 'wave')}, in one of {ways} ways; "
        f"{counted(len(plan.pilots), 'hand-picked pilot')} left out",
        *(
            f"  {safe(w.name)}: {'nothing in these weeks' if isinstance(w.starts, Unknown) else w.starts}"
            for w in plan.waves
        ),
        f"outcome {safe(plan.outcome.name)}, from the week of {plan.begins} to that of {plan.ends}",
        f"dealt by {safe(plan.drawn_from)}, on {plan.drawn_on} or after",
        f"plan sha256 {planned.sha256}",
    ]
    if planned.entry < 0:
        lines.append("not in the log: with --data it is")
    else:
        lines += [f"seed sha256 {planned.seed_sha256}", f"entry {planned.entry} of the log"]
    return "\n".join(lines) + "\n"


def planned_json(planned: Planned) -> str:
    """The same as JSON."""
    return written({**_plan(planned), "seed_sha256": planned.seed_sha256, "ways": planned.ways})


def _plan(planned: Planned) -> dict[str, object]:
    plan = planned.plan
    return {
        "name": plan.name,
        "outcome": plan.outcome.name,
        "first_start": str(plan.first_start),
        "units": len(plan.units),
        "waves": [wave.name for wave in plan.waves],
        "pilots": len(plan.pilots),
        "sha256": planned.sha256,
        "entry": planned.entry,
    }


def assigned_text(assignment: Assignment) -> str:
    """Each wave with its units, by name."""
    lines = []
    for wave in assignment.plan.waves:
        mine = sorted(unit for unit, name in assignment.wave.items() if name == wave.name)
        starts = "nothing in these weeks" if isinstance(wave.starts, Unknown) else f"from {wave.starts}"
        lines.append(f"{safe(wave.name)}, {starts}: {', '.join(map(safe, mine))}")
    lines += [
        f"drawn: {safe(assignment.drawn)}",
        f"seed {assignment.seed}",
        f"entry {assignment.entry} of the log, {assignment.at}",
    ]
    return "\n".join(lines) + "\n"


def assigned_json(assignment: Assignment) -> str:
    """The same as JSON."""
    told = {
        "name": assignment.plan.name,
        "wave": dict(sorted(assignment.wave.items())),
        "seed": assignment.seed,
        "drawn": assignment.drawn,
        "entry": assignment.entry,
        "at": assignment.at,
    }
    return written(told)


def found_text(told: Released[RolloutFound], *, width: int, color: bool, unicode: bool) -> str:
    """What a rollout did, with what it rests on and how often it was looked at."""
    paint = painter(color)
    found = told.answer
    lines = [paint(safe(f"{found.name}, {found.outcome}"), BOLD)]
    lines += textwrap.wrap(found.says, max(width, 50))
    lines += [f"  {text}" for text in _effects(found)]
    left = f", {counted(found.left_out, 'week')} left out" if found.left_out else ""
    lines.append(paint(f"{counted(found.units, 'unit')}, {counted(found.weeks, 'week')}{left}", DIM))
    if found.look > 1:
        often = f"This is look {found.look}: of {found.look} looks at nothing, about one in twenty each finds"
        lines += textwrap.wrap(f"{often} something. Say beforehand when you look.", max(width, 50))
    entries = f"dealt in entry {found.dealt_entry} of the log, looked at in entry {found.entry}"
    lines.append(paint(entries, DIM))
    return encodable("\n".join(lines) + "\n", unicode)


def found_json(told: Released[RolloutFound]) -> str:
    """The same as JSON."""
    return written({"clause": told.clause, "found": told.answer})


def _effects(found: RolloutFound) -> Iterator[str]:
    for name, effect in (
        ("given it", found.given),
        ("use moved", found.moved),
        ("effect of use", found.used),
    ):
        yield f"{name:14}{_effect(effect)}"


def _effect(effect: DealtEffect | Unknown) -> str:
    if isinstance(effect, Unknown):
        return unknown(effect)
    return f"{effect_text(effect.effect)}, p = {effect.chance:.2g}"
