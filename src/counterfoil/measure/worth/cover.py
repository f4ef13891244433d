"""How much of the spend, the sessions, the lines and the records was seen."""

from collections import Counter
from collections.abc import Mapping, Sequence

from counterfoil.measure.worth.spend import SpendByFate
from counterfoil.measure.worth.usage import Spent
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate
from counterfoil.terms.ids import SessionId
from counterfoil.terms.own import OwnSources
from counterfoil.terms.report import CoveragePart, Figure

COUNTED = Unknown("a full count, not an estimate")
NO_LOGS = Unknown("no log has a request")


def coverage_part(
    rows: Sequence[Spent],
    roots: Mapping[SessionId, SessionId],
    spend: SpendByFate | None,
    sources: OwnSources,
    *,
    evidence: tuple[int, int] | None,
    joined_by: Mapping[str, int],
) -> CoveragePart:
    """Coverage of everything; `evidence` has landed lines with evidence and all landed lines."""
    requests = sum(row.requests for row in rows)
    counts = [reading.counts for reading in sources.readings]
    records = sum(c.records for c in counts)
    days = sorted(row.day for row in rows)
    named = {roots.get(row.session, row.session) for row in rows}
    no_git = Unknown("git was left out")
    return CoveragePart(
        spend_joined=no_git if spend is None else _joined_spend(spend),
        sessions_joined=no_git
        if spend is None
        else share(len({p.session for p in spend.paid} & named), len(named), "no session has a request"),
        lines_with_evidence=no_git if evidence is None else share(*evidence, "no code line landed"),
        requests_priced=share(sum(row.priced for row in rows), requests, "no log has a request"),
        records_read=share(records - sum(c.skipped_total for c in counts), records, "no log has a record"),
        logs_from=days[0] if days else NO_LOGS,
        logs_to=days[-1] if days else NO_LOGS,
        joined_by=dict(sorted(Counter(joined_by).items())),
    )


def _joined_spend(spend: SpendByFate) -> Figure:
    whole = sum(spend.parts.values())
    return share(sum(p.pico for p in spend.paid), whole, "nothing was spent", n=len(spend.paid))


def share(part: int, whole: int, empty: str, *, n: int | None = None) -> Figure:
    """A share that was counted in full; Unknown where there is nothing to share."""
    if not whole:
        return Unknown(empty)
    return Estimate(
        value=part / whole,
        low=COUNTED,
        high=COUNTED,
        n=whole if n is None else n,
        coverage=1.0,
        method="coverage",
    )
