"""Repairs of what stands on law, which are no legal advice: AP501 to AP504."""

from datetime import date, timedelta

from counterfoil.programme.change import changed, joined
from counterfoil.programme.plain import spoken_day
from counterfoil.programme.repairs.mend import Mend, Mended
from counterfoil.programme.rule import Case
from counterfoil.programme.rules.law import LONGEST, TOO_MUCH
from counterfoil.terms.absent import Unknown
from counterfoil.terms.programme import Programme
from counterfoil.terms.promise import Assessed, Step, Told

AHEAD = timedelta(days=14)
TELLS = {
    Told.WHAT: "what is measured",
    Told.WHY: "why",
    Told.WHO: "who sees it",
    Told.HOW_LONG: "for how long",
}
ASSESSMENTS = {
    "dpia": "a data protection impact assessment",
    "consultation": "the consultation of the workers",
}


def no_notice(case: Case, where: str) -> Mended:
    """Everyone is told what, why, who and for how long before it begins."""
    p = case.programme
    if where == "notice.tells":
        missing = [told for told in Told if told not in p.notice.tells]
        says = f"The notice has to say {joined(TELLS[told] for told in missing)}. Write it so before launch."
        return Mended(changed(p, "notice", tells=(*p.notice.tells, *missing)), says, to_do=True)
    given, begins = case.day + AHEAD, p.about.begins
    told = p.notice.given_on
    if not isinstance(told, Unknown) and told <= case.day:
        return _told_late(p, told)
    says = ""
    if not isinstance(begins, Unknown):
        given = max(case.day, min(given, begins))
        if begins < given:
            p = changed(p, "about", begins=given, ends=_after(given, p.about.ends))
            says = f" It begins on {spoken_day(given)}, when everyone knows of it; stop measuring until then."
    p = changed(p, "notice", given_on=given)
    return Mended(
        p, f"Tell everyone who is measured by {spoken_day(given)}, which the file now says.{says}", to_do=True
    )


def _told_late(p: Programme, told: date) -> Mended:
    """People know of it by now: it begins on the day on which they were told, and not before."""
    says = (
        f"The programme now begins on {spoken_day(told)}, when everyone was told. Erase what was measured "
        "before that day."
    )
    return Mended(changed(p, "about", begins=told, ends=_after(told, p.about.ends)), says, to_do=True)


def _after(begins: date, ends: date | Unknown) -> date | Unknown:
    """The last day as it was, or the day after the first where it would not be later."""
    return ends if isinstance(ends, Unknown) or ends > begins else begins + timedelta(days=1)


def no_dpia_or_consultation(case: Case, where: str) -> Mended:
    """Both were done; the organisation has to do them."""
    name = where.rpartition(".")[2]
    says = f"Carry out {ASSESSMENTS[name]} before launch; the file now says done, which must be true by then."
    return Mended(changed(case.programme, where, **{name: Assessed.DONE}), says, to_do=True)


def unclassified_high_risk(case: Case, _: str) -> Mended:
    """Nothing scores a person."""
    says = (
        "The file now says that no score and no model evaluates single people. Switch off any that does "
        "before launch."
    )
    return Mended(changed(case.programme, "assessments", scores_people=False), says, to_do=True)


def excess_granularity(case: Case, where: str) -> Mended:
    """No more is written down than the question needs, and for no longer."""
    p, data = case.programme, case.programme.data
    if where == "data.collects":
        much = joined(str(kind).replace("-", " ") for kind in data.collects if kind in TOO_MUCH)
        says = f"No longer written down: {much}. Switch it off, and delete what there is, before launch."
        kept = tuple(kind for kind in data.collects if kind not in TOO_MUCH)
        return Mended(changed(p, "data", collects=kept), says, to_do=True)
    if where == "data.step":
        says = "The finest step of time that is kept is now a day. Set the tools so before launch."
        return Mended(changed(p, "data", step=Step.DAY), says, to_do=True)
    says = "Rows about single people are now kept for 30 days at most. Set their deletion up before launch."
    return Mended(changed(p, "data", keep_raw=LONGEST), says, to_do=True)


REPAIRS: dict[str, Mend] = {
    "AP501": no_notice,
    "AP502": no_dpia_or_consultation,
    "AP503": unclassified_high_risk,
    "AP504": excess_granularity,
}
