"""Turns what the tests found into what may be told of it: rounded, in words, and of many people alone."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from counterfoil.guard.dominance import rounded, rounded_count
from counterfoil.guard.examined import counted_by, panel_of
from counterfoil.guard.launched import Past, target_of
from counterfoil.guard.panel import Seen
from counterfoil.guard.shown import HARD_FLOORS
from counterfoil.measure.gaming.apart import LIMIT, Apart, come_apart, weekly_correlation
from counterfoil.measure.gaming.audit import audited
from counterfoil.measure.gaming.excess import excess_mass
from counterfoil.measure.gaming.panel import Panel, Running
from counterfoil.measure.gaming.power import outlook
from counterfoil.measure.gaming.prevalence import FLOOR as PREVALENCE_FLOOR
from counterfoil.measure.gaming.signs import BUNCHING_FLOOR
from counterfoil.terms.absent import Unknown
from counterfoil.terms.audit import Audit, Sign, Verdict
from counterfoil.terms.audited import AuditAsk, AuditTold, BinSeen, LeverSeen, SignSeen, WeekSeen
from counterfoil.terms.metric import Kind
from counterfoil.terms.programme import Programme
from counterfoil.terms.promise import Check

AT_A_LINE = frozenset({"adjacent-bins", "density-jump", "excess-mass"})
"""Tests of single people at a line, of which less than a floor of them is told nothing."""
NO_SCREEN = "it takes a screen whose errors blind samples of outcomes have told, and there is none yet"
FEW_AT_A_LINE = f"what stands at a line is told of {BUNCHING_FLOOR:,} people or more"
NOT_SEEN = Unknown("it was not seen in this week")
NOT_WATCHED = Unknown("it is not watched in this week")
COUNTED = {
    "tokens": "tokens in the last week, as a power of ten",
    "days": "active days in the last week",
    "prompts": "prompts in the last week",
}
LEVERS = {"AP302": "displays", "AP604": "gaming.workload_register", "AP102": "metrics"}


def told_of(found: Seen, ask: AuditAsk, past: Sequence[Past], programme: Programme) -> AuditTold:
    """What is told of a number, with its weeks and, of enough people, how many stand at each value."""
    return told_of_panel(panel_of(found, ask, past, programme), ask, programme)


def told_of_panel(panel: Panel, ask: AuditAsk, programme: Programme) -> AuditTold:
    """The same of a panel."""
    said = _as_checked(audited(panel), programme)
    apart = come_apart(panel.tracks(), panel.begins)
    return AuditTold(
        metric=ask.metric,
        unit=ask.unit or "",
        verdict=said.verdict,
        says=_sentence(said.says.removeprefix(f"{panel.metric}: ")),
        since="" if isinstance(said.since, Unknown) else week_name(said.since),
        variant="" if isinstance(said.variant, Unknown) else said.variant.says,
        levers=[
            LeverSeen(field=_field(programme, ask, one.rule), rule=one.rule, says=one.says)
            for one in said.levers
        ],
        weeks=list(_weeks(panel, apart)),
        line=LIMIT,
        usual=_usual(panel),
        bins=list(_bins(panel)),
        bins_of=COUNTED.get(counted_by(ask.metric, target_of(programme, ask.metric)), ""),
        signs=[*(_sign(sign, panel) for sign in said.signs), *_prevalence(panel, programme)],
        outlook=outlook(panel.people),
        declared=_declared(panel),
        people=rounded_count(panel.people),
        units=len(panel.usage),
        first=week_name(panel.weeks[0]),
        last=week_name(panel.weeks[-1]),
    )


def week_name(week: date) -> str:
    """A week as periods are named."""
    year, number, _ = week.isocalendar()
    return f"{year}-W{number:02d}"


def _as_checked(said: Audit, programme: Programme) -> Audit:
    """An audit as far as the programme has the number checked."""
    if Check.DECOUPLING in programme.gaming.checks:
        return said
    kept = tuple(sign for sign in said.signs if sign.test != "come-apart")
    fires = any(sign.fires is True for sign in kept)
    verdict = said.verdict if said.verdict in {Verdict.RESPONDS, Verdict.IMPROVED} else Verdict.CANT_TELL
    why = "the programme does not have it checked whether it goes with outcomes"
    if fires and verdict is said.verdict:
        return replace(said, signs=kept)
    return Audit(
        metric=said.metric,
        verdict=Verdict.CANT_TELL,
        says=f"{said.metric}: can't tell, because {why}",
        since=Unknown(why),
        variant=Unknown(why),
        levers=(),
        signs=kept,
        people=said.people,
    )


def _sentence(says: str) -> str:
    text = says[:1].upper() + says[1:]
    return text if text.endswith(".") else f"{text}."


def _field(programme: Programme, ask: AuditAsk, rule: str) -> str:
    """The field of the programme that a lever is about."""
    if rule in LEVERS and rule != "AP302":
        return LEVERS[rule]
    target = target_of(programme, ask.metric)
    if target is not None and rule != "AP302":
        return f"targets.{target.id}"
    shown = next((d for d in programme.displays if ask.metric in d.metrics and not d.is_own_view), None)
    return "metrics" if shown is None else f"displays.{shown.id}"


def _weeks(panel: Panel, apart: Apart | Unknown) -> Iterator[WeekSeen]:
    together = np.tanh(weekly_correlation(panel.tracks()))
    for place, week in enumerate(panel.weeks):
        alarm: float | Unknown = NOT_WATCHED
        if not isinstance(apart, Unknown) and place >= panel.begins:
            alarm = rounded(float(apart.watch.path[place]))
        seen = NOT_SEEN if not np.isfinite(together[place]) else rounded(float(together[place]))
        yield WeekSeen(week=week_name(week), together=seen, alarm=alarm)


def _usual(panel: Panel) -> str:
    """From which weeks it is learned what is usual."""
    if panel.begins == 0 or panel.begins >= len(panel.weeks):
        return ""
    first, last = panel.weeks[0], panel.weeks[panel.begins - 1]
    return f"What is usual is learned from {_week(first)} to {_week(last)}, and watched after."


def _week(week: date) -> str:
    return f"week {week.isocalendar().week} of {week.isocalendar().year}"


def _bins(panel: Panel) -> Iterator[BinSeen]:
    """How many stand at each value, of enough people; bins with few are told together with the next one."""
    running, target = panel.running, panel.target
    if isinstance(running, Unknown) or isinstance(target, Unknown) or panel.people < BUNCHING_FLOOR:
        return
    least, threshold = HARD_FLOORS[Kind.ACTIVITY], target.threshold
    line = np.inf if isinstance(threshold, Unknown) else threshold
    without = _without(running, line)
    waiting, expected, first = 0, 0.0, 0
    step = float(running.values[1] - running.values[0]) if len(running.values) > 1 else 1.0
    told: list[BinSeen] = []
    for place, count in enumerate(running.counts.tolist()):
        waiting += count
        expected += 0.0 if without is None else max(float(without[place]), 0.0)
        if waiting >= least:
            told.append(
                BinSeen(
                    at=round(float(running.values[first]), 2),
                    count=rounded_count(waiting),
                    without=NOT_SEEN if without is None else float(rounded_count(round(expected))),
                    window=bool(running.values[first] - step / 2 <= line < running.values[place] + step / 2),
                )
            )
            waiting, expected, first = 0, 0.0, place + 1
    # What is left at the upper end is told with the last bin, or not at all.
    yield from told


def _without(running: Running, line: float) -> np.ndarray[tuple[int], np.dtype[np.float64]] | None:
    found = excess_mass(running.values, running.counts, line, rounds=running.rounds)
    return None if isinstance(found, Unknown) else found.without


def _sign(sign: Sign, panel: Panel) -> SignSeen:
    """A test in words; below its floor, what stands at a line is not told."""
    if sign.test in AT_A_LINE and panel.people < BUNCHING_FLOOR:
        return SignSeen(test=sign.test, says="can't tell", speaks=False, why=FEW_AT_A_LINE)
    why = sign.fires.why if isinstance(sign.fires, Unknown) else ""
    return SignSeen(test=sign.test, says=_sentence(sign.says), speaks=sign.fires is True, why=why)


def _prevalence(panel: Panel, programme: Programme) -> Iterator[SignSeen]:
    """Why it is not told how much of a number is made up, where the programme has that checked."""
    if Check.PREVALENCE in programme.gaming.checks:
        few = panel.people < PREVALENCE_FLOOR
        why = f"a share of padding takes {PREVALENCE_FLOOR} people" if few else NO_SCREEN
        yield SignSeen(test="prevalence", says="can't tell", speaks=False, why=why)


def _declared(panel: Panel) -> str:
    """How much of the number declared workloads did, as a band."""
    declared = 0.0 if panel.registered is None else float(np.nansum(panel.registered))
    whole = float(np.nansum(panel.usage))
    if not declared or not whole:
        return ""
    return f"Declared workloads did about {rounded(declared / whole * 100):.2g} % of it, and are left out."
