"""What the API tells of audits: whether each number was still true when it was looked at last."""

from typing import Literal

from fastapi import APIRouter, Request, Response

from counterfoil.app.server import api_forms as forms
from counterfoil.app.server.api_forms import Form, NotKnown
from counterfoil.app.server.desk import Desk
from counterfoil.app.server.shown_token import JSON, Credentials, Often, shown
from counterfoil.guard.audits import kept_audits
from counterfoil.guard.tokens import Scope
from counterfoil.show.exported import written


class WeekForm(Form):
    """What units say of a number in one week."""

    week: str
    together: float | NotKnown
    alarm: float | NotKnown


class BinForm(Form):
    """How many people stand at a value, to the nearest five."""

    at: float
    count: int
    without: float | NotKnown
    window: bool


class CheckForm(Form):
    """What one check says, or why it says nothing."""

    check: Literal["decoupling", "bunching", "prevalence"]
    name: str
    says: str
    abstains: bool


class PowerForm(Form):
    """What could be seen, and how soon."""

    people: int
    gaming: float
    weeks: float | NotKnown
    seen: float


class AuditForm(Form):
    """What the audit of one number said; nothing of it is about a person."""

    metric: str
    unit: str
    verdict: Literal["come-apart", "responds", "responds-and-improved", "no-sign", "cant-tell"]
    says: str
    since: str
    lever: str
    lever_says: str
    weeks: list[WeekForm]
    line: float | NotKnown
    bins: list[BinForm]
    bins_of: str
    checks: list[CheckForm]
    power: list[PowerForm]
    declared: str
    people: int
    units: int
    first: str
    last: str
    at: str
    entry: int
    suspended: str
    event: None
    effects: list[None]


class AuditsForm(Form):
    """The last audit of each number."""

    audits: list[AuditForm]


def tell_audits(api: APIRouter, desk: Desk, often: Often) -> None:
    """Add what is told of audits."""

    @api.get(
        "/v1/audits",
        summary="Whether each number is still true",
        responses={200: forms.answer("The last audit of each number.", AuditsForm), **forms.PROBLEMS},
    )
    def audits(request: Request, credentials: Credentials) -> Response:
        """What the checks of the programme said the last time: made daily, and not for a question."""
        often.check(request, credentials)
        with desk.open() as g:
            shown(g, credentials, Scope.READ)
            found = [one.answer for one in kept_audits(g).values()]
        return Response(written({"audits": found}), media_type=JSON)
