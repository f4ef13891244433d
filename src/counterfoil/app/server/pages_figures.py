"""Pages of figures about many people: worth, usage, units, targets, and how each figure is made."""

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, HTTPException, Request, Response

from counterfoil.app.door.session import SignedIn, Who
from counterfoil.app.server import asked
from counterfoil.app.server.agreed import TEXTS, Force, in_force
from counterfoil.app.server.announced import Announcements
from counterfoil.app.server.audits import audits_to_read
from counterfoil.app.server.desk import Desk
from counterfoil.app.server.framed import answer, frame, nothing, period_of
from counterfoil.collect.rates.listed import list_source
from counterfoil.guard.acting.force import made_by_agents
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.page import FIGURES, answers
from counterfoil.guard.pulses import last_pulse
from counterfoil.guard.shown import HARD_FLOORS, LEAST_FLOOR, displays_of
from counterfoil.guard.suspended import suspended
from counterfoil.show.judged import grouped
from counterfoil.show.server.figure import counter_of
from counterfoil.show.server.method import method_page
from counterfoil.show.server.targets import SEES, targets_page
from counterfoil.show.server.units import units_page
from counterfoil.show.server.usage import VIEWS, UsageAsked, usage_page
from counterfoil.show.server.worth import WorthAsked, worth_page
from counterfoil.show.site import Page
from counterfoil.terms.ask import Answered, Ask
from counterfoil.terms.finding import Severity
from counterfoil.terms.ids import MetricId
from counterfoil.terms.metric import CapturedBy, Level, ProgrammeMetric
from counterfoil.terms.release import Refuse

NOT_SENT = "the programme names it, and no source sends it here"
NOT_TOLD = "people say it in a pulse, and none was told that is shown here"


def router(desk: Desk) -> APIRouter:
    """The pages."""
    pages = APIRouter()
    announcements = Announcements()

    @pages.get("/")
    def worth(request: Request, signed: Who, period: str = "") -> Response:
        """What the spend became."""
        with desk.open() as g:
            force = in_force(g)
            told = None if force is None else _worth(g, force, signed, period)
        if told is None:
            return answer(nothing(request, signed, "/"))
        return answer(worth_page(frame(request, signed, "/"), told))

    @pages.get("/usage")
    def usage(request: Request, signed: Who, by: str = "week", week: str = "") -> Response:
        """What goes in."""
        with desk.open() as g:
            force = in_force(g)
            told = None if force is None else _usage(g, force, signed, by, week)
        if told is None:
            return answer(nothing(request, signed, "/usage"))
        return answer(usage_page(frame(request, signed, "/usage"), told))

    @pages.get("/units")
    def units(request: Request, signed: Who, figure: str = "") -> Response:
        """Each unit against its own past."""
        with desk.open() as g:
            page = _units(g, request, in_force(g), signed, figure)
        return answer(page)

    @pages.get("/targets")
    def targets(request: Request, signed: Who) -> Response:
        """What is asked of people and shown of them."""
        with desk.open() as g:
            page = _targets(g, request, in_force(g), signed, announcements)
        return answer(page)

    @pages.get("/methods/{metric}")
    def method(request: Request, signed: Who, metric: str) -> Response:
        """How a figure is made."""
        if metric not in FIGURES:
            raise HTTPException(404)
        with desk.open() as g:
            force = in_force(g)
        return answer(_method(request, signed, force, MetricId(metric)))

    return pages


def _abouts(names: Sequence[MetricId]) -> Mapping[str, str]:
    return {name: FIGURES[name].says for name in names}


def _counters(force: Force, names: Sequence[MetricId]) -> Mapping[str, str]:
    stated: dict[str, str] = {m.id: m.counterweights[0] for m in force.programme.metrics if m.counterweights}
    return {name: counter_of(name, stated) for name in names}


def _worth(g: Guarded, force: Force, signed: SignedIn, period: str) -> WorthAsked:
    today, p = g.now.date(), force.programme
    names = force.measured(*asked.WORTH)
    ready = [asked.blocks(p, name, today) for name in names]
    if not ready or not all(ready):
        raise HTTPException(404)
    periods = min(ready, key=lambda some: some[-1].since)
    chosen = period_of(period, periods)
    works, asks = (*asked.WORKS, *made_by_agents(g)), []
    for name in names:
        asks += [asked.whole(name, one) for one in periods]
        asks += [asked.whole(name, chosen, kind=kind) for kind in works if name in asked.FATES]
    spend = force.measured(*asked.SPEND)
    told = answers(g, [*asks, *asked.of_spend(spend, chosen, periods)], signed.viewer())
    said = last_pulse(g, asked.WHOLE, signed.viewer())
    return WorthAsked(
        period=chosen,
        periods=periods,
        answered=told[: len(asks)],
        spend=told[len(asks) :],
        prices=list_source(),
        abouts=_abouts([*names, *spend]),
        counters=_counters(force, [*names, *spend]),
        said=said,
        unmeasured=[
            (m.called, _unmeasured(m))
            for m in p.metrics
            if m.id not in FIGURES and (isinstance(said, Refuse) or m.captured_by is not CapturedBy.SELF)
        ],
        by_unit=[m for m in names if asked.is_shown(p, m, signed.viewer().role)],
    )


