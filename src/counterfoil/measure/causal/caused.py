"""The rules by which units are compared, and the verdict in words: also that nothing can be told, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from counterfoil.measure.causal.aggregate import Aggregate, by_cohort, drift_before, event_study
from counterfoil.measure.causal.band import (
    FEWEST_CLUSTERS,
    drifted,
    estimates,
    largest_share,
    simultaneous,
    wider_for_few,
)
from counterfoil.measure.causal.effects import Effects, group_time_effects
from counterfoil.measure.causal.exposure import ANTICIPATION_STEPS
from counterfoil.measure.causal.honest import Honest, honest
from counterfoil.measure.causal.panel import NEVER, Counts, Flags, Floats, Panel, panel_of
from counterfoil.measure.causal.synthetic import (
    FEWEST_BEFORE,
    FEWEST_DONORS,
    Block,
    against_placebos,
    synthetic_difference_in_differences,
)
from counterfoil.measure.interval import Z
from counterfoil.terms.absent import Unknown
from counterfoil.terms.cause import CauseFound, Judgement, OutcomeFound, SinceTreated, TreatedBy
from counterfoil.terms.estimate import Estimate

FEWEST_UNITS = 10
LEAST_SEEN = 0.8
DIFFERS = 0.05
STRETCH = 4
"""Weeks over which a drift is looked at: from one week to the next it is mostly noise."""
FEW_TREATED = 5
"""With fewer treated units, all from one week on, they are held against a mix of others."""
FEWEST_NEVER = 3
"""Departments with units never treated, from which on a drift is judged against them alone."""
MOST_OF_ONE = 0.8
"""From this share of the variance on, what one department does decides the result."""
STAGGERED, MIXED = "cause-staggered", "cause-synthetic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """Units by week, as arrays."""

    outcomes: Mapping[str, Floats]
    """Each outcome. Shape of each: (units, weeks), NaN where missing."""
    first: Counts
    """The first treated week, NEVER where none. Shape: (units,)."""
    department: Counts
    """Shape: (units,)."""
    pilot: Flags
    """Units that were picked by hand to be early. Shape: (units,)."""
    small: Flags
    """Units with fewer people than the floor. Shape: (units,)."""
    notes: Sequence[str] = ()

    @property
    def kept(self) -> Flags:
        """Units that are neither. Shape: (units,)."""
        kept: Flags = ~(self.pilot | self.small)
        return kept


@dataclass(frozen=True, slots=True)
class _Fitted:
    """An outcome whose effects could be estimated."""

    study: Aggregate
    panel: Panel
    before: float | Unknown
    without_drift: Estimate | Unknown
    far: float
    """How many weeks, on average, lie between the base and those that the effect is of."""


def caused(
    study: Study, *, treated_by: TreatedBy, draws: int = 499, anticipation: int = ANTICIPATION_STEPS
) -> CauseFound:
    """What treatment did to each outcome, by the rules, or why that can't be told.

    Units picked by hand and units below the floor are left out; units act on what is coming two weeks before;
    units of one department are taken together; the interval of several outcomes holds for all at once; a unit
    is compared with those not treated yet. A few units that were treated in one week are held against a mix.

    Source: Callaway and Sant'Anna (2021); Arkhangelsky et al. (2021); docs/methods/cause.md for the rules.
    """
    keep = study.kept
    first, department = study.first[keep], study.department[keep]
    panels = {
        name: panel_of(outcome[keep], first, cluster=department) for name, outcome in study.outcomes.items()
    }
    mixed = _is_for_a_mix(first, next(iter(panels.values())).steps if panels else 0)
    found = (
        [_mixed(name, panel, anticipation) for name, panel in panels.items()]
        if mixed
        else _staggered(panels, draws, anticipation)
    )
    treated = int((first < NEVER).sum())
    return CauseFound(
        treated_by=treated_by,
        design=MIXED if mixed else STAGGERED,
        outcomes=found,
        units=len(first),
        treated=treated,
        departments=len(np.unique(department)),
        weeks=max((panel.steps for panel in panels.values()), default=0),
        pilots=int((study.pilot).sum()),
        small=int((study.small & ~study.pilot).sum()),
        seen=min((panel.seen for panel in panels.values()), default=0.0),
        notes=study.notes,
    )


def _is_for_a_mix(first: Counts, steps: int) -> bool:
    treated = first[(first < NEVER) & (first < steps)]
    alone = len(np.unique(treated)) == 1 and len(treated) < FEW_TREATED
    return bool(alone and (first == NEVER).sum() >= FEWEST_DONORS)


def _staggered(panels: Mapping[str, Panel], draws: int, anticipation: int) -> list[OutcomeFound]:
    fitted = {name: _fit(panel, anticipation) for name, panel in panels.items()}
    usable = [one for one in fitted.values() if isinstance(one, _Fitted)]
    wide = 0.0
    if usable:
        together = np.column_stack([one.study.overall_influence for one in usable])
        wide = _wide(together, usable[0].study, draws)
    return [
        cant_tell(name, one) if isinstance(one, Unknown) else _judged(name, one, wide, draws, anticipation)
        for name, one in fitted.items()
    ]


def _fit(panel: Panel, anticipation: int) -> _Fitted | Unknown:
    """The event study of one outcome, or why there is none."""
    away = _nothing_to_compare(panel, anticipation)
    if away is not None:
        return away
    try:
        effects = group_time_effects(panel, not_yet=True, anticipation=anticipation)
        study = _studied(effects)
        apart = _apart(panel, effects, anticipation)
        far = _far(effects)
        return _Fitted(study, panel, drifted(apart), _without_drift(apart, study, far), far)
    except ValueError as error:
        return Unknown(str(error))


def _studied(effects: Effects) -> Aggregate:
    """The event study; over all, the mean effect on each cohort, by its size.

    A mean over weeks since treatment would rest on the few who were treated first, for the longest.

    Source: Callaway and Sant'Anna (2021), section 3.1.2: the summary they recommend.
    """
    cohorts = by_cohort(effects)
    return replace(event_study(effects), overall=cohorts.overall, overall_influence=cohorts.overall_influence)


def _far(effects: Effects) -> float:
    """How many weeks, on average, lie between the base and those that the overall effect is of."""
    since = (effects.step - effects.cohort).astype(np.float64)
    return by_cohort(replace(effects, value=since)).overall + 1 + effects.anticipation


def _apart(panel: Panel, effects: Effects, anticipation: int) -> Effects:
    """Effects by which a drift is judged: against units never treated, where there are enough of them.

    Units treated later may drift as those treated now do: against them a drift that is there hardly shows.
    """
    never = panel.first == NEVER
    if len(np.unique(panel.cluster[never])) < FEWEST_NEVER:
        return effects
    return group_time_effects(panel, anticipation=anticipation)


def _without_drift(effects: Effects, study: Aggregate, far: float) -> Estimate | Unknown:
    """The overall effect less what the drift before treatment comes to by then, if it goes on.

    Source: Rambachan and Roth (2023), section 2.4.1: linear extrapolation, their smoothness bound at M = 0.
    """
    found = drift_before(effects)
    if found is None:
        return Unknown("there are no weeks before treatment to look at")
    slope, influence = found
    left = study.overall_influence - far * influence
    return estimates(
        np.array([study.overall - far * slope]),
        left[:, None],
        study.cluster,
        wide=Z * _wider(study),
        seen=study.seen,
        method=STAGGERED,
    )[0]


def _wider(study: Aggregate) -> float:
    clusters = len(np.unique(study.cluster))
    return wider_for_few(clusters) if clusters >= FEWEST_CLUSTERS else 1.0


def _wide(influence: Floats, study: Aggregate, draws: int) -> float:
    """The standard errors of a band that holds for all at once, also where departments are few."""
    return simultaneous(influence, study.cluster, draws=draws) * _wider(study)


def _nothing_to_compare(panel: Panel, anticipation: int) -> Unknown | None:
    """Why units can't be compared at all; None where they can."""
    units, steps, first = panel.units, panel.steps, panel.first
    if units < FEWEST_UNITS:
        return Unknown(f"there are {units} units; a comparison takes at least {FEWEST_UNITS}")
    if panel.seen < LEAST_SEEN:
        return Unknown(f"{1 - panel.seen:.0%} of units and weeks are missing".replace("%", " %"))
    spread = panel.outcome[np.isfinite(panel.outcome)]
    if not np.ptp(spread) > 0:
        return Unknown("the figure never moved")
    if not (first < steps).any():
        return Unknown("no unit was treated in these weeks")
    if not ((first > anticipation) & (first < steps)).any():
        return Unknown("every treated unit was so from the start, and there is no before")
    late = np.unique(first[first < steps]).max(initial=0)
    if not (first >= steps).any() and (first == late).all():
        return Unknown("all units were treated in the same week, and there is nobody to compare with")
    return None


