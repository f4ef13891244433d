"""Tells what a sample came to: once, as rates of groups, with what it rests on; and nothing of a work."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from math import floor
from typing import Any

import numpy as np

from counterfoil.guard.dominance import rounded, rounded_count
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.sample import ANSWERS, DRAWN, TOLD, drawn_of, plan_of, refusal_logged
from counterfoil.guard.sample_answered import Answers, answers_of
from counterfoil.guard.sample_frame import Cell, Line
from counterfoil.guard.sample_judged import METRIC, Judging, judging_of, part_entries
from counterfoil.guard.shown import LEAST_FLOOR
from counterfoil.measure.gaming.assessed import excess_of, kappa_of, rate_of_answered
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ask import Viewer
from counterfoil.terms.audited import SignSeen
from counterfoil.terms.estimate import Estimate
from counterfoil.terms.metric import Level
from counterfoil.terms.period import Block
from counterfoil.terms.release import Refuse, Released, Withheld
from counterfoil.terms.sample import (
    Agreement,
    Arm,
    GroupRates,
    Judged,
    Judgement,
    Padding,
    SampledGroup,
    SamplePlan,
    SampleRate,
    ToldSample,
)

CLAUSE = "outcome-sample"
PREVALENCE = 500
"""People in every block, below whom no share of padding is told."""
LEAST_ANSWERED = 0.8
UNANSWERED = Refuse("sample-unanswered", "Fewer than four fifths of its lines are answered.")
ANSWER = {said: number for number, said in enumerate(Judgement)}
NO_ARM = Unknown("it takes works with AI evidence and controls, thirty of each that were judged")


def tell_sample(g: Guarded, name: str, viewer: Viewer) -> ToldSample | Refuse:
    """Tell what assessors found, once four fifths of all lines are answered; the list of works is gone after.

    Raises: StoreError or LedgerBroken where it can't be logged or kept; then nothing is told.
    """
    planned = plan_of(g, name)
    cells = drawn_of(g, name)
    if isinstance(planned, Refuse):
        return planned
    if isinstance(cells, Refuse):
        return cells
    plan = planned[0]
    judging = judging_of(g, plan, viewer)
    answers = answers_of(g, name)
    share = len(answers) / sum(len(cell.lines) for cell in cells)
    if share < LEAST_ANSWERED:
        judging = UNANSWERED
    if isinstance(judging, Refuse):
        return refusal_logged(g, viewer, plan, judging, state="untold")
    entry = g.log.append(list(part_entries(g, plan, viewer, judging, {cell.group for cell in cells})))
    told = ToldSample(
        name=name,
        says=plan.says,
        groups=[_group(g, plan, judging, group, cells, answers) for group in _groups(judging)],
        agreement=[_agreement(question, cells, answers) for question in Judged],
        answered=rounded(share),
        entry=entry,
    )
    with g.lake.registry.change() as change:
        kept = [_kept(one) for one in _paddings(told)] if plan.by is Level.COMPANY else []
        change.keep(TOLD, name, json.dumps(kept).encode())
        change.forget(DRAWN, name)
        change.forget(ANSWERS, name)
    return told


def padding_between(g: Guarded, since: date, until: date) -> Sequence[Released[Padding]]:
    """How much assisted work samples found needless, of the blocks within some days; the oldest first.

    What is here was told before, of the whole company and of 500 people or more; nothing is read for it.
    """
    found = [
        _padding_in(told) for kept in g.lake.registry.all_kept(TOLD).values() for told in json.loads(kept)
    ]
    chosen = [one for one in found if since <= one.first.since and one.last.until <= until]
    return [Released(one, CLAUSE) for one in sorted(chosen, key=lambda one: one.first)]


def padding_sign(g: Guarded, since: date) -> SignSeen | None:
    """What the newest sample since a day says beside an audit of the company's numbers; None without one."""
    found = padding_between(g, since, g.now.date())
    if not found:
        return None
    newest = found[-1].answer
    return SignSeen(test=METRIC, says=newest.says, speaks=newest.at_least > 0, why="")


def _groups(judging: Judging) -> Sequence[str]:
    return [group.name for group in judging.groups[0]]


def _group(
    g: Guarded, plan: SamplePlan, judging: Judging, group: str, cells: Sequence[Cell], answers: Answers
) -> SampledGroup:
    mine = {cell.arm: cell for cell in cells if cell.group == group}
    if not mine:
        few = Refuse("sample-few", "It has too few works, or of too few people, to draw from.")
        return SampledGroup(group=group, verdict=few)
    shown = {arm: cell for arm, cell in mine.items() if may_tell(cell, answers)}
    if not shown:
        return SampledGroup(group=group, verdict=Withheld())
    rates = [_told(_rate(question, cell, answers)) for question in Judged for cell in shown.values()]
    needless: Padding | Unknown = Unknown(f"a share of padding takes a group of {PREVALENCE} people or more")
    if judging.fewest(group) >= PREVALENCE:
        needless = _padding(plan, group, shown, answers)
    return SampledGroup(group=group, verdict=Released(GroupRates(rates=rates, padding=needless), CLAUSE))


