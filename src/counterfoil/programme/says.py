"""What a programme tells an employee they are valued for, rule by rule, in the second person."""

from collections.abc import Iterator, Sequence

from counterfoil.programme.rule import Case
from counterfoil.programme.rules.promise import incredible_denial
from counterfoil.programme.stakes import aims, at_stake, reviewed
from counterfoil.terms.absent import Unknown
from counterfoil.terms.aim import Audience, Display, Target
from counterfoil.terms.finding import Saying
from counterfoil.terms.metric import Kind, Level, ProgrammeMetric
from counterfoil.terms.programme import Programme
from counterfoil.terms.promise import Collected, IndividualAction, ManagerGoal, OnBreak, ReadLog, Use

SEES = {
    Audience.SELF: "you",
    Audience.LINE_MANAGERS: "your line manager",
    Audience.LEADERS: "leaders",
    Audience.FINANCE: "finance",
    Audience.STEWARDS: "the stewards of the data",
    Audience.PARTIES: "the parties to the agreement",
    Audience.EVERYONE: "everyone",
}
MEANS = {
    Kind.ACTIVITY: "how much you use, whether or not anything comes of it",
    Kind.OUTPUT: "how much you make, whether or not it holds",
    Kind.OUTCOME: "what comes of the work",
    Kind.PERCEPTION: "what people say",
    Kind.COST: "what is spent",
}
WHOSE = {
    Level.PERSON: "You have",
    Level.TEAM: "Your team has",
    Level.UNIT: "Your unit has",
    Level.COMPANY: "The whole company, and so everyone in it, has",
}
TEXTS = {Collected.PROMPT_TEXT, Collected.RESPONSE_TEXT}


def says(case: Case) -> Sequence[Saying]:
    """Everything the programme tells an employee, what they are valued for first."""
    p = case.programme
    said = [
        *_valued(p),
        *(saying for target in p.targets for saying in _target(p, target)),
        *(saying for display in p.displays for saying in _display(p, display)),
        *_review(case),
        *_workforce(p),
        *_manager(p),
        *_data(p),
        *_checks(p),
    ]
    return [Saying(where=where, says=words) for where, words in said]


Said = Iterator[tuple[str, str]]


def _valued(p: Programme) -> Said:
    """What decides something, in one line for each metric."""
    held = at_stake(p)
    for metric in p.metrics:
        if metric.id in held:
            yield f"metrics.{metric.id}", f"You are valued for {metric.called}: {MEANS[metric.kind]}."
    if not held:
        yield "metrics", "No number decides anything about you."


def _target(p: Programme, t: Target) -> Said:
    where, metric = f"targets.{t.id}", p.metric(t.metric)
    over = "" if isinstance(t.window, Unknown) else f", counted over {_span(t.window.total_seconds())}"
    goal = _amount(metric, t.threshold)
    yield where, f"{WHOSE[t.level]} a goal to reach for {metric.called}: {goal}{over}."
    if t.cliff is True:
        yield f"{where}.cliff", "Being just short counts as nothing."
    if not t.exempt:
        yield f"{where}.exempt", "Leave, part-time work and disability count against you."
    if t.tiers:
        yield f"{where}.tiers", f"You stand on a step: {', '.join(t.tiers)}."
    others = ", ".join(p.metric(name).called for name in t.beside)
    if others:
        yield f"{where}.beside", f"The same decision looks at {others}."
    else:
        yield f"{where}.beside", "The same decision looks at nothing else."


def _amount(metric: ProgrammeMetric, threshold: float | Unknown) -> str:
    """The value to reach, in words.

    Example:
    >>> from counterfoil.terms.ids import MetricId
    >>> share = ProgrammeMetric(id=MetricId("kept"), kind=Kind.OUTCOME, unit="share of changes")
    >>> _amount(share, 0.8), _amount(share, Unknown("no"))
    ('80 %', 'more, with no line stated')
    """
    if isinstance(threshold, Unknown):
        return "more, with no line stated"
    share = not isinstance(metric.unit, Unknown) and metric.unit.startswith("share")
    return f"{threshold * 100:.10g} %" if share else f"{threshold:,.10g}"


def _span(seconds: float) -> str:
    """A length of time in its largest whole unit.

    Example:
    >>> _span(28 * 86400), _span(86400), _span(14400)
    ('4 weeks', '1 day', '4 hours')
    """
    units = ((604_800, "week"), (86_400, "day"), (3_600, "hour"), (60, "minute"))
    size, name = next(unit for unit in units if seconds % unit[0] == 0)
    number = round(seconds / size)
    return f"{number} {name}{'s' if number > 1 else ''}"


