"""What launching or removing a target did, in units that had it, against units that did not."""

import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from counterfoil.guard.dominance import rounded
from counterfoil.guard.launched import Past, target_of
from counterfoil.guard.panel import Seen
from counterfoil.measure.gaming.event import Effect, event, of_units
from counterfoil.terms.absent import Unknown
from counterfoil.terms.audited import AuditAsk, EffectSeen
from counterfoil.terms.ids import MetricId

NAMED = re.compile(r"programme@v(\d{1,4})", re.ASCII)
EVERYWHERE = "every unit has it, so there is none to hold it against: name the units that had it with --unit"
NO_COSTS = EffectSeen(
    measure="spend", says="not told: the programme does not show you what this unit costs.", known=False
)
UNITS_OF = {
    "rework": "of landed work",
    "errors": "of changes",
    "failures": "of deployments",
    "needless effects": "of deployments",
    "spend": "US dollars a head and week",
    "tokens": "million tokens a head and week",
    "tokens a change": "million tokens a change",
    "changes": "changes a head and week",
}


def past_of(past: Sequence[Past], name: str) -> Past | None:
    """The version that an event names; None where there was none of its number."""
    found = NAMED.fullmatch(name)
    return None if found is None else next((one for one in past if one.number == int(found[1])), None)


def in_words(past: Sequence[Past], one: Past, metric: MetricId) -> str:
    """What a version launched, removed or changed of a number's target."""
    now = target_of(one.programme, metric)
    before = next((p for p in past if p.number == one.number - 1), None)
    was = None if before is None else target_of(before.programme, metric)
    if (was is None) != (now is None):
        did = "launched a target" if was is None else "removed the target"
    else:
        did = "asked for nothing else" if was == now else "changed the target"
    return f"{one.name} came into force on {one.on}, and {did}."


def effects_of(found: Seen, ask: AuditAsk, one: Past, *, costs: bool) -> Sequence[EffectSeen]:
    """What an event did to rework, errors, needless effects and, for those who may see the cost, spend.

    Source: `measure.gaming.event`.
    """
    at = sum(week < one.on for week in found.weeks)
    touched = np.array([ask.unit in above for above in found.above], np.bool_)
    if ask.unit is None or touched.all():
        return [EffectSeen(measure="all of it", says=f"{EVERYWHERE}.", known=False)]
    measures = of_units(found.sums)
    if costs:
        return told_effects(measures, touched, at)
    told = told_effects({name: one for name, one in measures.items() if name != "spend"}, touched, at)
    return [NO_COSTS if one.measure == "spend" else one for one in told]


def told_effects(
    measures: Mapping[str, NDArray[np.float64]], touched: NDArray[np.bool_], at: int
) -> Sequence[EffectSeen]:
    """What an event did to each measure, in words.

    Shape: measures (units, weeks) each, touched (units,); `at` is the first week after the event.
    """
    return [_told(name, effect) for name, effect in event(measures, touched, at).items()]


def _told(name: str, found: Effect | Unknown) -> EffectSeen:
    if isinstance(found, Unknown):
        return EffectSeen(measure=name, says=f"can't tell, because {found.why}.", known=False)
    change, of = found.change, UNITS_OF.get(name, "")
    low, high = (_amount(bound, of) for bound in (change.low, change.high))
    than = "more" if change.value > 0 else "less"
    says = (
        f"{_amount(abs(change.value), of).lstrip('+')} {of} {than} than in units without it "
        f"(95 % interval {low} to {high}, p = {rounded(found.p):.2g})."
    )
    return EffectSeen(measure=name, says=says, known=True)


def _amount(value: float | Unknown, of: str) -> str:
    if isinstance(value, Unknown):
        return "unknown"
    return f"{rounded(value * 100):+.2g} points" if of.startswith("of ") else f"{rounded(value):+.2g}"
