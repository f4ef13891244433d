"""Repairs of what is measured: AP101 to AP110."""

from dataclasses import replace
from datetime import timedelta

from counterfoil.programme.change import changed, entry_of, joined, without, without_stakes
from counterfoil.programme.plain import spoken_day
from counterfoil.programme.repairs.fresh import (
    CORRECTED,
    HOURS,
    TRUST,
    begin_measuring,
    found_or_added,
    unclaimed,
    watching,
)
from counterfoil.programme.repairs.mend import Mend, Mended
from counterfoil.programme.rule import Case
from counterfoil.programme.rules.measure import FEWEST_DIMENSIONS
from counterfoil.programme.stakes import aims
from counterfoil.terms.absent import Unknown
from counterfoil.terms.metric import CapturedBy, Dimension, Kind, ProgrammeMetric, Watch

QUARTER = timedelta(days=90)
DIMENSION_OF = {
    Kind.ACTIVITY: Dimension.ACTIVITY,
    Kind.OUTPUT: Dimension.PERFORMANCE,
    Kind.OUTCOME: Dimension.PERFORMANCE,
    Kind.PERCEPTION: Dimension.SATISFACTION,
    Kind.COST: Dimension.EFFICIENCY,
}


def activity_as_goal(case: Case, where: str) -> Mended:
    """Nobody is held to activity; it stays as cost or capacity."""
    p = case.programme
    if where.startswith("displays."):
        says = f"The rewards of “{entry_of(p, where).id}” are gone: using more no longer wins anything."
        return Mended(changed(p, where, rewards=()), says)
    called = p.metric(entry_of(p, where).metric).called
    says = (
        f"The target on {called} is gone: nobody is held to how much they use. "
        "Where you want a target, ask for what comes of the work."
    )
    return Mended(without(p, where), says)


def no_outcome_pair(case: Case, where: str) -> Mended:
    """An outcome is read in the same decision."""
    entry = entry_of(case.programme, where)
    p, metric, added = found_or_added(case.programme, lambda m: m.kind is Kind.OUTCOME, CORRECTED)
    says = f"“{metric.called}” is now read in the same decision as “{entry.id}”."
    p = changed(p, where, beside=(*entry.beside, metric.id))
    return Mended(p, says + begin_measuring([metric] * added), to_do=added)


def no_counter_metric(case: Case, where: str) -> Mended:
    """What had to be redone weighs against how much was made."""
    counted = entry_of(case.programme, where)
    p, metric, added = found_or_added(
        case.programme,
        lambda m: m.watches is Watch.CORRECTION and m.id != counted.id,
        CORRECTED,
    )
    says = f"“{metric.called}” now weighs against {counted.called}: more alone is no success."
    p = changed(p, where, counterweights=(*counted.counterweights, metric.id))
    return Mended(p, says + begin_measuring([metric] * added), to_do=added)


def one_dimension(case: Case, _: str) -> Mended:
    """Three sides of work are seen, and people are asked how it is for them."""
    p = case.programme
    said = tuple(
        replace(m, dimension=DIMENSION_OF[m.kind]) if isinstance(m.dimension, Unknown) else m
        for m in p.metrics
    )
    seen, asked = {m.dimension for m in said}, any(m.kind is Kind.PERCEPTION for m in said)
    added: list[ProgrammeMetric] = []
    for fresh in (TRUST, HOURS, CORRECTED):
        if (len(seen) < FEWEST_DIMENSIONS and fresh.dimension not in seen) or not asked:
            added.append(unclaimed(fresh, (m.id for m in (*said, *added))))
            seen.add(fresh.dimension)
            asked = True
    says = f"It now sees {len(seen)} dimensions of work, and asks people how it is for them."
    p = replace(p, metrics=(*said, *added))
    return Mended(p, says + begin_measuring(added), to_do=bool(added))


