"""The story of the demo: a company that launched a programme, lived with it, and repaired it."""

from collections.abc import Sequence
from dataclasses import dataclass

from counterfoil.terms.audited import AuditTold
from counterfoil.terms.board import HistoricalBoard
from counterfoil.terms.chronicle import Chronicle
from counterfoil.terms.finding import Finding, RepairStep, Saying
from counterfoil.terms.forecast import Forecast
from counterfoil.terms.release import Released


@dataclass(frozen=True, slots=True, kw_only=True)
class Tale:
    """Everything that the pages of the demo tell; all of it is invented."""

    told: Sequence[Saying]
    """What the launched programme tells an employee."""
    denial: str
    """What it says about reviews, word for word."""
    findings: Sequence[Finding]
    steps: Sequence[RepairStep]
    told_after: Sequence[Saying]
    board: HistoricalBoard
    chronicle: Chronicle
    forecast: Forecast
    audit: Released[AuditTold]
    """What an audit would have said of such a company, and what the repair did in half of its teams."""
    text: str
    """The repaired programme, as its file."""
