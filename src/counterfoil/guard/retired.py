"""Removes rows about single people once the time that the programme gives them is over; answers stay."""

from collections.abc import Mapping
from datetime import timedelta

from counterfoil.guard.force import version
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.rows import TABLES
from counterfoil.ledger.entry import EntryKind, open_entry
from counterfoil.measure.cohort.metric import METRICS, Fact
from counterfoil.terms.absent import Unknown
from counterfoil.terms.period import Block
from counterfoil.terms.release import Refuse

RETIRED = "retired"
GONE = Refuse(
    "retired",
    "The rows of these weeks were kept as long as the programme says; what was answered is answered.",
)


def retire(g: Guarded) -> Mapping[str, int]:
    """How many rows were removed, by table: those of blocks whose time is over, counted from their last day.

    Work waits until what became of it is known. It is logged before, and where no programme states a time,
    nothing is removed.
    """
    force = version(g)
    kept_for = Unknown("no programme") if force is None else force.programme(g.now.date()).data.keep_raw
    if isinstance(kept_for, Unknown):
        return {}
    gone: dict[str, int] = {}
    for fact in Fact:
        follow_up = max((m.follow_up for m in METRICS.values() if m.fact is fact), default=timedelta())
        for part in [p for late in (False, True) for p in g.lake.registry.parts(TABLES[fact], late=late)]:
            if not part.block:
                continue
            block = Block.parse(part.block)
            if block.until + follow_up + kept_for > g.now.date():
                continue
            told = {"rule": RETIRED, "fact": fact, "block": part.block, "at": g.minute}
            g.log.append([open_entry(EntryKind.RULE, told)])
            with g.lake.registry.change() as change:
                change.keep(RETIRED, f"{fact}/{part.block}", b"1")
            g.lake.retire(part)
            gone[part.table] = gone.get(part.table, 0) + part.rows
    return gone