def _unmeasured(metric: ProgrammeMetric) -> str:
    return NOT_TOLD if metric.captured_by is CapturedBy.SELF else NOT_SENT


def _usage(g: Guarded, force: Force, signed: SignedIn, by: str, week: str) -> UsageAsked:
    today, p = g.now.date(), force.programme
    names, seats = force.measured(*asked.USAGE), force.measured(*asked.SEATS)
    weeks = asked.weeks(p, names[0], today) if names else ()
    if by not in dict(VIEWS) or (by == "day" and not weeks):
        raise HTTPException(404)
    chosen = period_of(week, weeks) if by == "day" else None
    over = {
        name: asked.days(chosen)
        if chosen
        else asked.weeks(p, name, today) if by == "week" else asked.blocks(p, name, today)
        for name in names
    }  # fmt: skip
    asks = [asked.whole(name, period) for name in names for period in over[name]]
    stock = [asked.whole(name, periods[-1]) for name in seats if (periods := asked.blocks(p, name, today))]
    told = answers(g, [*asks, *stock], signed.viewer())
    wanted = {f"targets.{t.id}" for t in p.targets if t.metric in {*names, *seats}}
    found = [f for f in force.read.findings if ".".join(f.where.split(".")[:2]) in wanted]
    return UsageAsked(
        view=by,
        week=chosen,
        weeks=weeks if by == "day" else (),
        answered=told[: len(asks)],
        seats=told[len(asks) :],
        abouts=_abouts([*names, *seats]),
        counters=_counters(force, [*names, *seats]),
        groups=[group for group in grouped(found, TEXTS) if group.key != Severity.INFO],
        by_unit=[m for m in names if asked.is_shown(p, m, signed.viewer().role)],
    )


def _units(g: Guarded, request: Request, force: Force | None, signed: SignedIn, figure: str) -> Page:
    if force is None:
        return nothing(request, signed, "/units")
    p, role = force.programme, signed.viewer().role
    names = force.measured(*asked.UNITS)
    open_to = [name for name in names if asked.is_shown(p, name, role)]
    if figure and figure not in open_to:
        raise HTTPException(404)
    metric = MetricId(figure) if figure else next(iter(open_to), None)
    told: Sequence[Answered] = ()
    if metric is not None:
        asks = [asked.each_unit(p, metric, block) for block in asked.blocks(p, metric, g.now.date())]
        told = answers(g, asks, signed.viewer())
    return units_page(
        frame(request, signed, "/units"),
        metric=metric,
        figures=open_to,
        about="" if metric is None else FIGURES[metric].says,
        unit="" if metric is None else FIGURES[metric].unit,
        counter="" if metric is None else _counters(force, [metric])[metric],
        hidden=[(name, _seen_by(force, name)) for name in names if name not in open_to],
        answered=told,
    )


def _seen_by(force: Force, metric: MetricId) -> str:
    """To whom the programme shows a figure of units, in words."""
    seen = [d for d in displays_of(force.programme, metric) if d.level is not Level.COMPANY]
    return " and ".join(dict.fromkeys(SEES[a] for display in seen for a in display.audience))


def _targets(
    g: Guarded, request: Request, force: Force | None, signed: SignedIn, announcements: Announcements
) -> Page:
    if force is None:
        return nothing(request, signed, "/targets")
    p, today, role = force.programme, g.now.date(), signed.viewer().role
    asks: dict[str, Sequence[Ask]] = {}
    for target in p.targets:
        if force.measured(target.metric):
            weekly = target.metric == "weekly-use"
            over = (asked.weeks if weekly else asked.blocks)(p, target.metric, today)
            asks[target.id] = [asked.whole(target.metric, period) for period in over]
    told = iter(answers(g, [ask for some in asks.values() for ask in some], signed.viewer()))
    return targets_page(
        frame(request, signed, "/targets"),
        programme=p,
        answered={name: [next(told) for _ in some] for name, some in asks.items()},
        abouts=_abouts(list(FIGURES)),
        findings=force.read.findings,
        texts=TEXTS,
        changes=force.changes,
        announced=announcements.of(g),
        by_unit=[t.metric for t in p.targets if t.metric in FIGURES and asked.is_shown(p, t.metric, role)],
        audits=audits_to_read(g, p),
        suspended=suspended(g, force.version),
    )


def _method(request: Request, signed: SignedIn, force: Force | None, metric: MetricId) -> Page:
    figure = FIGURES[metric]
    counter = counter_of(metric, {}) if force is None else _counters(force, [metric])[metric]
    return method_page(
        frame(request, signed, ""),
        metric=metric,
        says=figure.says,
        unit=figure.unit,
        kind=figure.kind,
        shape=figure.shape,
        follow_up_days=figure.follow_up.days,
        filters=figure.filters,
        floor=HARD_FLOORS.get(figure.kind, LEAST_FLOOR),
        counter=counter,
        breaks_when=figure.breaks_when,
        counters=figure.counters,
    )
