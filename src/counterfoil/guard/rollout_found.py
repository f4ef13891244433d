"""Says what a dealt rollout did, from weeks that every unit has a figure of; each look is in the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from counterfoil.guard.guarded import Guarded
from counterfoil.guard.rollout import KIND, assignment_of
from counterfoil.guard.unit_weeks import Grid, grid_of
from counterfoil.ledger.entry import Body, EntryKind, open_entry, read_entry
from counterfoil.measure.causal.panel import NEVER, Floats
from counterfoil.measure.causal.randomised import (
    DRAWS,
    Trial,
    effect_of_use,
    intention_to_treat,
    use_moved,
)
from counterfoil.terms.absent import Unknown
from counterfoil.terms.cause import Judgement, UnitTable
from counterfoil.terms.release import Refuse, Released
from counterfoil.terms.rollout import Assignment, DealtEffect, RolloutFound

CLAUSE = "rollout: dealt by chance before there was anything to see, as the log has it"
NO_EXPOSURE = Unknown("the table does not say how much each unit used it in every week")
LOOKED = "analysed"


@dataclass(frozen=True, slots=True)
class _Held:
    """Figures of a rollout's units, in the weeks that all of them have."""

    trial: Trial | Unknown
    has_exposure: bool
    weeks: int
    left_out: int


def analyse_rollout(
    g: Guarded, name: str, table: UnitTable, *, seen_until: date, draws: int = DRAWS
) -> Released[RolloutFound] | Refuse:
    """What a rollout did, by the very dealing that the log has from before its first wave.

    Units that are not of the plan are not looked at. A week of which a unit has no figure is left out for all
    of them, so that chance alone still decides who is compared with whom. Each look is logged before its
    result is there, and counted: whoever looks often finds something.

    Raises: LedgerBroken where the plan or the dealing are not those that were logged.
    """
    assignment = assignment_of(g, name)
    if isinstance(assignment, Refuse):
        return assignment
    try:
        grid = grid_of(table)
    except ValueError as error:
        return Refuse("no-table", f"{str(error).capitalize()}.")
    missing = len({unit.unit for unit in assignment.plan.units} - set(grid.units))
    if missing:
        says = f"{missing} of {len(assignment.plan.units)} units that were dealt are not in the table."
        return Refuse("units-missing", f"{says} Whoever leaves units out chooses the result.")
    look, entry = _logged(g, name)
    held = _held(assignment, grid, seen_until)
    return Released(_found(assignment, held, look, entry, draws), CLAUSE)


def _logged(g: Guarded, name: str) -> tuple[int, int]:
    """How many looks there were with this one, and its entry."""
    entries = (g.log.entry(place) for place in range(len(g.log)))
    bodies = (read_entry(entry)[1] for entry in entries if entry[0] == EntryKind.RELEASE)
    look = 1 + sum(body.get(KIND) == name and body.get("verdict") == LOOKED for body in bodies)
    told: Body = {KIND: name, "verdict": LOOKED, "look": look, "at": g.minute}
    return look, g.log.append([open_entry(EntryKind.RELEASE, told)])


def _held(assignment: Assignment, grid: Grid, seen_until: date) -> _Held:
    """The rows of dealt units, and the weeks that all of them have."""
    plan = assignment.plan
    rows = [grid.units.index(unit.unit) for unit in plan.units]
    outcome = grid.outcome(plan.outcome, seen_until)[rows]
    looked = [
        n for n, week in enumerate(grid.mondays[: outcome.shape[1]]) if plan.begins <= week <= plan.ends
    ]
    whole = [n for n in looked if np.isfinite(outcome[:, n]).all()]
    mondays = [grid.mondays[n] for n in whole]
    starts = [
        NEVER if isinstance(wave.starts, Unknown) else _place(mondays, wave.starts) for wave in plan.waves
    ]
    names = [wave.name for wave in plan.waves]
    exposure: Floats = grid.exposure[rows][:, whole]
    has_exposure = bool(np.isfinite(exposure).all()) and exposure.size > 0
    trial: Trial | Unknown
    if not 0 < min(starts) < len(whole):
        trial = Unknown("there are no weeks both before and after the first wave that all units have")
    else:
        trial = Trial(
            outcome=outcome[:, whole],
            exposure=exposure if has_exposure else np.zeros_like(exposure),
            wave=np.array([names.index(assignment.wave[unit.unit]) for unit in plan.units], np.int64),
            stratum=np.unique([unit.stratum for unit in plan.units], return_inverse=True)[1].astype(np.int64),
            starts=starts,
        )
    return _Held(trial, has_exposure, len(whole), len(looked) - len(whole))


def _place(mondays: Sequence[date], start: date) -> int:
    """Which of some weeks is the first from a day on."""
    return sum(week < start for week in mondays)


def _found(assignment: Assignment, held: _Held, look: int, entry: int, draws: int) -> RolloutFound:
    given, moved, used = _effects(held, draws)
    judgement, says = _verdict(given)
    return RolloutFound(
        name=assignment.plan.name,
        outcome=assignment.plan.outcome.name,
        judgement=judgement,
        says=says,
        given=given,
        moved=moved,
        used=used,
        units=len(assignment.plan.units),
        weeks=held.weeks,
        left_out=held.left_out,
        look=look,
        entry=entry,
        dealt_entry=assignment.entry,
    )


Effect = DealtEffect | Unknown


def _effects(held: _Held, draws: int) -> tuple[Effect, Effect, Effect]:
    trial = held.trial
    if isinstance(trial, Unknown):
        return trial, trial, trial
    if not np.ptp(trial.outcome) > 0:
        still = Unknown("the figure never moved")
        return still, still, still
    try:
        given = intention_to_treat(trial, draws=draws)
        if not held.has_exposure:
            return given, NO_EXPOSURE, NO_EXPOSURE
        return given, use_moved(trial, draws=draws), effect_of_use(trial, draws=draws)
    except ValueError as error:
        why = Unknown(str(error))
        return why, why, why


def _verdict(given: Effect) -> tuple[Judgement, str]:
    if isinstance(given, Unknown):
        return Judgement.CANT_TELL, f"Can't tell: {given.why}."
    low, high, value = given.effect.low, given.effect.high, given.effect.value
    if isinstance(low, Unknown) or isinstance(high, Unknown):
        why = low.why if isinstance(low, Unknown) else "the interval has no upper end"
        return Judgement.CANT_TELL, f"Can't tell: {why}."
    if low <= 0 <= high:
        says = f"No sign that being given it changed anything: between {low:+.3g} and {high:+.3g}"
        return Judgement.NO_SIGN, f"{says} (p = {given.chance:.2g})."
    word, judgement = ("raised", Judgement.ROSE) if value > 0 else ("lowered", Judgement.FELL)
    says = f"Being given it {word} the outcome: by {value:+.3g}, between {low:+.3g} and {high:+.3g}"
    return judgement, f"{says} (p = {given.chance:.2g})."