def _judged(name: str, one: _Fitted, wide: float, draws: int, anticipation: int) -> OutcomeFound:
    """An event study in words."""
    study = one.study
    (effect,) = estimates(
        np.array([study.overall]),
        study.overall_influence[:, None],
        study.cluster,
        wide=wide,
        seen=study.seen,
        method=STAGGERED,
    )
    band = _wide(study.influence, study, draws)
    parts = estimates(
        study.value, study.influence, study.cluster, wide=band, seen=study.seen, method=STAGGERED
    )
    bounds = honest(study, anticipation=anticipation, stretch=STRETCH, far=one.far, draws=draws)
    undone = bounds.undone_at if isinstance(bounds, Honest) else bounds
    judgement, says = _verdict(effect, one.before, one.without_drift)
    if largest_share(study.overall_influence, study.cluster) > MOST_OF_ONE:
        judgement, says = Judgement.CANT_TELL, "Can't tell: one department makes most of it."
    return OutcomeFound(
        outcome=name,
        judgement=judgement,
        says=says,
        effect=effect,
        before=one.before,
        without_drift=one.without_drift,
        undone_at=undone,
        study=[SinceTreated(weeks=int(at), effect=part) for at, part in zip(study.at, parts, strict=True)],
    )


def _verdict(effect: Estimate, before: float | Unknown, left: Estimate | Unknown) -> tuple[Judgement, str]:
    if isinstance(effect.low, Unknown) or isinstance(effect.high, Unknown):
        return Judgement.CANT_TELL, "Can't tell: there are too few departments" + (
            f", and an interval takes at least {FEWEST_CLUSTERS}. Deal what is left of the rollout by chance."
        )
    if isinstance(before, float) and before < DIFFERS:
        says = "Can't tell: treated units were moving apart from the others before they were treated"
        return Judgement.CANT_TELL, f"{says} (p = {before:.3f})."
    if effect.low <= 0 <= effect.high:
        says = f"No sign that it changed: between {effect.low:+.3g} and {effect.high:+.3g}."
        return Judgement.NO_SIGN, says
    rose = effect.value > 0
    between = f"{effect.value:+.3g}, between {effect.low:+.3g} and {effect.high:+.3g}"
    says = f"It {'rose' if rose else 'fell'} since: by {between}, against units not treated by then."
    if isinstance(left, Estimate) and not _is_beyond(left, rose=rose):
        more = (
            "A steady drift from before can't be told from that: deal what is left of the rollout by chance."
        )
        return Judgement.MAY_BE_DRIFT, f"{says} {more}"
    return (Judgement.ROSE if rose else Judgement.FELL), says


