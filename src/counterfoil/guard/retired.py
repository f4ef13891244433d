"""Removes rows about single people once the time that the programme gives them is over; answers stay."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from counterfoil.guard.exempt import let_over_go
from counterfoil.guard.force import version
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.members import EXEMPT
from counterfoil.guard.pulses import let_pulses_go
from counterfoil.guard.rows import TABLES
from counterfoil.guard.weekly import REACHED, reduce_weeks
from counterfoil.ledger.entry import Body, EntryKind, open_entry
from counterfoil.measure.cohort.metric import METRICS, Fact
from counterfoil.store.registry import Part
from counterfoil.store.tables import BY_NAME, CHANGES
from counterfoil.terms.absent import Unknown
from counterfoil.terms.period import Block, Period
from counterfoil.terms.release import Refuse

RETIRED = "retired"
SAMPLE_KINDS = ("sample", "sample-drawn", "sample-answers", "sample-told")
"""What is kept of an outcome sample: its plan, the works that were drawn, the answers, what it came to."""
SAMPLED_FOR = timedelta(days=90)
"""From the day on which works were drawn: by then they are told of, or their list goes untold."""
FACTS = {table: fact for fact, table in TABLES.items()}
TELLS_OF = dict.fromkeys(
    ("review", "landing", "check_run", "incident", "joined", "pushed_mark", "session_cost"), Fact.WORK
)
"""Tables of which no figure is made alone: they are kept as long as the fact that they tell of."""
GONE = Refuse(
    "retired",
    "The rows of these weeks were kept as long as the programme says; what was answered is answered.",
)


def retire(g: Guarded) -> Mapping[str, int]:
    """How many rows were removed, by table: those of parts whose time is over, counted from their last day.

    Work waits until what became of it is known; what no fact is asked of goes as soon as its time is over.
    It is logged before, and where no programme states a time, nothing is removed.
    """
    retire_samples(g)
    force = version(g)
    kept_for = Unknown("no programme") if force is None else force.agreed().data.keep_raw
    if isinstance(kept_for, Unknown):
        return {}
    if any(_is_over(part, kept_for, g.now.date()) for fact in REACHED for part in _parts(g, TABLES[fact])):
        # What a number is checked by later is kept before the rows go.
        reduce_weeks(g)
    gone: dict[str, int] = {}
    for table in BY_NAME.values():
        fact = FACTS.get(table.name)
        kept = kept_for + _follow_up(fact or TELLS_OF.get(table.name))
        for part in [p for p in _parts(g, table.name) if _is_over(p, kept, g.now.date())]:
            g.log.append([open_entry(EntryKind.RULE, _told(g, fact, part))])
            if fact is not None:
                with g.lake.registry.change() as change:
                    change.keep(RETIRED, of_fact(fact, Block.parse(part.block)), b"1")
                    if fact is Fact.USAGE:
                        change.forget(EXEMPT, part.block)
            g.lake.retire(part)
            gone[table.name] = gone.get(table.name, 0) + part.rows
    if exempt := let_over_go(g, g.now.date() - kept_for):
        gone["exempt"] = exempt
    if pulses := let_pulses_go(g):
        gone["pulse"] = pulses
    return gone


def _parts(g: Guarded, table: str) -> Sequence[Part]:
    return [part for late in (False, True) for part in g.lake.registry.parts(table, late=late)]


def _is_over(part: Part, kept: timedelta, today: date) -> bool:
    return part.block not in {"", CHANGES} and Period.parse(part.block).until + kept <= today


def of_fact(fact: Fact, block: Block) -> str:
    """Under which name a fact's rows of a block are known to be gone: each table has a time of its own."""
    return f"{fact}/{block}"


def retire_samples(g: Guarded) -> Sequence[str]:
    """Forget which works were drawn where nobody told of them in time; it is logged before."""
    drawn, answers = SAMPLE_KINDS[1:3]
    over = [
        name
        for name, kept in g.lake.registry.all_kept(drawn).items()
        if date.fromisoformat(json.loads(kept)["on"]) + SAMPLED_FOR <= g.now.date()
    ]
    for name in over:
        body: Body = {"rule": "sample", "state": "forgotten", "name": name, "at": g.minute}
        g.log.append([open_entry(EntryKind.RULE, body)])
        with g.lake.registry.change() as change:
            change.forget(drawn, name)
            change.forget(answers, name)
    return over


def _follow_up(fact: Fact | None) -> timedelta:
    return max((m.follow_up for m in METRICS.values() if m.fact is fact), default=timedelta())


def _told(g: Guarded, fact: Fact | None, part: Part) -> Body:
    of: Body = {"table": part.table} if fact is None else {"fact": fact}
    return {"rule": RETIRED, **of, "block": part.block, "at": g.minute}
