"""Words of a programme file as people say them: purposes, what is collected, days, lengths of time."""

from collections.abc import Mapping
from datetime import date, timedelta

from counterfoil.programme.change import joined
from counterfoil.terms.absent import Unknown
from counterfoil.terms.metric import Level
from counterfoil.terms.programme import Programme
from counterfoil.terms.promise import Check, Collected, Step

PURPOSES = {
    "value_reporting": "to say what became of the work that AI was used for",
    "enablement": "to see where help and training are needed",
    "capacity_planning": "to plan how much is needed",
    "cost_control": "to know and hold the cost",
    "own_insight": "to let each person see their own figures",
    "security_incident": "to examine a security incident",
    "performance_review": "for reviews of performance",
    "compensation": "for decisions about pay",
    "promotion": "for decisions about promotion",
    "discipline": "for disciplinary decisions",
    "termination": "for decisions about dismissal",
    "ranking": "for ranking people",
    "workforce_reduction": "for decisions about reducing jobs",
    "replacement": "for decisions about replacing people",
}
COLLECTED = {
    Collected.COUNTS: "counts of use",
    Collected.COSTS: "costs",
    Collected.FATES: "what became of results",
    Collected.SURVEY_ANSWERS: "answers to surveys",
    Collected.PROMPT_TEXT: "what people write to an AI",
    Collected.RESPONSE_TEXT: "what an AI answers them",
    Collected.IDLE_MINUTES: "idle minutes",
    Collected.KEYSTROKES: "keystrokes",
    Collected.SCREENSHOTS: "pictures of screens",
    Collected.LOCATION: "where people are",
}
CHECKS = {
    Check.DECOUPLING: "whether a number still goes with outcomes",
    Check.BUNCHING: "whether cases heap up just past a line",
    Check.PREVALENCE: "how common an odd pattern is",
}
STEPS = {Step.MINUTE: "minutes", Step.HOUR: "hours", Step.DAY: "whole days", Step.WEEK: "whole weeks"}
GRAIN: Mapping[Level, str] = {
    Level.PERSON: "for each person",
    Level.TEAM: "for each team, never for a single person",
    Level.UNIT: "for each unit, never for a single person",
    Level.COMPANY: "for the company as a whole",
}
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def spoken_day(day: date) -> str:
    """A day as it stands in a letter.

    Example:
    >>> spoken_day(date(2027, 1, 5))
    '5 January 2027'
    """
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def spoken_span(length: timedelta) -> str:
    """A length of time in days.

    Example:
    >>> spoken_span(timedelta(days=30)), spoken_span(timedelta(hours=12))
    ('30 days', 'less than a day')
    """
    return f"{length.days} day{'s' if length.days > 1 else ''}" if length.days else "less than a day"


def time_of(p: Programme) -> str:
    """From when to when a programme runs; empty where it says neither."""
    begins, ends = p.about.begins, p.about.ends
    since = "" if isinstance(begins, Unknown) else f" begins on {spoken_day(begins)}"
    until = "" if isinstance(ends, Unknown) else f" ends on {spoken_day(ends)} unless it is agreed anew"
    return f"It{' and'.join(part for part in (since, until) if part)}." if since or until else ""


def purposes_of(p: Programme) -> tuple[str, ...]:
    """What the numbers are for, in words."""
    return tuple(PURPOSES.get(purpose, purpose) for purpose in p.about.purposes)


def sentence(text: str) -> str:
    """The text with a capital letter and one full stop.

    Example:
    >>> sentence("to plan"), sentence("Done.")
    ('To plan.', 'Done.')
    """
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def not_written_down(p: Programme) -> str:
    """What goes too far and is not written down; empty where all of it is."""
    far = [
        words
        for kind, words in COLLECTED.items()
        if list(COLLECTED).index(kind) > 3 and kind not in p.data.collects
    ]
    return f"Not written down: {joined(far)}." if far else ""
