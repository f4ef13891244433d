"""What a programme promises about its numbers: reviews, workforce, notice, data, checks."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from counterfoil.terms.absent import Unknown
from counterfoil.terms.aim import Audience
from counterfoil.terms.ids import MetricId
from counterfoil.terms.metric import NOT_SAID


class Use(StrEnum):
    """What a number does to a decision about people."""

    NONE = "none"
    INFORMS = "informs"
    DETERMINES = "determines"


class ManagerGoal(StrEnum):
    """What a manager's own goal is in this programme."""

    NONE = "none"
    SUPPORT = "support"
    TEAM_NUMBER = "team-number"


class ReadLog(StrEnum):
    """Who can check who looked."""

    NONE = "none"
    INTERNAL = "internal"
    STAFF = "staff"


class Told(StrEnum):
    """What a notice says."""

    WHAT = "what"
    WHY = "why"
    WHO = "who"
    HOW_LONG = "how-long"


class Assessed(StrEnum):
    """How far an assessment is."""

    DONE = "done"
    PLANNED = "planned"
    NOT_DONE = "not-done"


class Collected(StrEnum):
    """What is written down about people."""

    COUNTS = "counts"
    COSTS = "costs"
    FATES = "fates"
    SURVEY_ANSWERS = "survey-answers"
    PROMPT_TEXT = "prompt-text"
    RESPONSE_TEXT = "response-text"
    IDLE_MINUTES = "idle-minutes"
    KEYSTROKES = "keystrokes"
    SCREENSHOTS = "screenshots"
    LOCATION = "location"


class Step(StrEnum):
    """The finest step of time that is kept after a batch is closed."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"


class Check(StrEnum):
    """A check of a number in a cohort, never of a person."""

    DECOUPLING = "decoupling"
    BUNCHING = "bunching"
    PREVALENCE = "prevalence"


class OnBreak(StrEnum):
    """What happens when a number has come apart from outcomes."""

    SUSPEND = "suspend"
    TELL = "tell"
    NOTHING = "nothing"


class IndividualAction(StrEnum):
    """What a gaming check does about one person."""

    NONE = "none"
    HUMAN_AUDIT = "human-audit"
    AUTO_FLAG = "auto-flag"


class Screen(StrEnum):
    """How cases are picked for a closer look."""

    NONE = "none"
    RANDOM_AUDIT = "random-audit"
    TWO_FAMILIES = "two-families"
    VOLUME_CUT = "volume-cut"


class Posture(StrEnum):
    """What an agent may do before its owner grants anything."""

    NOTHING = "nothing"
    ASK = "ask"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pledge:
    """What numbers do to a decision about people, and how that is said."""

    use: Use | Unknown = NOT_SAID
    """none, informs or determines."""
    statement: str | Unknown = NOT_SAID
    """What people are told about it, word for word."""
    scope: str | Unknown = NOT_SAID
    """Whom and which decisions the statement covers."""
    since: date | Unknown = NOT_SAID
    """The day on which it was said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review(Pledge):
    """Whether the numbers count in reviews, pay, promotion or exit."""

    metrics: tuple[MetricId, ...] = ()
    """The metrics that count, where some do; none named means all of them."""
    manager_goal: ManagerGoal | Unknown = NOT_SAID
    """A manager's own goal: none, support (help given to the team), team-number (the team's figure)."""
    blocked_in_code: bool | Unknown = NOT_SAID
    """Whether the software refuses to use the numbers for reviews."""
    log: ReadLog | Unknown = NOT_SAID
    """The record of who read what: none, internal, staff (tamper-evident and open to those it is about)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workforce(Pledge):
    """Whether the numbers count in replacing or reducing people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """How people are told, before it begins."""

    given_on: date | Unknown = NOT_SAID
    """The day on which everyone measured has it."""
    tells: tuple[Told, ...] = ()
    """What it says: what, why, who, how-long."""
    again_on_change: bool | Unknown = NOT_SAID
    """Whether people are told before a new purpose begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessments:
    """What was assessed, and with whom."""

    dpia: Assessed | Unknown = NOT_SAID
    """The data protection impact assessment: done, planned, not-done."""
    consultation: Assessed | Unknown = NOT_SAID
    """Consultation of the workers or their council: done, planned, not-done."""
    scores_people: bool | Unknown = NOT_SAID
    """Whether a score or a model evaluates single people."""
    ai_act: Assessed | Unknown = NOT_SAID
    """Where people are scored: the classification under the EU AI Act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """What is written down about people, for how long, and who can reach it."""

    collects: tuple[Collected, ...] = ()
    """counts, costs, fates, survey-answers; and what goes too far: prompt-text, response-text,
    idle-minutes, keystrokes, screenshots, location."""
    step: Step | Unknown = NOT_SAID
    """The finest step of time that is kept: minute, hour, day or week."""
    keep_raw: timedelta | Unknown = NOT_SAID
    """How long rows about single people are kept, such as `30 days`."""
    raw_readers: tuple[Audience, ...] | Unknown = NOT_SAID
    """Who can reach rows about single people."""
    own_report_demanded: bool | Unknown = NOT_SAID
    """Whether anybody may ask a person for the report they made on their own machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Floors:
    """The fewest people, other than the viewer, behind a figure of each kind."""

    activity: int | Unknown = NOT_SAID
    """For activity, and every cost computed from it."""
    outcome: int | Unknown = NOT_SAID
    """For outputs, outcomes, perceptions, and invoice amounts shown to finance alone."""
    comments: int | Unknown = NOT_SAID
    """For comments and error reports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaming:
    """How it is noticed that a number has stopped meaning anything."""

    checks: tuple[Check, ...] = ()
    """Checks of numbers in cohorts: decoupling, bunching, prevalence."""
    on_break: OnBreak | Unknown = NOT_SAID
    """What happens to a target or display then: suspend, tell, nothing."""
    individual_action: IndividualAction | Unknown = NOT_SAID
    """What happens about one person: none, human-audit, auto-flag."""
    screen: Screen | Unknown = NOT_SAID
    """How cases are picked: none, random-audit, two-families, volume-cut."""
    workload_register: bool | Unknown = NOT_SAID
    """Whether evaluation, CI and migration work can be declared, so that heavy use is understood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """Whether people are asked to use more, and what holds the cost."""

    encourages_use: bool | Unknown = NOT_SAID
    """Whether people are asked to use AI more."""
    has_budget: bool | Unknown = NOT_SAID
    """Whether there is a budget, or a cost for each outcome, that somebody answers for."""
    hour_rate: float | Unknown = NOT_SAID
    """What an hour of work costs; a money value of time appears only where this is stated."""
    currency: str | Unknown = NOT_SAID
    """The currency of `hour_rate`, as three capital letters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agents:
    """The posture of agents that people build."""

    start_with: Posture | Unknown = NOT_SAID
    """What a new agent may do before a grant: nothing, ask, open."""
    approvals: bool | Unknown = NOT_SAID
    """Whether a person says yes to effects outside a grant."""
    stop_switch: bool | Unknown = NOT_SAID
    """Whether one switch stops all of them."""
