"""What the questions of one batch have in common: members, atoms and rows, each read once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from counterfoil.guard.computed import ANSWER
from counterfoil.guard.force import Version
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.judged import Standing
from counterfoil.guard.members import Group, Members, freeze, members_of
from counterfoil.guard.partition import Partition, partition_of
from counterfoil.guard.retired import RETIRED
from counterfoil.guard.rows import TABLES, Read
from counterfoil.ledger.entry import Body
from counterfoil.measure.cohort.metric import METRICS, Fact, Metric
from counterfoil.store.registry import Change
from counterfoil.terms.ask import Ask
from counterfoil.terms.period import Block
from counterfoil.terms.programme import Programme

ERASED_OF = "erased-of"


@dataclass
class Shared:
    """What the questions of one batch have in common: each is read once, and parted by all of them."""

    g: Guarded
    force: Version | None
    standing: Standing
    answers: dict[str, bytes] = field(default_factory=dict)
    """What was answered before of all that is asked."""
    _members: dict[Block, Members] = field(default_factory=dict)
    _counted: dict[Block, Members] = field(default_factory=dict)
    _partitions: dict[tuple[Fact, Block, bool], Partition] = field(default_factory=dict)
    _commitments: dict[tuple[Block, str, bytes], str] = field(default_factory=dict)
    parted: set[tuple[Fact, Block, bool]] = field(default_factory=set)
    """Atoms by which something new is told; the last says whether of the counted alone."""
    read: Read = field(default_factory=dict)

    def members(self, block: Block) -> Members:
        """The members of a block."""
        if block not in self._members:
            self._members[block] = members_of(self.g.lake, block)
        return self._members[block]

    def counted(self, block: Block) -> Members:
        """Those of a block of whom a share of people is."""
        if block not in self._counted:
            self._counted[block] = self.members(block).counted()
        return self._counted[block]

    def partitions(self, metric: Metric, block: Block, programme: Programme) -> Iterator[Partition]:
        """The atoms of a figure's fact and block; of a share of people, those without the exempt as well."""
        # Facts of the same work are parted as one: what is told of either narrows both.
        apart = metric.is_of_people and len(self.members(block).left_out()) > 0
        for of_counted in (False, True) if apart else (False,):
            place = (metric.fact.parted_as, block, of_counted)
            if place not in self._partitions:
                self._partitions[place] = partition_of(
                    self.g.lake, metric.fact, self.members(block), programme, of_counted=of_counted
                )
            yield self._partitions[place]

    def keep(self, change: Change, ask: Ask) -> None:
        """Keep what a question's answers rest on."""
        fact = METRICS[ask.metric].fact
        fresh = False
        for block in ask.period.blocks():
            # Where everything was answered before, or refused, all of it is kept already.
            for of_counted in (False, True):
                place = (fact.parted_as, block, of_counted)
                if place in self.parted and (found := self._partitions.get(place)) is not None:
                    fresh = True
                    found.keep(change)
                    if found.is_new:
                        freeze(change, self.members(block))
        if fresh and fact is not Fact.SEAT:
            # What became of a cost, less the cost itself, would be whoever's use came in between; and a
            # deployment is a piece of work as well. What nobody followed may change until that is told.
            followed = METRICS[ask.metric].follow_up
            same = [one for one in Fact if one.parted_as is fact.parted_as] if followed else [fact]
            for one in same:
                change.seal(TABLES[one], ask.period.weeks())

    def commitment(self, members: Members, group: Group) -> str:
        """What binds the log to the people of a group; worked out once for all figures of them."""
        key = (members.block, group.name, group.places.tobytes())
        if key not in self._commitments:
            self._commitments[key] = members.commitment(group)
        return self._commitments[key]

    @cached_property
    def rules(self) -> Body:
        """By what the programme and the policies are known in the log."""
        digest = None if self.force is None else self.force.digest
        return {"programme": digest, "policies": self.g.policies.digest}

    @cached_property
    def erased(self) -> frozenset[str]:
        """Facts and blocks of which somebody's rows were erased."""
        return frozenset(self.g.lake.registry.all_kept(ERASED_OF))

    @cached_property
    def retired(self) -> frozenset[str]:
        """Facts and blocks of which all rows are gone."""
        return frozenset(self.g.lake.registry.all_kept(RETIRED))

    def recall(self, names: Iterable[str]) -> None:
        """Look up what was answered before."""
        self.answers |= self.g.lake.registry.some_kept(ANSWER, names)
