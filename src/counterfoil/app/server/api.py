"""What programs ask: guarded questions, what can be asked, the programme, and the log's checkpoint."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts

from counterfoil import __version__
from counterfoil.app.server import api_forms as forms
from counterfoil.app.server.api_audits import tell_audits
from counterfoil.app.server.api_told import tell
from counterfoil.app.server.desk import Desk
from counterfoil.app.server.shown_token import JSON, ApiRoute, Credentials, Often, WrongForm, shown
from counterfoil.guard.guarded import KEYS_AWAY
from counterfoil.guard.release import release
from counterfoil.guard.tokens import Scope, viewer_of
from counterfoil.show.answered import answers_csv, answers_parquet
from counterfoil.show.asked import answers_json
from counterfoil.show.exported import written
from counterfoil.terms.ask import Answered, Ask
from counterfoil.terms.error import SourceError, StoreError
from counterfoil.terms.ids import MetricId
from counterfoil.terms.metric import Level
from counterfoil.terms.period import Period
from counterfoil.terms.release import Refuse

Word = Annotated[str, Query(min_length=1, max_length=100)]
MOST_FILTERS, MOST_LETTERS = 8, 200
PERIOD = r"^2[01][0-9]{2}-(W[0-5][0-9]|B[01][0-9]|[01][0-9](-[0-3][0-9])?)$"
PAIR = r"^[^=]+=[\s\S]*$"
PATHS = ("/api/", "/metrics", "/healthz")
"""What its description describes; directories and forges have documents of their own."""


class Form(StrEnum):
    """How an answer is written."""

    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"


KINDS = {
    Form.JSON: JSON,
    Form.CSV: "text/csv",
    Form.PARQUET: "application/vnd.apache.parquet",
}


class Coarse(StrEnum):
    """Of each of these; there is no finer one."""

    TEAM = Level.TEAM
    UNIT = Level.UNIT
    COMPANY = Level.COMPANY


def router(desk: Desk) -> APIRouter:
    """The API of one server."""
    api = APIRouter(prefix="/api", route_class=ApiRoute, tags=["api"])
    often = Often()
    _asking(api, desk, often)
    tell(api, desk, often)
    tell_audits(api, desk, often)

    @api.get("/openapi.json", include_in_schema=False)
    def described(request: Request) -> Response:
        """What the API is, in OpenAPI."""
        return Response(written(described_by(request.app.routes)), media_type=JSON)

    return api


def _asking(api: APIRouter, desk: Desk, often: Often) -> None:
    @api.get("/v1/ask", summary="Ask for a figure of groups of people", responses=forms.ASKED)
    def ask(
        request: Request,
        credentials: Credentials,
        metric: Word,
        by: Coarse,
        period: Annotated[str, Query(pattern=PERIOD, examples=["2026-W37"])],
        purpose: Word,
        filter: Annotated[
            list[Annotated[str, Query(max_length=MOST_LETTERS, pattern=PAIR)]] | None,
            Query(
                max_length=MOST_FILTERS, examples=[["unit=payments"]], description="NAME=VALUE; repeatable."
            ),
        ] = None,
        format: Annotated[Form | None, Query(description="Goes before the Accept header.")] = None,
        accept: Annotated[str, Header(include_in_schema=False)] = "*/*",
    ) -> Response:
        """Ask under the rules that hold for everybody; the question is in the log before it is answered.

        A token that is a person's asks as that person, in the token's role, which they have to hold. One that
        is nobody's asks as the operator does, counted as one of every group and of its team.
        """
        often.check(request, credentials)
        kind = format or _accepted(accept)
        asked = Ask(
            metric=MetricId(metric),
            by=Level(by),
            period=_period(period),
            purpose=purpose,
            filters=_filters(filter or ()),
        )
        with desk.open() as g:
            viewer = viewer_of(g, shown(g, credentials, Scope.READ))
            if isinstance(viewer, Refuse):
                return _refused(viewer, None)
            answered = release(g, asked, viewer)
        return _answered(answered, kind)


def described_by(routes: Sequence[Any]) -> Mapping[str, Any]:
    """The API in OpenAPI, without what answers in forms of other documents."""
    mine = [one for one in iter_route_contexts(routes) if str(one.path or "").startswith(PATHS)]
    return get_openapi(
        title="Counterfoil",
        version=__version__,
        summary="Guarded questions about groups of people, each in a log before it is answered.",
        routes=mine,
    )


def _answered(answered: Answered, kind: Form) -> Response:
    refused = [one.verdict for one in answered.answers if isinstance(one.verdict, Refuse)]
    if len(refused) == len(answered.answers):
        return _refused(refused[0], answered)
    match kind:
        case Form.CSV:
            return Response(answers_csv(answered), media_type="text/csv; charset=utf-8")
        case Form.PARQUET:
            return Response(answers_parquet(answered), media_type=KINDS[kind])
    return Response(answers_json(answered), media_type=JSON)


def _refused(why: Refuse, answered: Answered | None) -> Response:
    """A refusal as a whole; what is refused is JSON, whatever was accepted.

    Raises: StoreError where it is for now alone, since the keys are away.
    """
    if why == KEYS_AWAY:
        raise StoreError(why.clause, why.why, hint="ask again once they are back")
    hint = "ask what the programme and its rules allow: /api/v1/programme"
    groups = [] if answered is None else answered.answers
    told = {
        "error": {"code": "refused", "message": why.why, "hint": hint},
        "clause": why.clause,
        "entry": None if answered is None else answered.entry,
        "answers": [
            {"group": one.group, "verdict": "refused", "clause": one.verdict.clause, "why": one.verdict.why}
            for one in groups
            if isinstance(one.verdict, Refuse)
        ],
    }
    return Response(written(told), 403, media_type=JSON)


def _accepted(accept: str) -> Form:
    """The first form that is accepted.

    Raises: WrongForm where none is.
    """
    for part in accept.lower().split(","):
        kind, _, weight = part.strip().partition(";")
        if weight.replace(" ", "") in {"q=0", "q=0.0"}:
            continue
        if kind.strip() in {"*/*", "application/*", ""}:
            return Form.JSON
        for form, name in KINDS.items():
            if kind.strip() in {name, f"{name.split('/')[0]}/*"}:
                return form
    raise WrongForm(
        "no-form", "the answer is JSON, CSV or Parquet", hint="send format=csv, or accept text/csv"
    )


def _period(text: str) -> Period:
    try:
        return Period.parse(text)
    except ValueError as error:
        raise SourceError("no-period", str(error), hint="name a period, such as 2026-W37") from error


def _filters(pairs: Sequence[str]) -> Mapping[str, str]:
    """Filters by their names, each once."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not name or not equals or name in found:
            raise SourceError(
                "no-filter", "a filter is NAME=VALUE, each name once", hint="send unit=payments"
            )
        found[name] = value
    return found