def _is_beyond(left: Estimate, *, rose: bool) -> bool:
    """Whether an effect is still one without the drift."""
    if isinstance(left.low, Unknown) or isinstance(left.high, Unknown):
        return False
    return left.low > 0 if rose else left.high < 0


def cant_tell(name: str, why: Unknown) -> OutcomeFound:
    """What is said where nothing can be."""
    return OutcomeFound(
        outcome=name,
        judgement=Judgement.CANT_TELL,
        says=f"Can't tell: {why.why}.",
        effect=why,
        before=why,
        without_drift=why,
        undone_at=why,
    )


def _mixed(name: str, panel: Panel, anticipation: int) -> OutcomeFound:
    """A few units treated in one week, against a mix of those that never were."""
    away = _nothing_to_compare(panel, anticipation)
    if away is not None:
        return cant_tell(name, away)
    whole = np.isfinite(panel.outcome).all(axis=1)
    since = int(panel.first[panel.first < panel.steps][0])
    before = since - anticipation
    treated = panel.outcome[(panel.first < panel.steps)]
    if before < FEWEST_BEFORE or not np.isfinite(treated).all():
        words = f"a mix takes at least {FEWEST_BEFORE} weeks before, and treated units without missing weeks"
        return cant_tell(name, Unknown(words))
    # Weeks in which units act on what is coming belong to neither side.
    weeks = np.r_[:before, since : panel.steps]
    block = Block(
        treated=treated[:, weeks],
        donors=panel.outcome[(panel.first == NEVER) & whole][:, weeks],
        since=before,
    )
    found = against_placebos(block, synthetic_difference_in_differences, method=MIXED)
    if isinstance(found, Unknown):
        return cant_tell(name, found)
    aside = Unknown("a mix is chosen to be alike before")
    judgement, says = _verdict(found.effect, aside, aside)
    return OutcomeFound(
        outcome=name,
        judgement=judgement,
        says=f"{says} As large among units that nothing happened to: p = {found.chance:.2g}.",
        effect=found.effect,
        before=aside,
        without_drift=aside,
        undone_at=aside,
    )
