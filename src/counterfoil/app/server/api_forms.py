"""What the API says, as its description in OpenAPI has it; a test holds real answers to these forms."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Form(BaseModel):
    """An object with the fields that are named, and no others."""

    model_config = ConfigDict(extra="forbid")


class NotKnown(Form):
    """A number that is not known; it is no zero."""

    unknown: str = Field(description="Why.")


class FigureForm(Form):
    """A figure of a group of people: rounded, with its 95 % interval and coverage."""

    value: float | NotKnown
    low: float | NotKnown
    high: float | NotKnown
    says: str = Field(description="The figure in words; a share of people is only a band.")
    between: str = Field(description="Its interval in words; empty where there is none.")
    unit: str
    people: int = Field(description="How many people it is of, to the nearest five.")
    coverage: float | NotKnown = Field(description="Share of the weekdays on which there are data.")
    method: str = Field(description="Its page in docs/methods.")


class ReleasedForm(Form):
    """A group's figure, and the rule under which it is told."""

    group: str
    verdict: Literal["released"]
    clause: str
    figure: FigureForm


class WithheldForm(Form):
    """A group's figure is held back because of its values, so no reason is given."""

    group: str
    verdict: Literal["withheld"]


class RefusedForm(Form):
    """A group's figure is refused, by the rules and membership alone."""

    group: str
    verdict: Literal["refused"]
    clause: str
    why: str


class AnswersForm(Form):
    """What came of a question, group by group in the order of their names."""

    metric: str
    by: Literal["team", "unit", "company"]
    period: str
    purpose: str
    filters: dict[str, str]
    entry: int = Field(description="The place of its entry in the log.")
    notes: list[str]
    answers: list[ReleasedForm | WithheldForm | RefusedForm]


class ErrorForm(Form):
    """What went wrong, and one thing to do."""

    code: str
    message: str
    hint: str


class ProblemForm(Form):
    """Why there is no answer."""

    error: ErrorForm


class RefusalForm(Form):
    """A question that is refused as a whole: the clause, and the entry of the log that says so."""

    error: ErrorForm
    clause: str
    entry: int | None = Field(description="Null where nothing was asked of the log.")
    answers: list[RefusedForm]


class MetricForm(Form):
    """A figure that can be asked."""

    id: str
    says: str
    kind: Literal["activity", "output", "outcome", "perception", "cost"]
    unit: str
    filters: list[str]
    breaks_when: list[str]
    measured: bool = Field(description="Whether the programme in force measures it.")


class MetricsForm(Form):
    """Every figure that there is."""

    metrics: list[MetricForm]


class ProgrammeForm(Form):
    """The programme in force."""

    name: str
    text: str = Field(description="The programme file, as its parties agreed to it.")
    digest: str = Field(description="SHA-256 of the text, by which the log knows it.")
    entry: int
    at: str = Field(description="The minute at which it was logged.")
    parties: list[str]
    purposes: list[str]


PROBLEM = {"error": {"code": "busy", "message": "others are being answered", "hint": "ask again"}}
FIGURE: dict[str, Any] = {
    "value": 0.84,
    "low": 0.81,
    "high": 0.86,
    "says": "84 %",
    "between": "81 % to 86 %",
    "unit": "share of work",
    "people": 120,
    "coverage": {"unknown": "nothing was read of this period"},
    "method": "kept",
}
ANSWERS: dict[str, Any] = {
    "metric": "kept",
    "by": "unit",
    "period": "2026-W37",
    "purpose": "enablement",
    "filters": {},
    "entry": 41,
    "notes": [],
    "answers": [
        {"group": "payments", "verdict": "released", "clause": "units-as-shown", "figure": FIGURE},
        {"group": "search", "verdict": "withheld"},
        {"group": "web", "verdict": "refused", "clause": "atoms", "why": "A few people would be left over."},
    ],
}
REFUSAL: dict[str, Any] = {
    "error": {
        "code": "refused",
        "message": "The purpose is not in the programme.",
        "hint": "ask another question",
    },
    "clause": "purpose",
    "entry": 42,
    "answers": [
        {
            "group": "each unit",
            "verdict": "refused",
            "clause": "purpose",
            "why": "It is not in the programme.",
        }
    ],
}
CHECKPOINT = "counterfoil.local/1f2e3d4c\n42\nXhK3…=\n\n— counterfoil.local/1f2e3d4c …\n"
TABLE = "metric,by,period,...\r\nkept,unit,2026-W37,...\r\n"


def answer(
    says: str, form: type[BaseModel] | None = None, example: Any = None, **more: Any
) -> dict[str, Any]:
    """A response as OpenAPI describes it."""
    told: dict[str, Any] = {"description": says, **more}
    if form is not None:
        told["model"] = form
    if example is not None:
        told.setdefault("content", {})["application/json"] = {"example": example}
    return told


AGAIN = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
SHOW = {"WWW-Authenticate": {"description": "Bearer.", "schema": {"type": "string"}}}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: answer("No token of this scope was shown.", ProblemForm, PROBLEM, headers=SHOW),
    422: answer("The question can't be read.", ProblemForm, PROBLEM),
    429: answer("Too often.", ProblemForm, PROBLEM, headers=AGAIN),
    503: answer("The log, the keys or the desk can't be reached now.", ProblemForm, PROBLEM, headers=AGAIN),
}
ASKED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Each group with its figure, or why there is none; withheld is no zero.",
        "model": AnswersForm,
        "content": {
            "application/json": {"example": ANSWERS},
            "text/csv": {"schema": {"type": "string"}, "example": TABLE},
            "application/vnd.apache.parquet": {"schema": {"type": "string", "format": "binary"}},
        },
    },
    403: answer("Refused as a whole, with its clause.", RefusalForm, REFUSAL),
    406: answer("No form of the answer that is accepted.", ProblemForm, PROBLEM),
    **PROBLEMS,
}