def gross_savings(case: Case, where: str) -> Mended:
    """Hours redone are taken off hours saved."""
    called = entry_of(case.programme, where).called
    says = (
        f"The file now says that hours spent redoing are taken off {called}. "
        "Ask for hours redone beside hours saved before launch."
    )
    return Mended(changed(case.programme, where, net_of_rework=True), says, to_do=True)


def free_burn(case: Case, where: str) -> Mended:
    """Somebody answers for the cost."""
    says = (
        "The file now says that there is a budget. Give somebody a budget, or a cost for each outcome, "
        "to answer for before launch."
    )
    return Mended(changed(case.programme, where, has_budget=True), says, to_do=True)


def undefined_metric(case: Case, where: str) -> Mended:
    """What has to be written down stands in the file as something to write."""
    metric = entry_of(case.programme, where)
    blanks = {
        "definition": f"To be written before launch: how {metric.called} is computed.",
        "source": "To be written before launch: the system that it is read from.",
        "owner": "To be named before launch: the role that answers for it.",
        "version": "1",
        "cached_tokens": "Tokens read from a cache are counted apart.",
    }
    if not metric.counts_tokens:
        del blanks["cached_tokens"]
    missing = {name: words for name, words in blanks.items() if isinstance(getattr(metric, name), Unknown)}
    named = joined(name.replace("_", " ") for name in missing)
    says = f"There is now a place for the {named} of {metric.called}. Write it down before launch."
    return Mended(changed(case.programme, where, **missing), says, to_do=True)


def unvalidated_proxy(case: Case, where: str) -> Mended:
    """A test that the number still means something is in force for a quarter."""
    called, until = entry_of(case.programme, where).called, case.day + QUARTER
    says = (
        f"Test before launch whether {called} still goes with outcomes; "
        f"the file now says that a test is good until {spoken_day(until)}, which must be true by then."
    )
    return Mended(changed(case.programme, where, validated_until=until), says, to_do=True)


def self_scored(case: Case, where: str) -> Mended:
    """A system writes it down; where only people can say it, nothing depends on it."""
    p, metric = case.programme, entry_of(case.programme, where)
    if metric.kind is Kind.PERCEPTION:
        says = f"Nothing depends any longer on {metric.called}: what people say is asked, not rewarded."
        return Mended(without_stakes(p, metric.id), says)
    says = (
        f"The file now says that a system records {metric.called}. Before launch, let it be recorded by "
        "somebody other than those it judges."
    )
    return Mended(changed(p, where, captured_by=CapturedBy.SYSTEM), says, to_do=True)


def lone_outcome(case: Case, where: str) -> Mended:
    """What gets worse when the outcome is chased is read in the same decision."""
    p, place = case.programme, where.removesuffix(".beside")
    entry = entry_of(p, where)
    beside, added = list(entry.beside), list[ProgrammeMetric]()
    for aim in [aim for aim in aims(p) if aim.where == place and aim.metric.kind is Kind.OUTCOME]:
        seen = {aim.metric.watches, *(m.watches for m in aim.beside), *(p.metric(n).watches for n in beside)}
        for watch in [watch for watch in Watch if watch not in seen]:
            p, metric, is_new = watching(p, watch)
            beside.append(metric.id)
            added += [metric] * is_new
    named = joined(f"“{p.metric(name).called}”" for name in beside if name not in entry.beside)
    says = f"“{entry.id}” is now read together with {named}."
    return Mended(changed(p, where, beside=tuple(beside)), says + begin_measuring(added), to_do=bool(added))


REPAIRS: dict[str, Mend] = {
    "AP101": activity_as_goal,
    "AP102": no_outcome_pair,
    "AP103": no_counter_metric,
    "AP104": one_dimension,
    "AP105": gross_savings,
    "AP106": free_burn,
    "AP107": undefined_metric,
    "AP108": unvalidated_proxy,
    "AP109": self_scored,
    "AP110": lone_outcome,
}