def _display(p: Programme, d: Display) -> Said:
    where = f"displays.{d.id}"
    called = ", ".join(p.metric(name).called for name in d.metrics)
    viewers = " and ".join(SEES[a] for a in d.audience if a is not Audience.SELF)
    sees = "see" if " and " in viewers or viewers == "leaders" else "sees"
    if d.is_own_view and not d.ranked:
        yield where, f"You alone see your own {called}."
    elif d.level is Level.PERSON:
        place = f", and {viewers} {sees} your place" if viewers else ""
        yield where, f"You are ranked by {called}{place}." if d.ranked else _watched(viewers, sees, called)
    elif d.ranked:
        yield where, f"Your {d.level} is ranked by {called}, and {viewers or 'its members'} {sees} its place."
    else:
        yield where, f"{(viewers or 'you').capitalize()} {sees} {called} of your {d.level}, in no order."
    if d.rewards:
        yield f"{where}.rewards", f"There is something to win by {called}: {', '.join(d.rewards)}."
    if d.tiers:
        yield f"{where}.tiers", f"You get a label: {', '.join(d.tiers)}."


def _watched(viewers: str, sees: str, called: str) -> str:
    return f"{viewers.capitalize()} {sees} your {called}, by name."


def _review(case: Case) -> Said:
    p = case.programme
    use, statement = p.review.use, p.review.statement
    if isinstance(use, Unknown):
        yield "review.use", "You are not told whether any of this counts in your review. Assume that it does."
    elif use is Use.NONE:
        yield "review.use", "None of this is to count in your review, pay, promotion or exit."
    else:
        what = ", ".join(metric.called for metric in reviewed(p)) or "everything measured"
        does = "informs" if use is Use.INFORMS else "decides"
        yield "review.use", f"What {does} your review, pay, promotion or exit: {what}."
    if not isinstance(statement, Unknown):
        yield "review.statement", f"You are told, word for word: “{statement}”"
    for hit in incredible_denial.find(case):
        yield "review.use", f"You may not believe that. {hit.says}"
    if p.review.log is ReadLog.STAFF:
        yield "review.log", "You can check who looked at your numbers, and why."


def _workforce(p: Programme) -> Said:
    words = {
        Use.NONE: "None of this is to be a reason to replace you or to reduce jobs.",
        Use.INFORMS: "This can be a reason to replace you or to reduce jobs.",
        Use.DETERMINES: "This decides whether you are replaced or jobs are reduced.",
    }
    use = p.workforce.use
    if isinstance(use, Unknown):
        yield "workforce.use", "You are not told whether any of this can cost your job."
    else:
        yield "workforce.use", words[use]


def _manager(p: Programme) -> Said:
    goal = p.review.manager_goal
    if goal is ManagerGoal.TEAM_NUMBER:
        yield "review.manager_goal", "Your manager is judged by your team's number, and will ask you for it."
    elif goal is ManagerGoal.SUPPORT:
        yield "review.manager_goal", "Your manager is asked to help, not to bring a number."


def _data(p: Programme) -> Said:
    data = p.data
    if TEXTS.intersection(data.collects):
        yield "data.collects", "What you write to an AI, or what it answers, is kept."
    if isinstance(data.raw_readers, Unknown):
        yield "data.raw_readers", "You are not told who can reach rows about you alone."
    else:
        readers = [SEES[reader] for reader in data.raw_readers]
        yield "data.raw_readers", f"Rows about you alone can be reached by: {', '.join(readers) or 'nobody'}."
    if data.own_report_demanded is False:
        yield "data.own_report_demanded", "Nobody may ask you for the report from your own machine."
    else:
        yield "data.own_report_demanded", "You can be asked for the report from your own machine."


def _checks(p: Programme) -> Said:
    gaming, spending = p.gaming, p.spending
    if gaming.individual_action is IndividualAction.AUTO_FLAG:
        yield "gaming.individual_action", "A machine can accuse you of gaming."
    if gaming.on_break is OnBreak.SUSPEND and gaming.checks:
        yield (
            "gaming.on_break",
            "When a number stops meaning anything, its target is suspended; nobody is accused.",
        )
    asked = spending.encourages_use is True or any(a.metric.kind is Kind.ACTIVITY for a in aims(p))
    if asked and spending.has_budget is not True:
        yield "spending.has_budget", "Use as much as you can: nobody answers for what it costs."
