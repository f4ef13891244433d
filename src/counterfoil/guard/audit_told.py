"""Turns what was audited into what may be told of it."""

from counterfoil.guard.panel import Seen
from counterfoil.terms.audit import Audit, AuditAsk, Verdict
from counterfoil.terms.programme import Programme


def told_of(found: Seen, ask: AuditAsk, programme: Programme) -> Audit:
    """What may be told."""
    return Audit(
        metric=ask.metric,
        unit=ask.unit or "",
        verdict=Verdict.CANT_TELL,
        says="x",
        since="",
        lever="",
        lever_says="",
    )
