"""Answers to the plain questions turned into a programme, or into words on what can't be taken."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from counterfoil.programme.change import changed, without
from counterfoil.programme.decode import MOST_NUMBER
from counterfoil.programme.load import loaded
from counterfoil.programme.questions import questions
from counterfoil.programme.rules.gaming import PEOPLE_NEEDED
from counterfoil.programme.template import template
from counterfoil.terms.absent import Unknown
from counterfoil.terms.aim import Audience, Display, Eligible, Exemption, Target
from counterfoil.terms.ids import DisplayId, MetricId, TargetId
from counterfoil.terms.metric import NOT_SAID, Kind, Level, ProgrammeMetric
from counterfoil.terms.programme import Programme
from counterfoil.terms.promise import (
    Assessed,
    Collected,
    Floors,
    IndividualAction,
    ManagerGoal,
    OnBreak,
    ReadLog,
    Review,
    Told,
    Use,
    Workforce,
)
from counterfoil.terms.question import Answers, Form, Question, Wanting

LONGEST_NAME = 120
WEEK, MONTH, LONG = timedelta(days=7), timedelta(days=28), timedelta(days=365)
PLACES = {"eu": ("EU",), "uk": ("GB",), "both": ("EU", "GB"), "elsewhere": ()}
OUTCOMES = (MetricId("corrected"), MetricId("incidents"), MetricId("hours-saved"))
TOKENS, KEPT = MetricId("tokens"), MetricId("kept")
WATCHERS = {
    "manager": ("managers", (Audience.LINE_MANAGERS,)),
    "leaders": ("leaders", (Audience.LEADERS,)),
    "everyone": ("names", (Audience.EVERYONE,)),
    "board": ("board", (Audience.EVERYONE,)),
}


def wanting(answers: Answers) -> Sequence[Wanting]:
    """What can't be taken as an answer; nothing where a programme can be made of them."""
    return [Wanting(q.id, says) for q in questions() if (says := _wrong(q, answers.get(q.id, ())))]


def _wrong(question: Question, given: Sequence[str]) -> str:
    if question.form is Form.SEVERAL:
        return "" if set(given) <= {name for name, _ in question.options} else "Choose from what is offered."
    said = given[0].strip() if given else ""
    if question.form is Form.ONE:
        return "" if said in {name for name, _ in question.options} else "Choose one of the answers."
    if question.form is Form.TEXT:
        fits = said and len(said) <= LONGEST_NAME
        return "" if fits else f"Write a name of at most {LONGEST_NAME} characters."
    number = said.replace(",", "").replace(" ", "")
    fits = number.isascii() and number.isdigit() and 1 <= int(number[:20]) <= MOST_NUMBER
    return "" if fits else "Write a whole number, such as 500."


def programme_of(answers: Answers, today: date) -> Programme:
    """The programme that was described; what was not asked has the value of the template, which is safe.

    The answers are ones in which nothing is wanting.
    """
    p = loaded(template(today), name="template", today=today, rules=()).programme
    p = replace(p, targets=())
    for name, turn in TURNS.items():
        p = turn(p, answers[name][0] if answers[name] else "", today)
    return _rewarded(_watched(p, answers["person"]), answers["prizes"][0])


def _about(p: Programme, name: str, _: date) -> Programme:
    return changed(p, "about", name=" ".join(name.split()))


def _where(p: Programme, where: str, _: date) -> Programme:
    return changed(p, "about", jurisdictions=PLACES[where])


def _people(p: Programme, number: str, _: date) -> Programme:
    people = int(number.replace(",", "").replace(" ", ""))
    checks = tuple(check for check in p.gaming.checks if PEOPLE_NEEDED[check] <= people)
    return changed(changed(p, "about", people=people), "gaming", checks=checks)


def _counted(p: Programme, counted: str, _: date) -> Programme:
    if counted == "results":
        return p
    p = changed(p, f"metrics.{TOKENS}", counterweights=())
    if counted == "apart":
        return p
    return replace(without(p, "displays.units"), metrics=tuple(m for m in p.metrics if m.id == TOKENS))


