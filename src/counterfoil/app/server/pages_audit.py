"""The page about audits: what was found out the last time, which the page reads and does not compute."""

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, Request, Response

from counterfoil.app.door.session import SignedIn, Who
from counterfoil.app.server.agreed import Force, in_force
from counterfoil.app.server.desk import Desk
from counterfoil.app.server.framed import answer, frame, nothing
from counterfoil.guard.audited import audited_metrics
from counterfoil.guard.audits import kept_audits
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.workloads import workloads
from counterfoil.show.server.audit import audit_page
from counterfoil.show.site import Page
from counterfoil.terms.absent import Unknown
from counterfoil.terms.programme import Programme
from counterfoil.terms.promise import Check, OnBreak

CHECKS: Mapping[Check, str] = {
    Check.DECOUPLING: "whether a number still goes with outcomes",
    Check.BUNCHING: "whether many stand exactly at a line",
    Check.PREVALENCE: "how much of a number is made up, at least",
}
FOLLOWS: Mapping[OnBreak, str] = {
    OnBreak.SUSPEND: "A number that has come apart is withdrawn, with its target and display, until a new "
    "version of the programme is published.",
    OnBreak.TELL: "A number that has come apart is told here.",
    OnBreak.NOTHING: "Where a number has come apart, nothing follows.",
}


def router(desk: Desk) -> APIRouter:
    """The page."""
    pages = APIRouter()

    @pages.get("/audit")
    def audit(request: Request, signed: Who) -> Response:
        """Whether each number is still true."""
        with desk.open() as g:
            page = _audit(g, request, in_force(g), signed)
        return answer(page)

    return pages


def _audit(g: Guarded, request: Request, force: Force | None, signed: SignedIn) -> Page:
    if force is None:
        return nothing(request, signed, "/audit")
    p, kept = force.programme, kept_audits(g)
    names = audited_metrics(p) if p.gaming.checks else []
    return audit_page(
        frame(request, signed, "/audit"),
        audits=[kept[name] for name in names if name in kept],
        names={metric.id: metric.called for metric in p.metrics},
        waiting=[name for name in names if name not in kept],
        checks=_checks(p),
        on_break=_follows(p),
        workloads=workloads(g),
        has_register=p.gaming.workload_register is True,
    )


def _checks(p: Programme) -> str:
    if not p.gaming.checks:
        return "The programme has no checks of its numbers."
    return f"The programme has it checked {_joined([CHECKS[check] for check in p.gaming.checks])}."


def _follows(p: Programme) -> str:
    on_break = p.gaming.on_break
    if isinstance(on_break, Unknown):
        return "What follows where a number has come apart, it does not say."
    return FOLLOWS[on_break] if p.gaming.checks else ""


def _joined(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
