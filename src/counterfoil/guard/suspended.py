"""Targets that a programme itself withdrew, since their number has come apart from outcomes."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from counterfoil.guard.force import Version
from counterfoil.guard.guarded import Guarded
from counterfoil.ledger.entry import Body, EntryKind, open_entry, read_entry
from counterfoil.terms.error import LedgerBroken
from counterfoil.terms.ids import MetricId
from counterfoil.terms.promise import OnBreak
from counterfoil.terms.release import Refuse

KEPT = CLAUSE = "suspended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspended:
    """A number that is not shown, under the programme that it was found to have come apart under."""

    metric: MetricId
    programme: str
    """The name of that version; under another one it is shown again."""
    why: str
    """What the audit said, in words."""
    at: str
    entry: int
    """Its entry in the log."""

    @property
    def refusal(self) -> Refuse:
        """What whoever asks is told."""
        why = (
            f"{self.why} The programme withdraws its target and display until a new version of it is "
            f"published: entry {self.entry} of the log."
        )
        return Refuse(CLAUSE, why)


def suspend(g: Guarded, force: Version, metric: MetricId, why: str) -> Suspended | None:
    """Withdraw a number where the programme says so; the log has it before it takes effect."""
    if force.agreed().gaming.on_break is not OnBreak.SUSPEND:
        return None
    if (known := suspended(g, force).get(metric)) is not None:
        return known
    new = Suspended(metric=metric, programme=force.name, why=why, at=g.minute, entry=len(g.log))
    g.log.append([open_entry(EntryKind.RULE, _body(new))])
    with g.lake.registry.change() as change:
        change.keep(KEPT, metric, json.dumps(asdict(new)).encode())
    return new


def suspended(g: Guarded, force: Version) -> Mapping[MetricId, Suspended]:
    """The numbers that are withdrawn under the programme in force.

    Raises: LedgerBroken where one is not as the log has it.
    """
    kept = [Suspended(**json.loads(told)) for told in g.lake.registry.all_kept(KEPT).values()]
    found = [one for one in kept if one.programme == force.name]
    for one in found:
        if one.entry >= len(g.log) or read_entry(g.log.entry(one.entry)) != (EntryKind.RULE, _body(one)):
            hint = "compare the log with a witness; restore the registry from a copy that fits it"
            raise LedgerBroken(
                "suspension-altered", "a suspension is not the one that the log has", hint=hint
            )
    return {one.metric: one for one in found}


def _body(one: Suspended) -> Body:
    return {
        "rule": KEPT,
        "of": one.metric,
        "programme": one.programme,
        "why": one.why,
        "at": one.at,
    }
