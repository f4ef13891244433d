"""What the API tells of audits: whether each number was still true when it was looked at last."""

from typing import Literal

from fastapi import APIRouter, Request, Response

from counterfoil.app.server import api_forms as forms
from counterfoil.app.server.api_forms import Form, NotKnown
from counterfoil.app.server.desk import Desk
from counterfoil.app.server.shown_token import JSON, Credentials, NoToken, Often, shown
from counterfoil.guard.audits import kept_audits
from counterfoil.guard.tokens import Scope, viewer_of
from counterfoil.show.exported import written
from counterfoil.terms.release import Refuse


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


class SignForm(Form):
    """What one test says, or why it says nothing."""

    test: str
    says: str
    speaks: bool
    why: str


class ForesightForm(Form):
    """What one kind of evidence would find, and how soon."""

    evidence: str
    gaming: float | NotKnown
    found: float | NotKnown
    weeks: float | NotKnown
    says: str


class OutlookForm(Form):
    """What could be seen in an organisation of this size."""

    people: int
    simulated: int
    foresights: list[ForesightForm]
    advice: str


class LeverForm(Form):
    """What in the programme it points at."""

    field: str
    rule: str
    says: str


class EffectForm(Form):
    """What a version of the programme did."""

    measure: str
    says: str
    known: bool


class AuditForm(Form):
    """What the audit of one number said; nothing of it is about a person."""

    metric: str
    unit: str
    verdict: Literal[
        "responds to its target",
        "has come apart from outcomes",
        "responding, and outcomes improved",
        "no sign",
        "can't tell",
    ]
    says: str
    since: str
    variant: str
    levers: list[LeverForm]
    weeks: list[WeekForm]
    line: float | NotKnown
    usual: str
    bins: list[BinForm]
    bins_of: str
    signs: list[SignForm]
    outlook: OutlookForm | None
    declared: str
    people: int
    units: int
    first: str
    last: str
    at: str
    entry: int
    follows: str
    event: str
    effects: list[EffectForm]


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
            if isinstance(viewer_of(g, shown(g, credentials, Scope.READ)), Refuse):
                # Whose token it is has left.
                raise NoToken(Scope.READ)
            found = [one.answer for one in kept_audits(g).values()]
        return Response(written({"audits": found}), media_type=JSON)
