"""Repairs of how gaming is noticed, and of what is then done: AP601 to AP605."""

from counterfoil.programme.change import changed, joined, without_stakes
from counterfoil.programme.repairs.mend import Mend, Mended
from counterfoil.programme.rule import Case
from counterfoil.programme.rules.gaming import PEOPLE_NEEDED
from counterfoil.programme.stakes import at_stake
from counterfoil.terms.absent import Unknown
from counterfoil.terms.promise import Check, IndividualAction, OnBreak, Screen


def no_gaming_signal(case: Case, _: str) -> Mended:
    """A check of cohorts; where too few people are covered for any, nothing depends on the numbers."""
    p, people = case.programme, case.people
    if not isinstance(people, Unknown) and people < PEOPLE_NEEDED[Check.DECOUPLING]:
        called = joined(metric.called for metric in p.metrics if metric.id in at_stake(p))
        for name in sorted(at_stake(p)):
            p = without_stakes(p, name)
        says = (
            f"Nothing depends any longer on {called}: among {people:,} people no check can tell whether a "
            "number still means anything."
        )
        return Mended(p, says)
    on_break = p.gaming.on_break
    if isinstance(on_break, Unknown):
        on_break = OnBreak.SUSPEND
    says = "A check of cohorts, never of a person, now looks whether the numbers still go with outcomes."
    return Mended(changed(p, "gaming", checks=(Check.DECOUPLING,), on_break=on_break), says)


def auto_accusation(case: Case, _: str) -> Mended:
    """No machine accuses a person."""
    says = "No machine flags a single person any longer."
    return Mended(changed(case.programme, "gaming", individual_action=IndividualAction.NONE), says)


def volume_cut_screen(case: Case, _: str) -> Mended:
    """Work is picked at random for a closer look."""
    says = "Work is now picked at random for a closer look, and no longer by size."
    return Mended(changed(case.programme, "gaming", screen=Screen.RANDOM_AUDIT), says)


def no_workload_register(case: Case, _: str) -> Mended:
    """Honest heavy use can be declared."""
    says = (
        "The file now says that evaluation, CI and migration work can be declared. Open a register for it "
        "before launch."
    )
    return Mended(changed(case.programme, "gaming", workload_register=True), says, to_do=True)


def undetectable(case: Case, _: str) -> Mended:
    """No check is relied on that can't find anything among so few people."""
    p, people = case.programme, case.people
    if isinstance(people, Unknown):
        most = max(PEOPLE_NEEDED[check] for check in p.gaming.checks)
        says = (
            f"The file now says that it covers {most:,} people, the fewest that its checks need. "
            "Write down the true number before launch, and check again."
        )
        return Mended(changed(p, "about", people=most), says, to_do=True)
    blind = [check for check in p.gaming.checks if PEOPLE_NEEDED[check] > people]
    kept = tuple(check for check in p.gaming.checks if check not in blind)
    named = joined(str(check) for check in blind)
    says = f"No longer relied on: {named}, which can't find anything among {people:,} people."
    return Mended(changed(p, "gaming", checks=kept), says)


REPAIRS: dict[str, Mend] = {
    "AP601": no_gaming_signal,
    "AP602": auto_accusation,
    "AP603": volume_cut_screen,
    "AP604": no_workload_register,
    "AP605": undetectable,
}
