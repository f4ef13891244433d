"""Reads a programme as the model does: what it asks, who can look, and what people believe."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import timedelta

from counterfoil.programme.stakes import aims, counts_in_reviews, reviewed
from counterfoil.simulate.company.people import TASK_TOKENS
from counterfoil.terms.absent import Unknown
from counterfoil.terms.aim import Audience, Display, Eligible, Target
from counterfoil.terms.forecast import Lever
from counterfoil.terms.metric import Kind, Level
from counterfoil.terms.programme import Programme
from counterfoil.terms.promise import ManagerGoal, ReadLog, Told, Use

SEEN_AT = {Level.PERSON: 1.0, Level.TEAM: 0.5, Level.UNIT: 0.1, Level.COMPANY: 0.0}
SEEN_BY = {
    Audience.EVERYONE: 1.0,
    Audience.LEADERS: 0.6,
    Audience.LINE_MANAGERS: 0.5,
    Audience.PARTIES: 0.1,
    Audience.FINANCE: 0.1,
    Audience.STEWARDS: 0.1,
    Audience.SELF: 0.0,
}
BOSSES = {Audience.LINE_MANAGERS, Audience.LEADERS, Audience.EVERYONE}
TOKENS = "tokens"
"""The metric that is counted in tokens, and not in uses."""
LOGGED = {ReadLog.NONE: 0.0, ReadLog.INTERNAL: 0.3, ReadLog.STAFF: 1.0}
HARDLY = 0.1
"""Visibility to stewards, or among the many of a unit."""
DAY, WEEK = timedelta(days=1), timedelta(days=7)
CAN_LOOK, REACH = 0.05, 0.4
"""The chance that a manager looks at a person where code forbids it, and where nothing does."""
SILENT_LINK, SILENT_BELIEF = 0.1, 0.5
"""What people assume of reviews where nothing is said: neither a promise nor a threat."""
INFORMED_LINK = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """A programme as people feel it; everything from 0 to 1, except for the target."""

    target: float = 0.0
    """Uses a week that each person has to reach.

    Unit: uses a person and week.
    """
    visibility: float = 0.0
    """How far others see what one did."""
    ranked: float = 0.0
    """Whether people stand in an order, or win titles."""
    review_link: float = 0.0
    """How far the numbers count in reviews, as the programme says."""
    credibility: float = 0.9
    """How far people believe a denial."""
    managers_look: float = 0.05
    """The chance that a manager looks."""
    outcome_paired: float = 1.0
    """How far an outcome is read in the same decision."""
    transparency: float = 1.0
    """How far people see what is measured, and who looked."""
    clarity: float = 0.9
    """How clear the strategy is."""


def design_of(programme: Programme) -> Design:
    """The programme as people feel it."""
    values = {lever.name.replace("-", "_"): lever.value for lever in levers(programme)}
    return Design(**{field.name: values[field.name] for field in fields(Design)})


def levers(p: Programme) -> Sequence[Lever]:
    """Each lever of the model with what in the programme led to it."""
    return [
        _target(p),
        _visibility(p),
        _ranked(p),
        _review_link(p),
        _credibility(p),
        _managers_look(p),
        _outcome_paired(p),
        _transparency(p),
        _clarity(p),
    ]


def _target(p: Programme) -> Lever:
    asked = max((_uses(t) for t in p.targets if p.metric(t.metric).is_volume), default=0.0)
    says = "a target on how much is used or made" if asked else "no target on how much is used or made"
    return Lever(name="target", value=asked, says=says)


def _uses(target: Target) -> float:
    """Uses a week that a target asks of each person; a share asks one use of each in its window.

    A target in tokens asks for as many uses as the usual task has tokens.
    """
    window = WEEK if isinstance(target.window, Unknown) else max(target.window, DAY)
    asked = 1.0 if isinstance(target.threshold, Unknown) or target.threshold <= 1 else target.threshold
    if target.metric == TOKENS:
        asked = max(asked / TASK_TOKENS, 1.0)
    return asked * (WEEK / window)


def _visibility(p: Programme) -> Lever:
    seen = max((_seen(p, d) for d in p.displays), default=0.0)
    raw = _raw(p)
    if raw > max(seen, HARDLY):
        return Lever(name="visibility", value=raw, says="rows about single people are open")
    value = max(raw, seen)
    says = "a display shows what single people or teams did"
    if value <= HARDLY:
        says = "no display shows others what one did"
    return Lever(name="visibility", value=value, says=says)


def _seen(p: Programme, d: Display) -> float:
    if not any(p.metric(name).is_volume for name in d.metrics):
        return 0.0
    return SEEN_AT[d.level] * max(SEEN_BY[a] for a in d.audience)


def _raw(p: Programme) -> float:
    readers = p.data.raw_readers
    if isinstance(readers, Unknown):
        return 0.3
    return 0.8 * max((SEEN_BY[a] for a in readers), default=0.0)


def _ranked(p: Programme) -> Lever:
    contest = any(
        d.level is Level.PERSON
        and (d.ranked or d.rewards)
        and any(p.metric(name).is_volume for name in d.metrics)
        for d in p.displays
    )
    says = "people stand in an order or win titles" if contest else "nobody stands in an order"
    return Lever(name="ranked", value=float(contest), says=says)


def _review_link(p: Programme) -> Lever:
    use = p.review.use
    if isinstance(use, Unknown):
        return Lever(
            name="review-link", value=SILENT_LINK, says="nothing is said on reviews; people assume some"
        )
    if not counts_in_reviews(p) or not any(m.is_volume for m in reviewed(p)):
        return Lever(name="review-link", value=0.0, says="volume is said not to count in reviews")
    full = use is Use.DETERMINES
    return Lever(
        name="review-link", value=1.0 if full else INFORMED_LINK, says=f"volume {use} reviews, it says"
    )


def _credibility(p: Programme) -> Lever:
    if isinstance(p.review.use, Unknown):
        return Lever(name="credibility", value=SILENT_BELIEF, says="there is no promise to believe or doubt")
    held = [
        (0.4, p.review.blocked_in_code is True, "held by code"),
        (0.3, p.review.log is ReadLog.STAFF, "reads open to staff"),
        (0.2, _look(p) <= CAN_LOOK, "managers can't look"),
    ]
    reasons = [words for _, holds, words in held if holds]
    value = sum(share for share, holds, _ in held if holds)
    return Lever(name="credibility", value=round(value, 2), says=", ".join(reasons) or "nothing holds it")


def _managers_look(p: Programme) -> Lever:
    value = _look(p)
    says = "managers can't look at a person"
    if value > CAN_LOOK:
        says = "managers are shown single people" if value > REACH else "managers could look"
    return Lever(name="managers-look", value=value, says=says)


def _look(p: Programme) -> float:
    """The chance that a manager looks: shown to them, merely within reach, or neither."""
    if p.data.own_report_demanded is True or p.review.manager_goal is ManagerGoal.TEAM_NUMBER:
        return 0.9
    readers = p.data.raw_readers
    reach = set() if isinstance(readers, Unknown) else set(readers)
    for d in p.displays:
        if d.level is Level.PERSON and any(p.metric(name).is_volume for name in d.metrics):
            reach |= set(d.audience)
    if Audience.LINE_MANAGERS in reach:
        return 0.8
    return REACH if reach & BOSSES or isinstance(readers, Unknown) else CAN_LOOK


def _outcome_paired(p: Programme) -> Lever:
    pairs = [
        any(other.kind is Kind.OUTCOME for other in aim.beside) for aim in aims(p) if aim.metric.is_volume
    ]
    shown = [
        any(p.metric(name).kind is Kind.OUTCOME for name in (*d.metrics, *d.beside))
        for d in p.displays
        if d.ranked and any(p.metric(name).is_volume for name in d.metrics)
    ]
    asked = [*pairs, *shown]
    value = sum(asked) / len(asked) if asked else 1.0
    says = "outcomes are read beside volume" if value > 0.5 else "volume stands alone"
    return Lever(name="outcome-paired", value=value, says=says if asked else "nobody is held to volume")


def _transparency(p: Programme) -> Lever:
    told = len(set(p.notice.tells)) / len(Told)
    log = p.review.log
    logged = 0.0 if isinstance(log, Unknown) else LOGGED[log]
    value = round((told + logged) / 2, 2)
    says = "people are told, and see who looked" if value > 0.8 else "people don't see all of it"
    return Lever(name="transparency", value=value, says=says)


def _clarity(p: Programme) -> Lever:
    if isinstance(p.about.strategy, Unknown):
        return Lever(name="clarity", value=0.3, says="no strategy is stated")
    if any(_blanket(t) for t in p.targets if p.metric(t.metric).is_volume):
        return Lever(name="clarity", value=0.6, says="a strategy is stated, and everyone is asked the same")
    return Lever(name="clarity", value=0.9, says="a strategy is stated")


def _blanket(t: Target) -> bool:
    return isinstance(t.eligible, Unknown) or t.eligible is Eligible.EVERYONE
