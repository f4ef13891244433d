"""Rules about what is shown, and to whom: AP301 to AP308."""

from collections.abc import Iterator

from counterfoil.programme.rule import Case, Hit, rule
from counterfoil.programme.stakes import aims
from counterfoil.terms.absent import Unknown
from counterfoil.terms.aim import Audience, Display
from counterfoil.terms.finding import Severity
from counterfoil.terms.metric import Kind, Level, ProgrammeMetric
from counterfoil.terms.programme import Programme

ACTIVITY_FLOOR = 50
LOWEST_FLOOR = 5
SAFE_FLOOR = 10


@rule(
    "AP301 named-ranking",
    Severity.ERROR,
    flags="People in an order.",
    why="Whoever is in an order works on their place in it; status alone is enough, without any target.",
    source="Press reports on Meta's Claudeonomics, Amazon's KiroRank and Disney, 2026.",
    fix="Remove the order. Show each person their own figure, or units beside their own past.",
)
def named_ranking(case: Case) -> Iterator[Hit]:
    """An order of people."""
    for d in case.programme.displays:
        if d.ranked and d.level is Level.PERSON:
            yield Hit(f"displays.{d.id}.ranked", "It puts people in an order.")


@rule(
    "AP302 consumption-ranking",
    Severity.ERROR,
    flags="People (error), teams or units (warning) in the order of what they consume.",
    why="The first place goes to whoever burns most.",
    source="Press reports on Uber's boards of teams, 2026 (working-ref.com, secondary).",
    fix="Order nothing by consumption; show it as cost to those who answer for it.",
)
def consumption_ranking(case: Case) -> Iterator[Hit]:
    """An order by what is used up."""
    p = case.programme
    for d in p.displays:
        for metric in _ordered_by(p, d):
            if metric.is_consumption:
                whom = "people" if d.level is Level.PERSON else "teams or units"
                severity = Severity.ERROR if d.level is Level.PERSON else Severity.WARNING
                yield Hit(f"displays.{d.id}.ranked", f"It orders {whom} by {metric.called}.", severity)


@rule(
    "AP303 volume-prizes",
    Severity.ERROR,
    flags="Badges, titles or prizes for volume.",
    why="A prize for how much is won by making much.",
    source="Press reports on Meta's titles (Token Legend) and Amazon's profile badges, 2026.",
    fix="Thank people for results that others could use again, in words.",
)
def volume_prizes(case: Case) -> Iterator[Hit]:
    """Prizes for how much."""
    for aim in aims(case.programme):
        if aim.by_reward and aim.metric.is_volume:
            yield Hit(f"{aim.where}.rewards", f"It gives prizes for the amount of {aim.metric.called}.")


@rule(
    "AP304 unofficial-board",
    Severity.ERROR,
    flags="Rows about single people that others than themselves and the stewards can reach.",
    why="Somebody will build a board of them: both famous ones were built by employees, not by HR.",
    source="404 Media on Amazon's board, called not formal or approved, and press reports on Meta's, 2026.",
    fix='Let only stewards reach them, for a stated purpose: `raw_readers = ["self", "stewards"]`.',
)
def unofficial_board(case: Case) -> Iterator[Hit]:
    """Rows that anybody could make a board of."""
    readers = case.programme.data.raw_readers
    if isinstance(readers, Unknown):
        yield Hit("data.raw_readers", "It does not say who can reach rows about single people.")
        return
    others = [str(reader) for reader in readers if reader not in {Audience.SELF, Audience.STEWARDS}]
    if others:
        yield Hit("data.raw_readers", f"Rows about single people can be reached by: {', '.join(others)}.")


@rule(
    "AP305 small-cohort",
    Severity.ERROR,
    flags="Figures of too few people: under 5 others (error), under 10 (warning), under 50 for activity and "
    "its cost (error); or filters that overlap.",
    why="A figure of few people is a figure of each; two answers that overlap subtract to one person.",
    source="Denning, Denning and Schwartz (1979), The Tracker, ACM TODS 4(1); five is the least that survey "
    "vendors document (Microsoft Viva, Culture Amp).",
    fix="Raise the floor to 10 for outcomes and 50 for activity, and let no filters overlap.",
)
def small_cohort(case: Case) -> Iterator[Hit]:
    """Figures of too few people."""
    p = case.programme
    for name, least in (("activity", ACTIVITY_FLOOR), ("outcome", LOWEST_FLOOR), ("comments", SAFE_FLOOR)):
        yield from _too_low(getattr(p.floors, name), least, f"floors.{name}")
    for d in p.displays:
        if d.level is Level.PERSON:
            continue
        if d.overlapping_filters:
            says = "Its filters can overlap, so that two answers subtract to one person."
            yield Hit(f"displays.{d.id}.overlapping_filters", says)
        if isinstance(d.floor, Unknown):
            yield from _without_floor(p, d)
        else:
            active = any(is_activity(p.metric(name), d) for name in d.metrics)
            least = ACTIVITY_FLOOR if active else LOWEST_FLOOR
            yield from _too_low(d.floor, least, f"displays.{d.id}.floor")


