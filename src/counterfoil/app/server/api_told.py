"""What the API tells without a question: what can be asked, the programme in force, the log's checkpoint."""

from fastapi import APIRouter, Request, Response

from counterfoil.app.server import api_forms as forms
from counterfoil.app.server.desk import Desk
from counterfoil.app.server.shown_token import JSON, Credentials, Often, shown
from counterfoil.guard.catalogue import CATALOGUE
from counterfoil.guard.force import version
from counterfoil.guard.tokens import Scope
from counterfoil.show.exported import written


def tell(api: APIRouter, desk: Desk, often: Often) -> None:
    """Add what is told to whoever shows a token that may ask."""
    _metrics(api, desk, often)
    _programme(api, desk, often)
    _checkpoint(api, desk, often)


def _metrics(api: APIRouter, desk: Desk, often: Often) -> None:
    @api.get(
        "/v1/metrics",
        summary="What can be asked",
        responses={200: forms.answer("Every figure.", forms.MetricsForm), **forms.PROBLEMS},
    )
    def metrics(request: Request, credentials: Credentials) -> Response:
        """Each figure with what it is of, and what breaks it; whether it is measured, the programme says."""
        often.check(request, credentials)
        with desk.open() as g:
            shown(g, credentials, Scope.READ)
            force = version(g)
            programme = None if force is None else force.programme(g.now.date())
        measured = set() if programme is None else {found.id for found in programme.metrics}
        told = [
            {
                "id": metric.id,
                "says": metric.says,
                "kind": metric.kind,
                "unit": metric.unit,
                "filters": ["unit", "role", *metric.filters],
                "breaks_when": list(metric.breaks_when),
                "measured": metric.id in measured,
            }
            for metric in CATALOGUE.values()
        ]
        return Response(written({"metrics": told}), media_type=JSON)


def _programme(api: APIRouter, desk: Desk, often: Often) -> None:
    @api.get(
        "/v1/programme",
        summary="The programme in force",
        responses={
            200: forms.answer("The programme.", forms.ProgrammeForm),
            404: forms.answer("None is in force.", forms.ProblemForm, forms.PROBLEM),
            **forms.PROBLEMS,
        },
    )
    def programme(request: Request, credentials: Credentials) -> Response:
        """What is measured, why, for whom and until when, as its parties agreed to it."""
        often.check(request, credentials)
        with desk.open() as g:
            shown(g, credentials, Scope.READ)
            force = version(g)
            about = None if force is None else force.programme(g.now.date()).about
        if force is None or about is None:
            return _no_programme()
        told = {
            "name": about.name,
            "text": force.text,
            "digest": force.digest,
            "entry": force.entry,
            "at": force.at,
            "parties": sorted(force.parties),
            "purposes": list(about.purposes),
        }
        return Response(written(told), media_type=JSON)


def _checkpoint(api: APIRouter, desk: Desk, often: Often) -> None:
    @api.get(
        "/v1/ledger/checkpoint",
        summary="The log's signed checkpoint",
        response_class=Response,
        responses={
            200: {
                "description": "A C2SP checkpoint: the size of the log and its root, signed.",
                "content": {"text/plain": {"schema": {"type": "string"}, "example": forms.CHECKPOINT}},
            },
            **forms.PROBLEMS,
        },
    )
    def checkpoint(request: Request, credentials: Credentials) -> Response:
        """What a witness, and everybody who is measured, holds the next log to."""
        often.check(request, credentials)
        with desk.open() as g:
            shown(g, credentials, Scope.READ)
            note = g.log.checkpoint
        return Response(note, media_type="text/plain; charset=utf-8")


def _no_programme() -> Response:
    told = {"code": "no-programme", "message": "no programme is in force", "hint": "publish one"}
    return Response(written({"error": told}), 404, media_type=JSON)
