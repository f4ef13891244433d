"""Takes figures into account that were published elsewhere: an invoice, a vendor's own report."""

from counterfoil.guard.force import version
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.members import Places, freeze, members_of
from counterfoil.guard.partition import Partition, partition_of
from counterfoil.ledger.entry import Body, EntryKind, open_entry
from counterfoil.measure.cohort.metric import Fact
from counterfoil.terms.metric import Level
from counterfoil.terms.period import Block
from counterfoil.terms.release import Refuse


def register_outside(g: Guarded, of: str, block: Block, *, unit: str, says: str) -> int | Refuse:
    """Part the atoms of a block by a unit whose sum is known from elsewhere; the entry that says so.

    However small the unit is: what is out can't be taken back, and no answer may be an answer without it.

    Raises: ValueError where `of` is no fact.
    Source: rule R9.
    """
    fact, force = Fact(of), version(g)
    if force is None:
        return Refuse("no-programme", "No programme is in force, and nothing is measured without one.")
    members = members_of(g.lake, block)
    groups = members.groups(Level.COMPANY, {"unit": unit})
    if not groups:
        return Refuse("atoms", "Nobody is in this group.")
    programme, unit_places = force.programme(g.now.date()), groups[0].places
    partition = partition_of(g.lake, fact, members, programme)
    partition.atoms.publish_elsewhere(unit_places)
    with g.lake.registry.change() as change:
        partition.keep(change)
        if fact.parted_as is Fact.USAGE and len(members.left_out()):
            counted = partition_of(g.lake, fact, members, programme, of_counted=True)
            _part_counted(counted, unit_places)
            counted.keep(change)
        freeze(change, members)
    body: Body = {"outside": says, "fact": fact, "block": str(block), "unit": unit, "at": g.minute}
    return g.log.append([open_entry(EntryKind.OUTSIDE, body)])


def _part_counted(counted: Partition, places: Places) -> None:
    """Part those of whom shares of people are by a unit whose sum is known with its exempt among them.

    The difference to a share of that unit would be the exempt: where they are few, no share is told any more.
    """
    few = len(places) - len(counted.some(places)) < counted.atoms.least
    everybody = counted.some(counted.members.plan()[0])
    for some in everybody[:, None] if few else [counted.some(places)]:
        counted.atoms.publish_elsewhere(some)