@rule(
    "AP306 manager-peek",
    Severity.ERROR,
    flags="Somebody, such as a line manager, sees what a single other person did.",
    why="A promise that numbers don't count is not believed by those whose manager can look.",
    source="Press reports on Disney's check-ins and on Amazon, where staff said that managers look, 2026.",
    fix="Block it in code: each person sees their own, everybody else sees units.",
)
def manager_peek(case: Case) -> Iterator[Hit]:
    """A person's row in front of somebody else; an order of people is AP301."""
    for d in case.programme.displays:
        if d.level is not Level.PERSON or d.is_own_view:
            continue
        if Audience.LINE_MANAGERS in d.audience or not d.ranked:
            others = ", ".join(a for a in d.audience if a is not Audience.SELF)
            yield Hit(f"displays.{d.id}.audience", f"It shows single people to: {others}.")


@rule(
    "AP307 ranked-outcomes",
    Severity.WARNING,
    flags="Teams or units in the order of what they achieve; an error with a reward or a target on it.",
    why="An order of units turns an outcome into a contest, and luck into blame.",
    source="Smith (1995), On the Unintended Consequences of Publishing Performance Data in the Public Sector "
    "(abstract); Manheim and Garrabrant (2018), arXiv:1803.04585.",
    fix="Show units in alphabetical order, each beside its own past.",
)
def ranked_outcomes(case: Case) -> Iterator[Hit]:
    """Units in the order of what they achieve."""
    p = case.programme
    targeted = {t.metric for t in p.targets}
    for d in p.displays:
        if d.level is Level.PERSON:
            continue
        for metric in _ordered_by(p, d):
            if not metric.is_consumption:
                severe = bool(d.rewards) or metric.id in targeted
                severity = Severity.ERROR if severe else Severity.WARNING
                yield Hit(f"displays.{d.id}.ranked", f"It orders units by {metric.called}.", severity)


@rule(
    "AP308 own-report-demanded",
    Severity.ERROR,
    flags="No word that nobody may demand the report that a person made on their own machine.",
    why="A figure that is private by design is not private if a manager can ask to be shown it.",
    source="Counterfoil's own trust model: a coerced look is what no software can prevent, only a rule.",
    fix="State `own_report_demanded = false`, and tell managers.",
)
def own_report_demanded(case: Case) -> Iterator[Hit]:
    """A report that can be asked for."""
    demanded = case.programme.data.own_report_demanded
    if isinstance(demanded, Unknown):
        yield Hit(
            "data.own_report_demanded", "It does not say whether people may be asked for their own report."
        )
    elif demanded:
        yield Hit("data.own_report_demanded", "People may be asked for the report from their own machine.")


def _ordered_by(p: Programme, display: Display) -> Iterator[ProgrammeMetric]:
    return (p.metric(name) for name in display.metrics if display.ranked)


def is_activity(metric: ProgrammeMetric, display: Display) -> bool:
    """Whether the floor for activity holds: for activity, and for costs unless finance alone sees them."""
    if metric.kind is Kind.COST:
        return set(display.audience) != {Audience.FINANCE}
    return metric.kind is Kind.ACTIVITY


def _without_floor(p: Programme, display: Display) -> Iterator[Hit]:
    for name in display.metrics:
        kind = "activity" if is_activity(p.metric(name), display) else "outcome"
        if isinstance(getattr(p.floors, kind), Unknown):
            says = f"It shows {p.metric(name).called} without a floor: figures of one person would be shown."
            yield Hit(f"displays.{display.id}.floor", says)


def _too_low(floor: int | Unknown, least: int, where: str) -> Iterator[Hit]:
    if isinstance(floor, Unknown):
        return
    if floor < least:
        yield Hit(where, f"A figure of {floor} other people is shown; {least} are the fewest.")
    elif floor < SAFE_FLOOR:
        says = f"A figure of {floor} other people is shown; {SAFE_FLOOR} would be safer."
        yield Hit(where, says, Severity.WARNING)


RULES = (
    named_ranking,
    consumption_ranking,
    volume_prizes,
    unofficial_board,
    small_cohort,
    manager_peek,
    ranked_outcomes,
    own_report_demanded,
)