def _rows(p: Programme, rows: str, _: date) -> Programme:
    readers: Mapping[str, Any] = {
        "stewards": p.data.raw_readers,
        "leaders": (Audience.SELF, Audience.STEWARDS, Audience.LINE_MANAGERS, Audience.LEADERS),
        "everyone": (Audience.SELF, Audience.STEWARDS, Audience.EVERYONE),
        "unsaid": NOT_SAID,
    }
    return changed(p, "data", raw_readers=readers[rows])


def _floor(p: Programme, floor: str, _: date) -> Programme:
    if floor == "safe":
        return p
    floors: Mapping[str, int | Unknown] = {"ten": 10, "five": 5, "none": NOT_SAID}
    least = floors[floor]
    p = replace(p, floors=Floors(activity=least, outcome=least, comments=least))
    return replace(
        p, displays=tuple(d if d.level is Level.PERSON else replace(d, floor=least) for d in p.displays)
    )


def _units(p: Programme, units: str, _: date) -> Programme:
    ordered = {"past": "", "results": "units", "use": "capacity"}[units]
    return replace(p, displays=tuple(replace(d, ranked=d.id == ordered) for d in p.displays))


def _target(p: Programme, target: str, today: date) -> Programme:
    if target == "nothing":
        return p
    base = Target(id=TargetId("result"), metric=KEPT, level=Level.UNIT, expires=today + timedelta(days=180))
    if target == "result":
        return replace(_with_kept(p), targets=(replace(base, threshold=0.8, beside=_beside(p)),))
    if target == "share":
        p = _with_use(p, "weekly-use", "people who use AI in a week", "share of people", Kind.ACTIVITY)
        aim = replace(base, id=TargetId("share"), metric=MetricId("weekly-use"), threshold=0.8)
        return replace(p, targets=(replace(aim, level=Level.COMPANY),))
    if target == "each":
        aim = replace(base, id=TargetId("each"), metric=TOKENS, level=Level.PERSON)
        return replace(p, targets=(aim,))
    p = _with_use(p, "made", "things made", "results", Kind.OUTPUT)
    return replace(
        p, targets=(replace(base, id=TargetId("made"), metric=MetricId("made"), level=Level.PERSON),)
    )


def _with_kept(p: Programme) -> Programme:
    """The programme with the metric that a result is, where only use was counted."""
    if any(m.id == KEPT for m in p.metrics):
        return p
    metric = ProgrammeMetric(
        id=KEPT, name="work still standing after 30 days", kind=Kind.OUTCOME, level=Level.UNIT
    )
    return replace(p, metrics=(*p.metrics, metric))


def _beside(p: Programme) -> tuple[MetricId, ...]:
    """What a result is read with, unless results stand apart or are not counted."""
    weighed = bool(p.metric(TOKENS).counterweights)
    return OUTCOMES if weighed else ()


def _with_use(p: Programme, name: str, called: str, unit: str, kind: Kind) -> Programme:
    """The programme with another count of each person, like that of tokens."""
    tokens = p.metric(TOKENS)
    metric = replace(
        tokens,
        id=MetricId(name),
        name=called,
        unit=unit,
        kind=kind,
        definition=f"{called[:1].upper()}{called[1:]}, as the tools report.",
        cached_tokens=NOT_SAID,
    )
    return replace(p, metrics=(tokens, metric, *(m for m in p.metrics if m is not tokens)))


def _window(p: Programme, window: str, _: date) -> Programme:
    length, cliff = (MONTH, False) if window == "long" else (WEEK, True)
    return replace(p, targets=tuple(replace(t, window=length, cliff=cliff) for t in p.targets))


def _exempt(p: Programme, exempt: str, _: date) -> Programme:
    left_out = () if exempt == "nobody" else tuple(Exemption)
    eligible = Eligible.SUITABLE_TASKS if exempt == "all" else Eligible.EVERYONE
    return replace(p, targets=tuple(replace(t, exempt=left_out, eligible=eligible) for t in p.targets))


