"""Removes rows about single people once the time that the programme gives them is over; answers stay."""

from collections.abc import Mapping

from counterfoil.guard.force import version
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.partition import named
from counterfoil.guard.rows import TABLES
from counterfoil.ledger.entry import EntryKind, open_entry
from counterfoil.measure.cohort.metric import METRICS, Fact
from counterfoil.terms.absent import Unknown
from counterfoil.terms.period import Block
from counterfoil.terms.release import Refuse

RETIRED = "retired"
RETIRED_AS = {
    **{table: fact for fact, table in TABLES.items()},
    **dict.fromkeys(("review", "landing", "check_run", "incident"), Fact.WORK),
}
"""Each table with the fact whose time it is kept for; some tell of work, and no figure is made of them."""
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
    for table, fact in RETIRED_AS.items():
        follow_up = max(m.follow_up for m in METRICS.values() if m.fact.parted_as is fact.parted_as)
        for part in [p for late in (False, True) for p in g.lake.registry.parts(table, late=late)]:
            if not part.block:
                continue
            block = Block.parse(part.block)
            if block.until + follow_up + kept_for > g.now.date():
                continue
            told = {"rule": RETIRED, "fact": fact, "block": part.block, "at": g.minute}
            g.log.append([open_entry(EntryKind.RULE, told)])
            with g.lake.registry.change() as change:
                change.keep(RETIRED, named(fact, block), b"1")
            g.lake.retire(part)
            gone[part.table] = gone.get(part.table, 0) + part.rows
    return gone
