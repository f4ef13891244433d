"""Audits as they are kept: what a check of a number said the last time, open to everybody."""

from collections.abc import Mapping

import msgspec

from counterfoil.guard.force import Version, version
from counterfoil.guard.guarded import Guarded
from counterfoil.store.registry import Change
from counterfoil.terms.audited import AuditAsk, AuditTold
from counterfoil.terms.ids import MetricId
from counterfoil.terms.release import Released

KEPT, CLAUSE = "audit", "checks-of-a-number"


def keep_audit(change: Change, ask: AuditAsk, force: Version, audit: AuditTold) -> None:
    """Keep what an audit said, instead of what it said before."""
    change.keep(KEPT, f"{force.name}/{ask.name}", msgspec.json.encode(audit))


def kept_audits(g: Guarded) -> Mapping[MetricId, Released[AuditTold]]:
    """The last audit of each number, of the whole company, under the programme in force."""
    force = version(g)
    if force is None:
        return {}
    kept = g.lake.registry.all_kept(KEPT)
    found = {
        name: msgspec.json.decode(told, type=AuditTold)
        for name, told in kept.items()
        if name.startswith(f"{force.name}/") and name.endswith("///")
    }
    # A unit's name may end like that as well.
    whole = {name: one for name, one in found.items() if name == f"{force.name}/{one.metric}///"}
    return {one.metric: Released(one, CLAUSE) for one in whole.values()}
