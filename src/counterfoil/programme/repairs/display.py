"""Repairs of what is shown, and to whom: AP301 to AP308."""

from counterfoil.programme.change import changed, entry_of, joined, without
from counterfoil.programme.repairs.mend import Mend, Mended
from counterfoil.programme.rule import Case
from counterfoil.programme.rules.display import ACTIVITY_FLOOR, SAFE_FLOOR, is_activity
from counterfoil.terms.absent import Unknown
from counterfoil.terms.aim import Audience, Display
from counterfoil.terms.metric import Level
from counterfoil.terms.programme import Programme

READERS = (Audience.SELF, Audience.STEWARDS)


def named_ranking(case: Case, where: str) -> Mended:
    """Each person sees their own figure, and nobody's place."""
    p, display = case.programme, entry_of(case.programme, where)
    says = f"The board of people is gone; each person sees their own {_called(p, display)}."
    return Mended(_own_view(p, where), says)


def consumption_ranking(case: Case, where: str) -> Mended:
    """Units stand in the order of the alphabet."""
    return _unordered(case, where)


def volume_prizes(case: Case, where: str) -> Mended:
    """Nothing is won by making much."""
    display = entry_of(case.programme, where)
    says = f"The prizes of “{display.id}” are gone: {joined(display.rewards)}."
    return Mended(changed(case.programme, where, rewards=()), says)


def unofficial_board(case: Case, where: str) -> Mended:
    """Each reaches their own rows; stewards alone reach others'."""
    readers = case.programme.data.raw_readers
    kept = READERS if isinstance(readers, Unknown) else tuple(r for r in readers if r in READERS)
    says = (
        "Rows about single people are now for each person themselves and the stewards of the data. "
        "Close every other access before launch."
    )
    return Mended(changed(case.programme, where, raw_readers=kept), says, to_do=True)


def small_cohort(case: Case, where: str) -> Mended:
    """Enough other people stand behind every figure."""
    p, field = case.programme, where.rpartition(".")[2]
    if field == "overlapping_filters":
        says = f"The filters of “{entry_of(p, where).id}” no longer overlap, so that nobody is given away."
        return Mended(changed(p, where, overlapping_filters=False), says)
    if where.startswith("floors."):
        least = ACTIVITY_FLOOR if field == "activity" else SAFE_FLOOR
        says = f"At least {least} other people now stand behind a figure of this kind: {field}."
        return Mended(changed(p, where, **{field: least}), says)
    display = entry_of(p, where)
    active = any(is_activity(p.metric(name), display) for name in display.metrics)
    least = ACTIVITY_FLOOR if active else SAFE_FLOOR
    says = f"At least {least} other people now stand behind every figure of “{display.id}”."
    return Mended(changed(p, where, floor=least), says)


def manager_peek(case: Case, where: str) -> Mended:
    """Each person sees their own; everybody else sees units."""
    p, display = case.programme, entry_of(case.programme, where)
    called = _called(p, display)
    if Audience.SELF in display.audience:
        says = f"The display “{display.id}” now shows each person their own {called}, and nobody else's."
        return Mended(_own_view(p, where), says)
    says = f"The display “{display.id}” now shows {called} of whole units, and nobody alone."
    return Mended(changed(p, where, level=Level.UNIT, ranked=False), says)


def ranked_outcomes(case: Case, where: str) -> Mended:
    """Units stand in the order of the alphabet."""
    return _unordered(case, where)


def own_report_demanded(case: Case, where: str) -> Mended:
    """Nobody may ask for it."""
    says = (
        "The file now says that nobody may ask a person for the report from their own machine. "
        "Tell managers before launch."
    )
    return Mended(changed(case.programme, where, own_report_demanded=False), says, to_do=True)


def _own_view(p: Programme, where: str) -> Programme:
    """The display as one that shows each person their own, or without it where another does so already."""
    display = entry_of(p, where)
    others = [d for d in p.displays if d.is_own_view and not d.ranked and d.id != display.id]
    if any(set(display.metrics) <= set(other.metrics) for other in others):
        return without(p, where)
    return changed(p, where, ranked=False, audience=(Audience.SELF,))


def _unordered(case: Case, where: str) -> Mended:
    p, display = case.programme, entry_of(case.programme, where)
    says = f"The display “{display.id}” has no order by {_called(p, display)} any more; it is alphabetical."
    return Mended(changed(p, where, ranked=False), says)


def _called(p: Programme, display: Display) -> str:
    return joined(p.metric(name).called for name in display.metrics)


REPAIRS: dict[str, Mend] = {
    "AP301": named_ranking,
    "AP302": consumption_ranking,
    "AP303": volume_prizes,
    "AP304": unofficial_board,
    "AP305": small_cohort,
    "AP306": manager_peek,
    "AP307": ranked_outcomes,
    "AP308": own_report_demanded,
}
