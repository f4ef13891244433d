"""Removes rows about single people once the time that the programme gives them is over; answers stay."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from counterfoil.guard.force import version
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.rows import TABLES
from counterfoil.ledger.entry import Body, EntryKind, open_entry
from counterfoil.measure.cohort.metric import METRICS, Fact
from counterfoil.store.registry import Part
from counterfoil.store.tables import BY_NAME
from counterfoil.terms.absent import Unknown
from counterfoil.terms.period import Period
from counterfoil.terms.release import Refuse

RETIRED = "retired"
GONE = Refuse(
    "retired",
    "The rows of these weeks were kept as long as the programme says; what was answered is answered.",
)


def retire(g: Guarded) -> Mapping[str, int]:
    """How many rows were removed, by table: those of parts whose time is over, counted from their last day.

    Work waits until what became of it is known; what no fact is asked of goes as soon as its time is over.
    It is logged before, and where no programme states a time, nothing is removed.
    """
    force = version(g)
    kept_for = Unknown("no programme") if force is None else force.programme(g.now.date()).data.keep_raw
    if isinstance(kept_for, Unknown):
        return {}
    gone: dict[str, int] = {}
    for table, fact in _retiring():
        kept = kept_for + _follow_up(fact)
        for part in [p for late in (False, True) for p in g.lake.registry.parts(table, late=late)]:
            if not part.block or Period.parse(part.block).until + kept > g.now.date():
                continue
            g.log.append([open_entry(EntryKind.RULE, _told(g, fact, part))])
            if fact is not None:
                with g.lake.registry.change() as change:
                    change.keep(RETIRED, f"{fact}/{part.block}", b"1")
            g.lake.retire(part)
            gone[table] = gone.get(table, 0) + part.rows
    return gone


def _retiring() -> Iterator[tuple[str, Fact | None]]:
    """Each table whose parts have a time of their own, and the fact that is asked of it."""
    facts = {name: fact for fact, name in TABLES.items()}
    for table in BY_NAME.values():
        if table.day or table.name in facts:
            yield table.name, facts.get(table.name)


def _follow_up(fact: Fact | None) -> timedelta:
    return max((m.follow_up for m in METRICS.values() if m.fact is fact), default=timedelta())


def _told(g: Guarded, fact: Fact | None, part: Part) -> Body:
    of: Body = {"table": part.table} if fact is None else {"fact": fact}
    return {"rule": RETIRED, **of, "block": part.block, "at": g.minute}
