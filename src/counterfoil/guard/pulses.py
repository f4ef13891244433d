"""Shows what the last pulse came to, as it was told when it closed; nothing of it is computed again."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from counterfoil.guard.dominance import COUNTED_IN
from counterfoil.guard.force import version
from counterfoil.guard.guarded import Guarded, asker_of
from counterfoil.guard.judged import Standing as Asking
from counterfoil.guard.members import members_today
from counterfoil.guard.policy import Question
from counterfoil.guard.pulse import FLOOR, KIND, Told, Verdict
from counterfoil.guard.shown import AUDIENCES, LEAST_FLOOR
from counterfoil.guard.worded import purpose_told
from counterfoil.ledger.entry import Body, EntryKind, open_entry
from counterfoil.terms.absent import Unknown
from counterfoil.terms.aim import Display
from counterfoil.terms.ask import Viewer
from counterfoil.terms.metric import Kind, Level
from counterfoil.terms.programme import Programme
from counterfoil.terms.pulse import Standing
from counterfoil.terms.release import Permit, Refuse, Released, Withheld

WAS_TOLD = b"1"
"""What is left of a pulse once its time is over: that it was told, so that it is not told again."""
NONE_TOLD = Refuse("no-pulse", "No pulse was told so far, or its time is over.")


@dataclass(frozen=True, slots=True, kw_only=True)
class LastPulse:
    """A pulse as it was told."""

    id: str
    closed: date
    told: date
    figures: Mapping[str, Sequence[Verdict]]
    """By question: of those who lead, and of the others."""
    entry: int
    """Where the log has that it was asked for."""


def last_pulse(g: Guarded, purpose: str, viewer: Viewer) -> LastPulse | Refuse:
    """What the last pulse came to, once the log has that it was asked for.

    Raises: StoreError where it can't be logged or read; then nothing is shown.
    """
    verdict = _may(g, purpose, viewer)
    found = {name: json.loads(v) for name, v in g.lake.registry.all_kept(KIND).items() if v != WAS_TOLD}
    if verdict is None and not found:
        return NONE_TOLD
    name = max(found, key=lambda name: (found[name]["closed"], name), default="")
    force = version(g)
    body: Body = {
        "verdict": "pulse-shown",
        "pulse": name,
        "role": viewer.role,
        "purpose": purpose_told(force, purpose),
        "came": "permitted" if verdict is None else "refused",
        "clause": KIND if verdict is None else verdict.clause,
        "at": g.minute,
        "programme": None if force is None else force.digest,
    }
    entry = g.log.append([open_entry(EntryKind.RELEASE, body)])
    if verdict is not None:
        return verdict
    one = found[name]
    floor, day = _floor(g, viewer), date.fromisoformat
    figures = {
        question: [_verdict(standing, kept, floor) for standing, kept in zip(Standing, some, strict=True)]
        for question, some in one["figures"].items()
    }
    return LastPulse(id=name, closed=day(one["closed"]), told=day(one["told"]), figures=figures, entry=entry)


def _may(g: Guarded, purpose: str, viewer: Viewer) -> Refuse | None:
    """Why somebody is not shown it: the programme has to name the purpose, and to show what people say."""
    force = version(g)
    if force is None:
        return Refuse("no-programme", "No programme is in force, and nothing is measured without one.")
    asking = Asking(g, viewer, force)
    if asking.away is not None:
        return asking.away
    if viewer.role not in asking.roles:
        return Refuse("role-not-held", f"Whoever asks does not hold the role of {viewer.role}.")
    programme = force.programme(g.now.date())
    displays = _displays(programme, viewer)
    question = Question(
        grain="company",
        kind=Kind.PERCEPTION,
        subject="nobody",
        others=max(len(members_today(g.lake, g.now.date())) - 1, 0),
        floor=_floor(g, viewer),
        own_team=False,
        purpose=purpose,
        in_programme=purpose in programme.about.purposes,
        shown=bool(displays),
        logged=True,
    )
    verdict = g.policies.may(asker_of(viewer), question)
    if isinstance(verdict, Permit) and not displays:
        return Refuse("display", "The programme does not show you what people say of their hours.")
    return verdict if isinstance(verdict, Refuse) else None


def _displays(programme: Programme, viewer: Viewer) -> Sequence[Display]:
    said = {metric.id for metric in programme.metrics if metric.kind is Kind.PERCEPTION}
    return [
        display
        for display in programme.displays
        if said & set(display.metrics)
        and display.level is not Level.PERSON
        and set(display.audience) & AUDIENCES[viewer.role]
    ]


def _floor(g: Guarded, viewer: Viewer) -> int:
    """The fewest answers that the programme of today promises, which may be more than that of then."""
    force = version(g)
    if force is None:
        return LEAST_FLOOR
    programme = force.programme(g.now.date())
    promised = [programme.floors.outcome, *(display.floor for display in _displays(programme, viewer))]
    return max([LEAST_FLOOR, *(floor for floor in promised if not isinstance(floor, Unknown))])


def _verdict(standing: Standing, kept: Mapping[str, Any] | None, floor: int) -> Verdict:
    if kept is None:
        return Withheld()
    if "clause" in kept:
        return Refuse(kept["clause"], kept["why"])
    # To the nearest five: that many answered at least.
    if max(kept["answers"] - COUNTED_IN // 2, FLOOR) < floor:
        return Refuse("floor", f"Fewer than {floor} answered, so their answers are not told.")
    coverage = kept["coverage"]
    known = Unknown(coverage["unknown"]) if isinstance(coverage, dict) else coverage
    return Released(Told(**{**kept, "standing": standing, "coverage": known}), KIND)


def let_pulses_go(g: Guarded) -> int:
    """Keep of each pulse no more than that it was told, once the programme and its time for rows are over."""
    force = version(g)
    if force is None:
        return 0
    programme = force.agreed()
    ends, kept_for = programme.about.ends, programme.data.keep_raw
    if isinstance(ends, Unknown) or isinstance(kept_for, Unknown) or ends + kept_for > g.now.date():
        return 0
    over = [name for name, kept in g.lake.registry.all_kept(KIND).items() if kept != WAS_TOLD]
    for name in over:
        body: Body = {"rule": "retired", "pulse": name, "at": g.minute}
        g.log.append([open_entry(EntryKind.RULE, body)])
        with g.lake.registry.change() as change:
            change.keep(KIND, name, WAS_TOLD)
    return len(over)
