"""Events."""

from counterfoil.guard.audited import Audited, audit
from counterfoil.guard.guarded import Guarded
from counterfoil.terms.ask import Viewer
from counterfoil.terms.audit import AuditAsk


def after_event(g: Guarded, ask: AuditAsk, viewer: Viewer, event: str) -> Audited:
    """After."""
    return audit(g, ask, viewer)
