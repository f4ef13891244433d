"""Rules about how gaming is noticed, and what is then done: AP601 to AP605."""

from collections.abc import Iterator

from counterfoil.programme.rule import Case, Hit, rule
from counterfoil.programme.stakes import at_stake
from counterfoil.terms.absent import Unknown
from counterfoil.terms.finding import Severity
from counterfoil.terms.promise import Check, IndividualAction, Screen

PEOPLE_NEEDED = {Check.DECOUPLING: 50, Check.PREVALENCE: 500, Check.BUNCHING: 2_000}
"""Fewer people, and nothing may be shown, or no verdict is possible."""


@rule(
    "AP601 no-gaming-signal",
    Severity.WARNING,
    flags="Something depends on a number, and nothing checks whether it still means anything.",
    why="A number can come apart from what it stood for without anybody noticing.",
    source="Trials on invented organisations (synthetic): a drift of the correlation of use with outcomes is "
    "found without looking at any person; Singh and Berg (2024): gaming occurs even with little at stake.",
    fix='Switch on checks of cohorts, such as `checks = ["decoupling"]`, with `on_break = "suspend"`.',
)
def no_gaming_signal(case: Case) -> Iterator[Hit]:
    """Stakes that nobody watches."""
    if at_stake(case.programme) and not case.programme.gaming.checks:
        yield Hit("gaming.checks", "Something depends on these numbers, and nothing checks them.")


@rule(
    "AP602 auto-accusation",
    Severity.ERROR,
    flags="A flag on a single person that a machine raises.",
    why="Most people who are flagged are honest: heavy honest use looks like gaming.",
    source="Arithmetic: with one false alarm in a hundred a week, 41 % of honest people are accused at least "
    "once a year.",
    fix="Look at cohorts alone; where a case must be examined, let people do it, with a right to appeal.",
)
def auto_accusation(case: Case) -> Iterator[Hit]:
    """A machine that accuses."""
    if case.programme.gaming.individual_action is IndividualAction.AUTO_FLAG:
        yield Hit("gaming.individual_action", "A machine accuses single people.")


@rule(
    "AP603 volume-cut-screen",
    Severity.WARNING,
    flags="Cases that are picked by a count or a percentile.",
    why="Whoever stays just under the cut is never seen, and the largest honest users always are.",
    source="Wells Fargo: the bank's screen looked at 50 instances or more, 49 passed (OCC 2020, via American "
    "Banker).",
    fix="Ask for two unlike signs that agree, and audit a random sample with controls.",
)
def volume_cut_screen(case: Case) -> Iterator[Hit]:
    """A screen that size alone sets off."""
    if case.programme.gaming.screen is Screen.VOLUME_CUT:
        yield Hit("gaming.screen", "Cases are picked by size alone.")


@rule(
    "AP604 no-workload-register",
    Severity.WARNING,
    flags="No way to declare evaluation, CI or migration work.",
    why="Honest automation is the heaviest use there is, and looks like waste to whoever does not know it.",
    source="Trials on invented organisations (synthetic): 84 to 100 % of those falsely accused by size ran "
    "evaluations, CI or migrations.",
    fix="Keep a register of such work, with credentials of its own: `workload_register = true`.",
)
def no_workload_register(case: Case) -> Iterator[Hit]:
    """Honest heavy use that can't be declared."""
    if case.programme.gaming.workload_register is not True:
        yield Hit("gaming.workload_register", "Evaluation, CI and migration work can't be declared.")


@rule(
    "AP605 undetectable",
    Severity.WARNING,
    flags="An organisation that is too small for the checks it relies on.",
    why="A check that can't find anything is no reassurance.",
    source="Trials on invented data: a bunching test finds gross gaming in half of the runs among 500 people "
    "and in 99 % among 2,000; under 500 people the error of a prevalence exceeds three points.",
    fix="Rely on random audits of work instead, and take away the target that needs watching.",
)
def undetectable(case: Case) -> Iterator[Hit]:
    """Checks that can't find anything."""
    for check in case.programme.gaming.checks:
        needed = PEOPLE_NEEDED[check]
        if isinstance(case.people, Unknown):
            says = f"It does not say how many people it covers; {check} needs {needed:,}."
        elif case.people < needed:
            says = f"It covers {case.people:,} people; {check} needs {needed:,}."
        else:
            continue
        yield Hit("gaming.checks", says)


RULES = (
    no_gaming_signal,
    auto_accusation,
    volume_cut_screen,
    no_workload_register,
    undetectable,
)
