"""Repairs of targets: AP201 to AP206."""

from datetime import timedelta

from counterfoil.programme.change import changed, entry_of, joined
from counterfoil.programme.plain import spoken_day
from counterfoil.programme.repairs.mend import Mend, Mended
from counterfoil.programme.rule import Case
from counterfoil.programme.rules.target import NEEDED
from counterfoil.terms.absent import Unknown
from counterfoil.terms.aim import Eligible
from counterfoil.terms.metric import Level

TWO_QUARTERS = timedelta(days=180)


def person_bright_line(case: Case, where: str) -> Mended:
    """A unit is asked, and no single person."""
    p, target = case.programme, entry_of(case.programme, where)
    metric = p.metric(target.metric)
    says = f"The target on {metric.called} is now one for a unit: no single person can fall short of it."
    counted = not (isinstance(metric.unit, str) and metric.unit.startswith("share"))
    anew = counted and not isinstance(target.threshold, Unknown)
    if anew:
        says += " Its value was meant for one person: agree on one for a unit before launch."
    return Mended(changed(p, where, level=Level.UNIT), says, to_do=anew)


def blanket_target(case: Case, where: str) -> Mended:
    """Only work that AI suits is counted."""
    says = (
        f"The target “{entry_of(case.programme, where).id}” now counts only tasks that AI suits. "
        "Write down before launch which these are."
    )
    return Mended(changed(case.programme, where, eligible=Eligible.SUITABLE_TASKS), says, to_do=True)


def short_window(case: Case, where: str) -> Mended:
    """Being near counts, so that nothing is won in the last hours."""
    says = (
        f"Being near the target “{entry_of(case.programme, where).id}” now counts: no cliff, no rush to it."
    )
    return Mended(changed(case.programme, where, cliff=False), says)


def no_exemption(case: Case, where: str) -> Mended:
    """Whoever is away or works differently is left out or prorated."""
    target = entry_of(case.programme, where)
    missing = [reason for reason in NEEDED if reason not in target.exempt]
    named = joined(str(reason) for reason in missing)
    says = f"The target “{target.id}” no longer counts {named} against anybody."
    return Mended(changed(case.programme, where, exempt=(*target.exempt, *missing)), says)


def no_sunset(case: Case, where: str) -> Mended:
    """It ends after two quarters, or with the programme."""
    p, ends = case.programme, case.day + TWO_QUARTERS
    if not isinstance(p.about.ends, Unknown):
        ends = min(ends, p.about.ends)
    says = f"The target “{entry_of(p, where).id}” now ends on {spoken_day(ends)}, unless it is agreed anew."
    return Mended(changed(p, where, expires=ends), says)


def tier_notches(case: Case, where: str) -> Mended:
    """Nobody stands on a step."""
    entry = entry_of(case.programme, where)
    says = f"The steps of “{entry.id}” are gone: {joined(entry.tiers)}."
    return Mended(changed(case.programme, where, tiers=()), says)


REPAIRS: dict[str, Mend] = {
    "AP201": person_bright_line,
    "AP202": blanket_target,
    "AP203": short_window,
    "AP204": no_exemption,
    "AP205": no_sunset,
    "AP206": tier_notches,
}
