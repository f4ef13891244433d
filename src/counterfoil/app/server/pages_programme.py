"""The page about the programme, the form by which somebody says that they read it, and the log in words."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response

from counterfoil.app.door.session import SignedIn, Who
from counterfoil.app.server.agreed import TEXTS, Force, in_force
from counterfoil.app.server.announced import cosigned, entries
from counterfoil.app.server.desk import Desk
from counterfoil.app.server.framed import answer, frame, nothing
from counterfoil.guard.acknowledged import acknowledge, acknowledged
from counterfoil.guard.force import COOLING, Version, cooled
from counterfoil.guard.guarded import Guarded
from counterfoil.ledger.verify import VerifierKey
from counterfoil.show.server.frame import Link
from counterfoil.show.server.log import log_page
from counterfoil.show.server.promise import Agreement, Proposal, changes_told, programme_page
from counterfoil.show.site import Page


def router(desk: Desk) -> APIRouter:
    """The pages."""
    pages = APIRouter()

    @pages.get("/programme")
    def programme(request: Request, signed: Who) -> Response:
        """What is measured, why, and whether it counts in reviews."""
        with desk.open() as g:
            page = _programme(g, request, signed, thanks=False)
        return answer(page)

    @pages.post("/programme/read")
    def read(request: Request, signed: Who) -> Response:
        """Count whoever asks among those who have read it."""
        if signed.secret is None:
            raise HTTPException(403)
        with desk.open() as g:
            acknowledge(g, signed.secret)
            page = _programme(g, request, signed, thanks=True)
        return answer(page)

    @pages.get("/ledger")
    def ledger(request: Request, signed: Who, before: Annotated[int, Query(ge=0)] = 0) -> Response:
        """Who asked for what, newest first."""
        with desk.open() as g:
            page = _log(g, request, signed, before)
        return answer(page)

    return pages


def _programme(g: Guarded, request: Request, signed: SignedIn, *, thanks: bool) -> Page:
    force = in_force(g)
    if force is None:
        return nothing(request, signed, "/programme")
    return programme_page(
        frame(request, signed, "/programme"),
        programme=force.programme,
        told=force.read.told,
        findings=force.read.findings,
        texts=TEXTS,
        agreement=_agreement(force.version),
        proposal=_proposal(g, force),
        may_acknowledge=signed.secret is not None,
        acknowledged=acknowledged(g, force.version.digest),
        thanks=thanks,
    )


def _agreement(found: Version) -> Agreement:
    return Agreement(
        digest=found.digest,
        entry=found.entry,
        at=found.at[:10],
        parties=sorted(found.parties.items()),
        witnesses=[VerifierKey.parse(key).name for key in found.witnesses],
    )


def _proposal(g: Guarded, force: Force) -> Proposal | None:
    proposed = force.proposed
    if proposed is None:
        return None
    witnesses = force.version.witnesses
    seen = list(cooled(g, proposed, witnesses).values())
    days = min((0 if seconds is None else seconds // 86_400 for seconds in seen), default=0)
    waits = (
        f"{days} of {COOLING.days} days lie between the cosignatures of the witness that has seen the fewest."
        if seen
        else "No witness was agreed on, so nothing can be weakened."
    )
    return Proposal(
        digest=proposed.digest,
        entry=proposed.entry,
        at=proposed.at[:10],
        changes=changes_told(force.changes),
        waits=waits,
    )


def _log(g: Guarded, request: Request, signed: SignedIn, before: int) -> Page:
    size = len(g.log)
    upto = min(before or size, size)
    told, first = entries(g, upto)
    older = [Link(to=f"/ledger?before={first}", says="Older entries")] if first else []
    newer = [Link(to="/ledger", says="The newest entries")] if upto < size else []
    return log_page(
        frame(request, signed, "/ledger"),
        size=size,
        entries=told,
        pages=[*newer, *older],
        checkpoint=g.log.checkpoint,
        cosigned=cosigned(g),
        key=str(g.log.verifier),
    )
