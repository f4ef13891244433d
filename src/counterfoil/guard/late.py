"""Takes in rows that came after a figure of their week was released, where that gives nobody away."""

from collections.abc import Mapping

from counterfoil.guard.computed import ANSWER
from counterfoil.guard.force import Version, version
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.members import Places, members_of
from counterfoil.guard.partition import Partition, partition_of
from counterfoil.guard.rows import TABLES
from counterfoil.guard.shared import ERASED_OF
from counterfoil.measure.cohort.metric import Fact
from counterfoil.terms.period import Block
from counterfoil.terms.release import Permit


def take_late(g: Guarded) -> Mapping[str, int]:
    """How many late rows wait, by table, after those were taken in that may be.

    A restated figure less the old one is a sum over those whose rows came late: it is taken in only where
    they may be told apart from everybody else, and then the atoms tell them apart for good.

    Source: rule R8.
    """
    waiting: dict[str, int] = {}
    force = version(g)
    for fact in Fact:
        for part in g.lake.registry.parts(TABLES[fact], late=True):
            block = Block.parse(part.block)
            if force is None or not _may(g, fact, block, force):
                waiting[part.table] = waiting.get(part.table, 0) + part.rows
            else:
                g.lake.restate(part.table, part.block)
    return waiting


def _may(g: Guarded, fact: Fact, block: Block, force: Version) -> bool:
    """Whether the late ones of a block may be told apart; if so, they are, and old answers are let go."""
    members = members_of(g.lake, block)
    programme = force.programme(g.now.date())
    partition = partition_of(g.lake, fact, members, programme)
    counted = partition_of(g.lake, fact, members, programme, of_counted=True)
    weeks = sorted(week for week in g.lake.registry.sealed(TABLES[fact]) if Block.of(week) == block)
    late = [members.places_of(g.lake.late_people(TABLES[fact], [week]).tolist()) for week in weeks]
    if g.lake.registry.kept(ERASED_OF, partition.name):
        return False
    if not all(_parts(partition, some) for some in late if len(some)):
        return False
    # Of shares of people, they are the difference without the exempt among them; only of use there are any.
    apart = fact is Fact.USAGE and len(members.left_out()) > 0
    if apart and not all(_parts(counted, some) for some in late if len(counted.some(some))):
        return False
    answers = [name for name in g.lake.registry.all_kept(ANSWER) if _is_of(name, fact, block)]
    with g.lake.registry.change() as change:
        partition.keep(change)
        if apart:
            counted.keep(change)
        for name in answers:
            change.forget(ANSWER, name)
    return True


def _parts(partition: Partition, places: Places) -> bool:
    return isinstance(partition.release(places), Permit)


def _is_of(name: str, fact: Fact, block: Block) -> bool:
    of, blocks, _ = name.split("/")
    return of == fact and str(block) in blocks.split("+")
