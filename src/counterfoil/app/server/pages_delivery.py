"""The page of how changes reach users: DORA's five keys, what reading them takes, and what was taken back."""

from fastapi import APIRouter, Request, Response

from counterfoil.app.door.session import SignedIn, Who
from counterfoil.app.server import asked
from counterfoil.app.server.agreed import Force, in_force
from counterfoil.app.server.desk import Desk
from counterfoil.app.server.framed import answer, frame, nothing, period_of
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.incidents import RESTS_ON, Linked, incidents_linked
from counterfoil.guard.page import FIGURES, answers
from counterfoil.show.server.delivery import BESIDE, KEYS, DeliveryAsked, delivery_page
from counterfoil.terms.release import Refuse, Released, Withheld

NOT_MEASURED = Refuse("not-measured", "The programme in force does not measure it.")
WITHHELD = "Fewer than seven incidents began in this time: how they were linked is not said."


def router(desk: Desk) -> APIRouter:
    """The page."""
    pages = APIRouter()

    @pages.get("/delivery")
    def delivery(request: Request, signed: Who, period: str = "") -> Response:
        """How changes reach users."""
        with desk.open() as g:
            force = in_force(g)
            told = None if force is None else _delivery(g, force, signed, period)
        if told is None:
            return answer(nothing(request, signed, "/delivery"))
        return answer(delivery_page(frame(request, signed, "/delivery"), told))

    return pages


def _delivery(g: Guarded, force: Force, signed: SignedIn, name: str) -> DeliveryAsked:
    today, p = g.now.date(), force.programme
    names = force.measured(*KEYS, *BESIDE)
    ready = [asked.blocks(p, metric, today) for metric in names]
    periods = min((some for some in ready if some), key=lambda some: some[-1].since, default=())
    period = period_of(name, periods) if periods or name else None
    now = [asked.whole(metric, period) for metric in names] if period else []
    over = [asked.whole(metric, week) for metric in names for week in asked.weeks(p, metric, today)]
    told = answers(g, [*now, *over], signed.viewer())
    linked: Released[Linked] | Withheld | Refuse = NOT_MEASURED
    if period is not None and RESTS_ON in names:
        linked = incidents_linked(g, period, asked.WHOLE, signed.viewer())
    found = linked.answer if isinstance(linked, Released) else None
    stated: dict[str, str] = {m.id: m.counterweights[0] for m in p.metrics if m.counterweights}
    return DeliveryAsked(
        period=period,
        periods=periods,
        answered=told[: len(now)],
        over=told[len(now) :],
        abouts={metric: FIGURES[metric].says for metric in names},
        counters={metric: stated.get(metric, next(iter(FIGURES[metric].counters), "")) for metric in names},
        incidents=0 if found is None else found.incidents,
        linked={} if found is None else found.by,
        unlinked="" if found is not None else linked.why if isinstance(linked, Refuse) else WITHHELD,
    )
