"""Whom a programme leaves out of its shares of people: taken in without why, told in fifties, let go of."""

import json
from collections.abc import Iterator
from datetime import date

from counterfoil.guard.dominance import rounded_count
from counterfoil.guard.figures import COLLUDING
from counterfoil.guard.force import version
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.members import TAKEN, Members
from counterfoil.guard.shown import HARD_FLOORS
from counterfoil.ledger.entry import Body, EntryKind, open_entry
from counterfoil.measure.cohort.metric import METRICS
from counterfoil.store.exempting import EXEMPT, over, without_over
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ask import FEW_EXEMPT, NOBODY_SAID
from counterfoil.terms.metric import Kind
from counterfoil.terms.programme import Programme

TOLD_IN = 50
"""In how many people it is told how many are exempt: one of them more or less is hardly ever seen."""
LEAST = HARD_FLOORS[Kind.ACTIVITY] + COLLUDING


def kinds_of(programme: Programme) -> frozenset[str]:
    """What the programme exempts from its targets on shares of people."""
    targets = [t for t in programme.targets if (m := METRICS.get(t.metric)) is not None and m.is_of_people]
    return frozenset(str(kind) for target in targets for kind in target.exempt)


def kinds_in_force(g: Guarded) -> frozenset[str]:
    """The same of the programme in force; nothing where there is none."""
    force = version(g)
    return frozenset() if force is None else kinds_of(force.agreed())


def begin_taking(g: Guarded, kinds: frozenset[str]) -> None:
    """Get ready to take rows in that are of these kinds, which no row says.

    Where those that are there are of others, they go: nobody could tell any more which of them still hold.
    """
    if (kept := g.lake.registry.kept(TAKEN, "")) is not None and frozenset(json.loads(kept)) != kinds:
        _remove(g)
    with g.lake.registry.change() as change:
        change.keep(TAKEN, "", json.dumps(sorted(kinds)).encode())


def let_unnamed_go(g: Guarded, programme: Programme) -> None:
    """Remove every row where a programme no longer names each kind that they are of."""
    kept = g.lake.registry.kept(TAKEN, "")
    if kept is not None and not frozenset(json.loads(kept)) <= kinds_of(programme):
        _remove(g)


def let_over_go(g: Guarded, day: date) -> int:
    """Remove rows of exemptions that had ended by a day, and of people who had left; how many."""
    rows = over(g.lake, day)
    if rows:
        _log(g)
        without_over(g.lake, day)
    return rows


def exempt_told(members: Members) -> int | Unknown:
    """How many people of a block are in none of its shares of people, in fifties; few are not told of."""
    if members.exempt is None:
        return NOBODY_SAID
    count = len(members.exempt)
    if count < LEAST or len(members) - count < LEAST:
        return FEW_EXEMPT
    return _in_fifties(count)


def exempt_notes(left_out: int | Unknown) -> Iterator[str]:
    """What has to be read with a share of people, where a table said who is exempt."""
    if left_out == NOBODY_SAID:
        return
    told = left_out.why if isinstance(left_out, Unknown) else f"about {left_out:,} people, in fifties"
    yield f"Whoever is exempt is in neither part of the share: {told}."


def people_told(whole: int, counted: int) -> int:
    """Of about how many people a share is: less the exempt in fifties, where there are enough to tell of."""
    left_out = whole - counted
    return max(TOLD_IN, rounded_count(whole) - (_in_fifties(left_out) if left_out >= LEAST else 0))


def _in_fifties(count: int) -> int:
    return TOLD_IN * ((count + TOLD_IN // 2) // TOLD_IN)


def _remove(g: Guarded) -> None:
    _log(g)
    for part in g.lake.registry.parts(EXEMPT.name):
        g.lake.retire(part)
    # Last: rows that a crash left are of kinds that are still said, and go the next time.
    with g.lake.registry.change() as change:
        change.forget(TAKEN, "")


def _log(g: Guarded) -> None:
    body: Body = {"rule": "retired", "table": EXEMPT.name, "block": "", "at": g.minute}
    g.log.append([open_entry(EntryKind.RULE, body)])
