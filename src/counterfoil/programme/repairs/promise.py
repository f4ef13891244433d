"""Repairs of what is promised: AP401 to AP407."""

from datetime import date
from typing import Any

from counterfoil.programme.change import changed, joined, without_jobs, without_reviews
from counterfoil.programme.purposes import KNOWN
from counterfoil.programme.repairs.display import manager_peek
from counterfoil.programme.repairs.mend import Mend, Mended
from counterfoil.programme.rule import Case
from counterfoil.programme.rules import display as shown
from counterfoil.programme.rules.promise import STATED
from counterfoil.programme.rules.promise import cascaded_goal as cascaded
from counterfoil.programme.rules.promise import unlogged_reads as unlogged
from counterfoil.programme.stakes import reviewed
from counterfoil.terms.absent import Unknown
from counterfoil.terms.promise import ManagerGoal, Pledge, ReadLog, Use

NO_REVIEW = "No figure of this programme is used in reviews, pay, promotion, discipline or exit."
NO_JOB = "No figure of this programme is a reason to replace or to reduce people."
REVIEWED = "Everyone whom the programme covers, and every decision about a single person."
EMPLOYED = "Everyone whom the programme covers, and every unit below the company."
SAFE_PURPOSES = ("value_reporting", "own_insight")


def activity_in_review(case: Case, _: str) -> Mended:
    """What was used or made counts in no review."""
    p = case.programme
    volume = [metric for metric in reviewed(p) if metric.is_volume]
    said = joined(sorted(metric.called for metric in volume))
    p = without_reviews(p, [metric.id for metric in volume])
    says = (
        f"Reviews, pay and exit no longer look at {said}. Take it out of every form and talk before launch."
    )
    if p.review.use is Use.NONE:
        p = changed(p, "review", statement=NO_REVIEW, scope=REVIEWED, since=case.day)
        says += f" People are now told: “{NO_REVIEW}”"
    return Mended(p, says, to_do=True)


def silent_on_review(case: Case, _: str) -> Mended:
    """A clear word on reviews."""
    p, review = case.programme, case.programme.review
    if isinstance(review.use, Unknown):
        p = without_reviews(p, review.metrics)
    blanks = _blanks(p.review, NO_REVIEW, REVIEWED, case.day, "reviews")
    return Mended(changed(p, "review", **blanks), _stated(p.review, blanks), to_do=True)


def incredible_denial(case: Case, _: str) -> Mended:
    """Something holds the promise."""
    p = case.programme
    if p.review.blocked_in_code is not True:
        says = (
            "The file now says that the software refuses to use the numbers for reviews. "
            "Read them through software that does, before launch."
        )
        return Mended(changed(p, "review", blocked_in_code=True), says, to_do=True)
    for rule, mend in (
        (shown.manager_peek, manager_peek),
        (cascaded, cascaded_goal),
        (unlogged, unlogged_reads),
    ):
        for hit in rule.find(case):
            return mend(case, hit.where)
    raise ValueError("nothing contradicts the promise")


def cascaded_goal(case: Case, _: str) -> Mended:
    """A manager's goal is help that was given."""
    says = "A manager's own goal is now the help they gave, and no longer the team's number."
    return Mended(changed(case.programme, "review", manager_goal=ManagerGoal.SUPPORT), says)


def purpose_drift(case: Case, where: str) -> Mended:
    """A closed list of purposes, and people are told before a new one begins."""
    p = case.programme
    if where == "notice.again_on_change":
        says = "People are now told before a new purpose begins."
        return Mended(changed(p, "notice", again_on_change=True), says)
    kept = tuple(purpose for purpose in p.about.purposes if purpose in KNOWN)
    open_ones = [purpose for purpose in p.about.purposes if purpose not in KNOWN]
    says = (
        f"Open purposes are gone: {', '.join(open_ones)}."
        if open_ones
        else "The purposes are now a closed list."
    )
    if not kept:
        says += (
            f" The numbers are now for {joined(SAFE_PURPOSES)} alone. Decide before launch what they are for."
        )
    p = changed(p, "about", purposes=kept or SAFE_PURPOSES)
    return Mended(p, says.replace("_", " "), to_do=not kept)


def unlogged_reads(case: Case, _: str) -> Mended:
    """Those who are measured can check who looked."""
    says = (
        "The file now says that the people measured can check who looked at their numbers, and why. "
        "Keep such a log from the first day."
    )
    return Mended(changed(case.programme, "review", log=ReadLog.STAFF), says, to_do=True)


def silent_on_workforce(case: Case, _: str) -> Mended:
    """A clear word on jobs."""
    p = case.programme
    if isinstance(p.workforce.use, Unknown):
        p = without_jobs(p)
    blanks = _blanks(p.workforce, NO_JOB, EMPLOYED, case.day, "decisions about jobs")
    return Mended(changed(p, "workforce", **blanks), _stated(p.workforce, blanks), to_do=True)


def _blanks(pledge: Pledge, denial: str, scope: str, day: date, what: str) -> dict[str, Any]:
    """A word for each part of a pledge that is not said yet."""
    statement = denial
    if pledge.use in {Use.INFORMS, Use.DETERMINES}:
        does = "inform" if pledge.use is Use.INFORMS else "determine"
        statement = f"Figures of this programme {does} {what}."
    words = {"use": Use.NONE, "statement": statement, "scope": scope, "since": day}
    return {name: words[name] for name in STATED if isinstance(getattr(pledge, name), Unknown)}


def _stated(pledge: Pledge, blanks: dict[str, Any]) -> str:
    statement = blanks.get("statement", pledge.statement)
    return f"The file now says: “{statement}” Decide this, hold it, and tell everyone before launch."


REPAIRS: dict[str, Mend] = {
    "AP401": activity_in_review,
    "AP402": silent_on_review,
    "AP403": incredible_denial,
    "AP404": cascaded_goal,
    "AP405": purpose_drift,
    "AP406": unlogged_reads,
    "AP407": silent_on_workforce,
}