def _watched(p: Programme, watchers: Sequence[str]) -> Programme:
    """A display for each group that sees single people."""
    added = [
        Display(
            id=DisplayId(name),
            metrics=(TOKENS,),
            level=Level.PERSON,
            audience=audience,
            ranked=watcher == "board",
            ends=p.about.ends,
        )
        for watcher, (name, audience) in WATCHERS.items()
        if watcher in watchers
    ]
    return replace(p, displays=(*p.displays, *added))


def _rewarded(p: Programme, prizes: str) -> Programme:
    """Prizes on the board where there is one, else on what each person sees of themselves."""
    if prizes == "nothing":
        return p
    place = "board" if any(d.id == "board" for d in p.displays) else "my-usage"
    return changed(p, f"displays.{place}", rewards=("badges or prizes",), tiers=("titles",))


def _cost(p: Programme, cost: str, _: date) -> Programme:
    return changed(p, "spending", has_budget=cost == "budget", encourages_use=True)


def _review(p: Programme, review: str, today: date) -> Programme:
    if review == "held":
        return p
    goal = p.review.manager_goal
    if review == "unsaid":
        return replace(p, review=Review(manager_goal=goal))
    said = {
        "said": (Use.NONE, p.review.statement),
        "informs": (Use.INFORMS, "The figures are one thing among others in reviews."),
        "determines": (Use.DETERMINES, "The figures decide reviews, pay and promotion."),
    }
    use, statement = said[review]
    return changed(
        p, "review", use=use, statement=statement, since=today, blocked_in_code=False, log=ReadLog.NONE
    )


def _manager(p: Programme, manager: str, _: date) -> Programme:
    goals = {
        "support": ManagerGoal.SUPPORT,
        "none": ManagerGoal.NONE,
        "number": ManagerGoal.TEAM_NUMBER,
    }
    return changed(p, "review", manager_goal=goals[manager])


def _jobs(p: Programme, jobs: str, today: date) -> Programme:
    if jobs == "never":
        return p
    if jobs == "unsaid":
        return replace(p, workforce=Workforce())
    says = "The figures can be one reason among others to replace people or to reduce jobs."
    return changed(p, "workforce", use=Use.INFORMS, statement=says, since=today)


def _wrong_number(p: Programme, wrong: str, _: date) -> Programme:
    if wrong == "nothing":
        return changed(p, "gaming", checks=(), on_break=OnBreak.NOTHING, workload_register=False)
    if wrong == "flag":
        return changed(p, "gaming", individual_action=IndividualAction.AUTO_FLAG, workload_register=False)
    return p


def _told(p: Programme, told: str, _: date) -> Programme:
    if told == "part":
        return changed(p, "notice", tells=(Told.WHAT,))
    return changed(p, "notice", given_on=NOT_SAID, again_on_change=False) if told == "late" else p


def _assessed(p: Programme, assessed: str, _: date) -> Programme:
    how_far = {"done": Assessed.DONE, "planned": Assessed.PLANNED, "no": Assessed.NOT_DONE}[assessed]
    return changed(p, "assessments", dpia=how_far, consultation=how_far)


def _data(p: Programme, data: str, _: date) -> Programme:
    more = {
        "text": (Collected.PROMPT_TEXT, Collected.RESPONSE_TEXT),
        "watch": (Collected.IDLE_MINUTES, Collected.KEYSTROKES, Collected.SCREENSHOTS, Collected.LOCATION),
    }
    if data == "long":
        return changed(p, "data", step=NOT_SAID, keep_raw=LONG)
    return changed(p, "data", collects=(*p.data.collects, *more.get(data, ())))


Turn = Callable[[Programme, str, date], Programme]
TURNS: Mapping[str, Turn] = {
    "name": _about,
    "where": _where,
    "people": _people,
    "counted": _counted,
    "rows": _rows,
    "floor": _floor,
    "units": _units,
    "target": _target,
    "window": _window,
    "exempt": _exempt,
    "cost": _cost,
    "review": _review,
    "manager": _manager,
    "jobs": _jobs,
    "wrong": _wrong_number,
    "told": _told,
    "assessed": _assessed,
    "data": _data,
}
"""What each answer does to the programme; who is watched and rewarded comes after all of them."""
