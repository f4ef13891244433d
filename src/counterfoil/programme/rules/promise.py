"""Rules about what is promised: reviews, workforce, purposes, who looked: AP401 to AP407."""

from collections.abc import Iterator

from counterfoil.programme.purposes import ALLOWED, KNOWN
from counterfoil.programme.rule import NOT_ADVICE, Case, Hit, rule
from counterfoil.programme.rules.display import manager_peek
from counterfoil.programme.stakes import counts_in_reviews, reviewed
from counterfoil.terms.absent import Unknown
from counterfoil.terms.finding import Severity
from counterfoil.terms.promise import ManagerGoal, Pledge, ReadLog, Use

STATED = {
    "use": "whether none is used",
    "statement": "what people are told",
    "scope": "whom that covers",
    "since": "the day on which it was said",
}
"""What a clear word consists of."""


@rule(
    "AP401 activity-in-review",
    Severity.ERROR,
    flags="Activity or output that informs or determines review, pay, promotion or exit.",
    why="People do what their review counts, whether or not it is the job.",
    source="Press reports on Microsoft's memo, 2025; Wells Fargo, Independent Directors' sales practices "
    "report (2017).",
    fix="Remove it. Talk about outcomes and their context; the software refuses the figures of one person.",
)
def activity_in_review(case: Case) -> Iterator[Hit]:
    """Volume that counts in reviews."""
    p = case.programme
    volume = [metric.called for metric in reviewed(p) if metric.is_volume]
    if counts_in_reviews(p) and volume:
        does = "informed" if p.review.use is Use.INFORMS else "determined"
        says = f"Reviews, pay or exit are {does} by how much was used or made: {', '.join(sorted(volume))}."
        yield Hit("review.metrics", says)


@rule(
    "AP402 silent-on-review",
    Severity.ERROR,
    flags="No clear word on whether the numbers count in reviews: use, statement, scope and date.",
    why="Where nothing is said, people assume that everything counts.",
    source="Press reports on Microsoft's memo of 2025 (part of holistic reflections, later softened).",
    fix="State `use`, `statement`, `scope` and `since`, also and above all where nothing is used.",
)
def silent_on_review(case: Case) -> Iterator[Hit]:
    """Silence about reviews."""
    yield from _silence(case.programme.review, "review", "count in reviews")


@rule(
    "AP403 incredible-denial",
    Severity.ERROR,
    flags="The numbers are said not to count, while managers can look, have the number as their goal, or "
    "neither code nor log holds the promise.",
    why="A promise without a mechanism is not believed, and changes nothing that people do.",
    source="Press reports on Amazon, 2026 (404media.co; hcamag.com and completeaitraining.com after the "
    "Financial Times): said not to count, not believed.",
    fix="Block the use in code, log every read where staff can check it, and remove what contradicts it.",
)
def incredible_denial(case: Case) -> Iterator[Hit]:
    """A promise that nothing holds."""
    review = case.programme.review
    if review.use is not Use.NONE:
        return
    broken = [
        words
        for words, hits in (
            ("others see what single people did", any(manager_peek.find(case))),
            ("a manager's goal is the team's number", any(cascaded_goal.find(case))),
            ("staff can't check who looked", any(unlogged_reads.find(case))),
            ("nothing blocks it in code", review.blocked_in_code is not True),
        )
        if hits
    ]
    if broken:
        yield Hit("review.use", f"It says that nothing counts in reviews, but {' and '.join(broken)}.")


@rule(
    "AP404 cascaded-goal",
    Severity.ERROR,
    flags="A manager whose own goal is the team's number.",
    why="The manager passes the pressure on, whatever the programme promises.",
    source="Wells Fargo, Independent Directors' sales practices report (2017).",
    fix='Let the manager\'s goal be help that was given: `manager_goal = "support"`.',
)
def cascaded_goal(case: Case) -> Iterator[Hit]:
    """A number that comes down from above."""
    if case.programme.review.manager_goal is ManagerGoal.TEAM_NUMBER:
        yield Hit("review.manager_goal", "A manager's own goal is the team's number.")


@rule(
    "AP405 purpose-drift",
    Severity.ERROR,
    flags="Purposes that are open, missing, or can change without telling people first.",
    why="A number collected for one thing is soon used for another.",
    source=f"GDPR, Article 5(1)(b); ICO, guidance on monitoring workers (2023). {NOT_ADVICE}",
    fix=f"List purposes from: {', '.join(sorted(ALLOWED))}; and set `again_on_change = true`.",
)
def purpose_drift(case: Case) -> Iterator[Hit]:
    """Purposes without an end."""
    p = case.programme
    strange = [purpose for purpose in p.about.purposes if purpose not in KNOWN]
    if not p.about.purposes:
        yield Hit("about.purposes", "It does not say what the numbers are for.")
    elif strange:
        yield Hit("about.purposes", f"It has an open purpose: {', '.join(strange)}.")
    if p.notice.again_on_change is not True:
        says = "A new purpose can begin before people are told of it."
        yield Hit("notice.again_on_change", says)


@rule(
    "AP406 unlogged-reads",
    Severity.WARNING,
    flags="No record of who read what that the people concerned can check.",
    why="People believe a promise that they can check themselves.",
    source=f"Court of Justice of the EU, C-579/21 (2023), on the dates and purposes of reads. {NOT_ADVICE}",
    fix='Log every read so that nobody can change it unseen, open to staff: `log = "staff"`.',
)
def unlogged_reads(case: Case) -> Iterator[Hit]:
    """Reads that nobody measured can check."""
    if case.programme.review.log is not ReadLog.STAFF:
        yield Hit("review.log", "The people measured can't check who looked at their numbers, and why.")


@rule(
    "AP407 silent-on-workforce",
    Severity.ERROR,
    flags="No clear word on whether the numbers may inform replacing or reducing people.",
    why="Any number may become a reason; people who fear it show as little as they can.",
    source="Press figures of 2026 on managers who favour replacing people with AI (23, then 35 %); the "
    "survey itself was not read.",
    fix="State `use`, `statement`, `scope` and `since` under [workforce], also where nothing is used.",
)
def silent_on_workforce(case: Case) -> Iterator[Hit]:
    """Silence about jobs."""
    yield from _silence(case.programme.workforce, "workforce", "may cost jobs")


def _silence(pledge: Pledge, where: str, deed: str) -> Iterator[Hit]:
    missing = [words for name, words in STATED.items() if isinstance(getattr(pledge, name), Unknown)]
    if missing:
        yield Hit(where, f"It is not said clearly whether the numbers {deed}. Missing: {', '.join(missing)}.")


RULES = (
    activity_in_review,
    silent_on_review,
    incredible_denial,
    cascaded_goal,
    purpose_drift,
    unlogged_reads,
    silent_on_workforce,
)
