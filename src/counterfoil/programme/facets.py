"""Which way each field of a programme protects people, and whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from counterfoil.terms.absent import Unknown
from counterfoil.terms.aim import Eligible
from counterfoil.terms.metric import CapturedBy, Level
from counterfoil.terms.promise import (
    Assessed,
    IndividualAction,
    ManagerGoal,
    OnBreak,
    Posture,
    ReadLog,
    Screen,
    Step,
    Use,
)


class Way(StrEnum):
    """What makes a value protect more: being larger or smaller, having more or fewer entries."""

    HIGHER = "higher"
    LOWER = "lower"
    MORE = "more"
    FEWER = "fewer"


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from the one that protects least to the one that protects most."""

    steps: Sequence[object]


GOOD = Scale((False, True))
BAD = Scale((True, False))
USE = Scale((Use.DETERMINES, Use.INFORMS, Use.NONE))
ASSESSED = Scale((Assessed.NOT_DONE, Assessed.PLANNED, Assessed.DONE))
COARSER = Scale((Level.PERSON, Level.TEAM, Level.UNIT, Level.COMPANY))

FACETS: Mapping[str, Way | Scale] = {
    "about.purposes": Way.FEWER,
    "about.ends": Way.LOWER,
    "metrics.level": COARSER,
    "metrics.captured_by": Scale((CapturedBy.SELF, CapturedBy.VENDOR, CapturedBy.SYSTEM)),
    "metrics.validated_until": Way.HIGHER,
    "metrics.counterweights": Way.MORE,
    "metrics.net_of_rework": GOOD,
    "targets.level": COARSER,
    "targets.window": Way.HIGHER,
    "targets.cliff": BAD,
    "targets.eligible": Scale((Eligible.EVERYONE, Eligible.NAMED_ROLES, Eligible.SUITABLE_TASKS)),
    "targets.exempt": Way.MORE,
    "targets.expires": Way.LOWER,
    "targets.tiers": Way.FEWER,
    "targets.beside": Way.MORE,
    "displays.metrics": Way.FEWER,
    "displays.level": COARSER,
    "displays.audience": Way.FEWER,
    "displays.ranked": BAD,
    "displays.rewards": Way.FEWER,
    "displays.tiers": Way.FEWER,
    "displays.floor": Way.HIGHER,
    "displays.overlapping_filters": BAD,
    "displays.beside": Way.MORE,
    "displays.ends": Way.LOWER,
    "floors.activity": Way.HIGHER,
    "floors.outcome": Way.HIGHER,
    "floors.comments": Way.HIGHER,
    "review.use": USE,
    "review.metrics": Way.FEWER,
    "review.manager_goal": Scale((ManagerGoal.TEAM_NUMBER, ManagerGoal.NONE, ManagerGoal.SUPPORT)),
    "review.blocked_in_code": GOOD,
    "review.log": Scale((ReadLog.NONE, ReadLog.INTERNAL, ReadLog.STAFF)),
    "workforce.use": USE,
    "notice.given_on": Way.LOWER,
    "notice.tells": Way.MORE,
    "notice.again_on_change": GOOD,
    "assessments.dpia": ASSESSED,
    "assessments.consultation": ASSESSED,
    "assessments.scores_people": BAD,
    "assessments.ai_act": ASSESSED,
    "data.collects": Way.FEWER,
    "data.step": Scale((Step.MINUTE, Step.HOUR, Step.DAY, Step.WEEK)),
    "data.keep_raw": Way.LOWER,
    "data.raw_readers": Way.FEWER,
    "data.own_report_demanded": BAD,
    "gaming.checks": Way.MORE,
    "gaming.on_break": Scale((OnBreak.NOTHING, OnBreak.TELL, OnBreak.SUSPEND)),
    "gaming.individual_action": Scale(
        (IndividualAction.AUTO_FLAG, IndividualAction.HUMAN_AUDIT, IndividualAction.NONE)
    ),
    "gaming.screen": Scale((Screen.VOLUME_CUT, Screen.NONE, Screen.TWO_FAMILIES, Screen.RANDOM_AUDIT)),
    "gaming.workload_register": GOOD,
    "spending.has_budget": GOOD,
    "agents.start_with": Scale((Posture.OPEN, Posture.ASK, Posture.NOTHING)),
    "agents.approvals": GOOD,
    "agents.stop_switch": GOOD,
    "suppress.until": Way.LOWER,
}
"""Fields that are not named here protect nobody more or less by their value alone."""

WHOM = {
    "about": "everyone whom the programme covers",
    "parties": "everyone who relies on that party's consent",
    "metrics": "everyone who is measured",
    "targets": "everyone whom the target asks",
    "displays": "everyone whose rows the display shows",
    "floors": "everyone in a small unit",
    "review": "everyone who is reviewed",
    "workforce": "everyone whose job could be meant",
    "notice": "everyone who is to be told",
    "assessments": "everyone who is measured",
    "data": "everyone who is measured",
    "gaming": "everyone in a cohort that is checked",
    "spending": "those who answer for the cost",
    "agents": "those who build agents, and those whom agents reach",
    "suppress": "everyone whom the accepted finding concerns",
}


def strength(facet: Way | Scale, value: Any) -> tuple[int, Any]:
    """How much a value protects, to be compared with another; what is not said protects least.

    Example:
    >>> strength(BAD, True) < strength(BAD, False), strength(GOOD, Unknown("no")) < strength(GOOD, False)
    (True, True)
    """
    if isinstance(value, Unknown):
        return (0, 0)
    if isinstance(facet, Scale):
        return (1, facet.steps.index(value))
    return (1, value)