def may_tell(cell: Cell, answers: Answers) -> bool:
    """Whether enough people are behind what was answered, whichever was not; and nobody is half of it."""
    firsts = [line for line in cell.lines if not line.again]
    missing = sum(line.line not in answers for line in firsts)
    return cell.people - missing >= LEAST_FLOOR and 2 * cell.largest <= len(firsts) - missing


def _said(question: Judged, cell: Cell, answers: Answers) -> Iterator[tuple[Line, str]]:
    """Each first look at a work with what was said of it."""
    for line in cell.lines:
        if not line.again and (said := answers.get(line.line, {}).get(question)) is not None:
            yield line, said


def _rate(question: Judged, cell: Cell, answers: Answers, hit: Judgement = Judgement.YES) -> SampleRate:
    """How often assessors gave an answer, of those who could say."""
    strata = len(cell.frame)
    hits, looked = np.zeros(strata, np.int64), np.zeros(strata, np.int64)
    said = list(_said(question, cell, answers))
    for line, what in said:
        looked[line.stratum] += what != Judgement.UNCLEAR
        hits[line.stratum] += what == hit
    unclear = sum(what == Judgement.UNCLEAR for _, what in said)
    return SampleRate(
        question=question,
        arm=cell.arm,
        rate=rate_of_answered(hits, looked, np.array(cell.frame, np.int64)) if said else NO_ARM,
        unclear=unclear / len(said) if said else 0.0,
    )


def _padding(plan: SamplePlan, group: str, cells: Mapping[Arm, Cell], answers: Answers) -> Padding | Unknown:
    """How much assisted work was judged needless, and at least how much of that is not so without AI."""
    if set(cells) != set(Arm):
        return NO_ARM
    assisted, controls = (
        _rate(Judged.NEEDED, cells[arm], answers, Judgement.NO).rate for arm in (Arm.ASSISTED, Arm.CONTROL)
    )
    if isinstance(assisted, Unknown) or isinstance(controls, Unknown):
        return NO_ARM
    excess = excess_of(assisted, controls)
    low = 0.0 if isinstance(excess.low, Unknown) else max(excess.low, 0.0)
    return Padding(
        group=group,
        first=plan.first,
        last=plan.last,
        assisted=_cut(assisted),
        controls=_cut(controls),
        excess=_cut(excess),
        at_least=floor(low * 100) / 100,
        sample=plan.name,
    )


def _agreement(question: Judged, cells: Sequence[Cell], answers: Answers) -> Agreement:
    """How alike two assessors judged the same works, of all groups together."""
    pairs = []
    for cell in cells:
        first = {(line.kind, line.work): answers.get(line.line) for line in cell.lines if not line.again}
        for line in (line for line in cell.lines if line.again):
            both = [first[line.kind, line.work] or {}, answers.get(line.line) or {}]
            if all(question in said for said in both):
                pairs.append([ANSWER[Judgement(said[question])] for said in both])
    if not pairs:
        return Agreement(question=question, kappa=Unknown("no work was judged twice"), alike=NO_ARM)
    one, other = np.array(pairs, np.int64).T
    kappa = kappa_of(one, other)
    alike = round(float(np.mean(one == other)), 2) if not isinstance(kappa, Unknown) else kappa
    return Agreement(
        question=question, kappa=kappa if isinstance(kappa, Unknown) else _cut(kappa), alike=alike
    )


def _told(rate: SampleRate) -> SampleRate:
    cut = rate.rate if isinstance(rate.rate, Unknown) else _cut(rate.rate)
    return replace(rate, rate=cut, unclear=round(rate.unclear, 2))


def _cut(found: Estimate) -> Estimate:
    """A figure as it may be shown: whole hundredths, and counts to the nearest five."""
    low, high = (x if isinstance(x, Unknown) else round(x, 2) for x in (found.low, found.high))
    coverage = found.coverage if isinstance(found.coverage, Unknown) else rounded(found.coverage)
    return replace(
        found, value=round(found.value, 2), low=low, high=high, n=rounded_count(found.n), coverage=coverage
    )


def _paddings(told: ToldSample) -> Iterator[Padding]:
    """Every share of padding that was told."""
    for group in told.groups:
        if isinstance(group.verdict, Released) and isinstance(group.verdict.answer.padding, Padding):
            yield group.verdict.answer.padding


def _padding_in(told: Mapping[str, Any]) -> Padding:
    """A share of padding as it was kept."""
    estimates = {name: Estimate(**told[name]) for name in ("assisted", "controls", "excess")}
    blocks = {name: Block.parse(told[name]) for name in ("first", "last")}
    fields: Mapping[str, Any] = {**told, **estimates, **blocks}
    return Padding(**fields)


def _kept(one: Padding) -> Mapping[str, object]:
    estimates = {name: getattr(one, name) for name in ("assisted", "controls", "excess")}
    told = {
        name: {field: getattr(found, field) for field in found.__slots__} for name, found in estimates.items()
    }
    return {
        **told, "group": one.group, "first": str(one.first), "last": str(one.last),
        "at_least": one.at_least, "sample": one.sample,
    }  # fmt: skip
