"""The page about the programme: what is measured, why, for whom, and whether it counts in reviews."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from counterfoil.show.judged import grouped, lead
from counterfoil.show.server.frame import Frame, FramedPage
from counterfoil.show.server.targets import NOT_SAID, SEES
from counterfoil.show.site import SeverityShown
from counterfoil.show.table import Table
from counterfoil.terms.absent import Unknown
from counterfoil.terms.finding import Change, Finding, RuleText, Saying, Severity
from counterfoil.terms.ids import RuleId
from counterfoil.terms.metric import Kind
from counterfoil.terms.programme import Programme
from counterfoil.terms.promise import Pledge, Use

PURPOSES: Mapping[str, str] = {
    "value_reporting": "to say what the spend became",
    "enablement": "to help where help is needed",
    "capacity_planning": "to plan capacity",
    "cost_control": "to hold the cost",
    "own_insight": "so that each person sees their own",
    "security_incident": "to answer a security incident",
}
KINDS = {
    Kind.ACTIVITY: "activity: what is used up",
    Kind.OUTPUT: "output: what is made",
    Kind.OUTCOME: "outcome: what came of it",
    Kind.PERCEPTION: "perception: what people say",
    Kind.COST: "cost: money",
}
USES = {
    Use.NONE: "No.",
    Use.INFORMS: "Yes: they inform it.",
    Use.DETERMINES: "Yes: they decide it.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """The version in force, and who stands behind it."""

    digest: str
    entry: int
    at: str
    parties: Sequence[tuple[str, str]]
    """Each party with the key that it agreed with."""
    witnesses: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A version that waits."""

    digest: str
    entry: int
    at: str
    changes: Sequence[tuple[str, str]]
    waits: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammePage(FramedPage):
    """What is measured and promised."""

    template: ClassVar[str] = "server_programme.html.j2"
    strategy: str
    dates: str
    purposes: Sequence[tuple[str, str]]
    pledges: Sequence[tuple[str, str, str]]
    """A question, its answer, and what the programme says word for word."""
    told: Sequence[Saying]
    measured: Table
    kept: Sequence[tuple[str, str]]
    linted: str
    groups: Sequence[SeverityShown]
    agreement: Agreement
    proposal: Proposal | None
    may_acknowledge: bool
    acknowledged: str
    """How many have said that they read it."""
    thanks: bool
    """Whether whoever asks has just said so."""


def programme_page(
    frame: Frame,
    *,
    programme: Programme,
    told: Sequence[Saying],
    findings: Sequence[Finding],
    texts: Mapping[RuleId, RuleText],
    agreement: Agreement,
    proposal: Proposal | None,
    may_acknowledge: bool,
    acknowledged: int,
    thanks: bool,
) -> ProgrammePage:
    """The page about a programme in force."""
    p = programme
    groups = [g for g in grouped(findings, texts) if g.key != Severity.INFO]
    number = {group.key: len(group.findings) for group in groups}
    return ProgrammePage(
        frame=frame,
        title=p.about.name,
        strategy="" if isinstance(p.about.strategy, Unknown) else p.about.strategy,
        dates=_dates(p),
        purposes=[(PURPOSES.get(name, name), name) for name in p.about.purposes],
        pledges=[
            _pledge("Do these figures count in reviews, pay, promotion or exit?", p.review),
            _pledge("Can they be a reason to replace people or to reduce jobs?", p.workforce),
        ],
        told=told,
        measured=_measured(p),
        kept=_kept(p),
        linted=lead(number.get(Severity.ERROR, 0), number.get(Severity.WARNING, 0)),
        groups=groups,
        agreement=agreement,
        proposal=proposal,
        may_acknowledge=may_acknowledge,
        acknowledged=f"About {acknowledged:,} people" if acknowledged else "Fewer than five people",
        thanks=thanks,
    )


def changes_told(changes: Sequence[Change]) -> Sequence[tuple[str, str]]:
    """Each change with what it does to the protection of those it concerns."""
    return [(change.direction, f"{change.says} For {change.whom}.") for change in changes]


def _pledge(asks: str, pledge: Pledge) -> tuple[str, str, str]:
    said = pledge.statement
    use = "It does not say; assume that they do." if isinstance(pledge.use, Unknown) else USES[pledge.use]
    return asks, use, "" if isinstance(said, Unknown) else said


def _dates(p: Programme) -> str:
    return f"From {_day(p.about.begins)} to {_day(p.about.ends)}."


def _day(day: date | Unknown) -> str:
    return "a day that it does not say" if isinstance(day, Unknown) else f"{day.day} {day:%B %Y}"


def _measured(p: Programme) -> Table:
    rows = tuple(
        (
            metric.called,
            KINDS[metric.kind],
            _said(metric.definition),
            _said(metric.source),
            _said(metric.owner),
        )
        for metric in p.metrics
    )
    return Table(
        title="What is measured",
        columns=(
            "number",
            "what it is about",
            "how it is computed",
            "where it is read",
            "who answers for it",
        ),
        rows=rows,
    )


def _kept(p: Programme) -> Sequence[tuple[str, str]]:
    data = p.data
    readers = (
        NOT_SAID if isinstance(data.raw_readers, Unknown) else ", ".join(SEES[r] for r in data.raw_readers)
    )
    return [
        ("Written down about people", ", ".join(c.replace("-", " ") for c in data.collects) or NOT_SAID),
        ("Finest step of time", _said(data.step)),
        ("Rows about single people are kept for", _span(data.keep_raw)),
        ("Who can reach them", readers),
    ]


def _span(span: timedelta | Unknown) -> str:
    return NOT_SAID if isinstance(span, Unknown) else f"{span.days} days"


def _said(words: str | Unknown) -> str:
    return NOT_SAID if isinstance(words, Unknown) else words
