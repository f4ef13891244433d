"""The one way to a figure about other people: judged, parted into atoms, logged, and only then read."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from counterfoil.guard.computed import ANSWER, Computation
from counterfoil.guard.dominance import rounded_count
from counterfoil.guard.force import Version, version
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.judged import PERSON_FILTERS, Judge, Standing, unanswerable
from counterfoil.guard.members import COMPANY, Group, Members, freeze, members_of
from counterfoil.guard.partition import ATOMS, Partition, named, partition_of
from counterfoil.guard.retired import GONE, RETIRED, of_fact
from counterfoil.guard.rows import TABLES, Read
from counterfoil.guard.worded import filters_told, metric_told, purpose_told
from counterfoil.ledger.entry import Body, EntryKind, open_entries, open_entry
from counterfoil.measure.cohort.metric import METRICS, Fact
from counterfoil.store.registry import Change
from counterfoil.terms.ask import Answer, Answered, Ask, Figure, Viewer
from counterfoil.terms.period import Block
from counterfoil.terms.programme import Programme
from counterfoil.terms.release import Permit, Refuse, Released, Withheld

ERASED_OF = "erased-of"
FEW = 15
SMALL = "Some groups have fewer than fifteen people: chance alone moves such figures a lot."
CHANGED = Refuse(
    "stock",
    "A stock of this group was told for the block before, and few people have joined or left it since.",
)
CLOSED = Refuse(
    "erased",
    "Somebody's rows of these weeks were erased; what was answered before is answered, and nothing new.",
)


@dataclass(frozen=True, slots=True)
class _Judged:
    """A group and whether its figure may be read."""

    group: Group
    verdict: Permit | Refuse


@dataclass(frozen=True, slots=True)
class _Line:
    """What the log has of one answer, and what it has in common with others of the page."""

    common: Body
    alone: Body


@dataclass
class _Shared:
    """What the questions of one batch have in common: each is read once, and parted by all of them."""

    g: Guarded
    force: Version | None
    standing: Standing
    answers: dict[str, bytes] = field(default_factory=dict)
    """What was answered before of all that is asked."""
    _members: dict[Block, Members] = field(default_factory=dict)
    _partitions: dict[tuple[Fact, Block], Partition] = field(default_factory=dict)
    _commitments: dict[tuple[Block, str, bytes], str] = field(default_factory=dict)
    read: Read = field(default_factory=dict)

    def members(self, block: Block) -> Members:
        """The members of a block."""
        if block not in self._members:
            self._members[block] = members_of(self.g.lake, block)
        return self._members[block]

    def partition(self, fact: Fact, block: Block, programme: Programme) -> Partition:
        """The atoms of a fact and block."""
        # Facts of the same work are parted as one: what is told of either narrows both.
        place = (fact.parted_as, block)
        if place not in self._partitions:
            self._partitions[place] = partition_of(self.g.lake, fact, self.members(block), programme)
        return self._partitions[place]

    def keep(self, change: Change, question: "_Question") -> None:
        """Keep what a question's answers rest on."""
        fact = METRICS[question.ask.metric].fact
        fresh = False
        for block in question.ask.period.blocks():
            # Where everything was answered before, all of it is kept already.
            if (found := self._partitions.get((fact.parted_as, block))) is not None:
                fresh = True
                found.keep(change)
                if found.is_new:
                    freeze(change, self.members(block))
        if fresh and fact is not Fact.SEAT:
            # What became of a cost, less the cost itself, would be whoever's use came in between; and a
            # deployment is a piece of work as well. What nobody followed may change until that is told.
            followed = METRICS[question.ask.metric].follow_up
            same = [one for one in Fact if one.parted_as is fact.parted_as] if followed else [fact]
            for one in same:
                change.seal(TABLES[one], question.ask.period.weeks())

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


@dataclass(frozen=True, slots=True)
class _Question:
    """One question of a batch, judged."""

    shared: _Shared
    ask: Ask
    viewer: Viewer
    judged: Sequence[_Judged] = ()
    judge: Judge | None = None
    computation: Computation | None = None
    refused: Refuse | None = None
    """Why it gets no answer as a whole."""

    @property
    def is_read(self) -> bool:
        """Whether any group of it may be read."""
        return any(isinstance(one.verdict, Permit) for one in self.judged)

    def lines(self) -> Sequence[_Line]:
        """What the log has of it: a line for each group, or one for all."""
        common, cut = _common(self.shared, self.ask, self.viewer), _cut(self.shared, self.ask)
        if self.refused is not None or self.shared.force is None:
            why = self.refused or CLOSED
            return [_Line(common, {**cut, "verdict": "refused", "clause": why.clause})]
        first = self.shared.members(self.ask.period.blocks()[0])
        return [_Line(common, {**cut, **_came(self.shared, one, first)}) for one in self.judged]

    def answered(self, entries: Sequence[int], there: Mapping[int, bool]) -> Answered:
        """What came of it, once its lines stand in the log: in these entries, if they are there."""
        ask = self.ask
        if self.judge is None or self.computation is None:
            group = ask.filters.get("unit", COMPANY) if ask.by is ask.by.COMPANY else f"each {ask.by}"
            refusal = Answer(group=group, verdict=self.refused or CLOSED)
            return Answered(ask=ask, answers=[refusal], entry=entries[0])
        answers = [
            _answer(self.judge, self.computation, one, logged=there[entry])
            for one, entry in zip(self.judged, entries, strict=True)
        ]
        self.computation.keep()
        few = any(isinstance(one.verdict, Permit) and len(one.group.places) < FEW for one in self.judged)
        return Answered(ask=ask, answers=answers, entry=entries[0], notes=[SMALL] if few else [])


@dataclass(frozen=True, slots=True)
class _Parts:
    """A question whose groups are known, and not judged yet."""

    question: _Question
    judge: Judge | None = None
    computation: Computation | None = None
    groups: Sequence[Group] = ()

    def names(self) -> Sequence[str]:
        """By what its answers are known, if they were given before."""
        return [] if self.computation is None else [self.computation.name(group) for group in self.groups]

    def judged(self) -> _Question:
        """The question with the verdict of each group."""
        q = self.question
        if self.judge is None or self.computation is None:
            return q
        judged = _judged(q.shared, self.judge, self.computation, self.groups)
        return _Question(q.shared, q.ask, q.viewer, judged, self.judge, self.computation)


def release(g: Guarded, ask: Ask, viewer: Viewer) -> Answered:
    """Answer a question about groups of people, as far as it may be answered.

    Raises: StoreError or LedgerBroken where it can't be logged, kept or read.
    """
    return release_all(g, [ask], viewer)[0]


def release_all(g: Guarded, asks: Sequence[Ask], viewer: Viewer) -> Sequence[Answered]:
    """Answer the questions of one page, as far as each may be answered, with one append to the log.

    Authorise, then the atoms, then the log, and only after that the rows; whatever fails on the way, nothing
    is read. A refusal is decided from the question, the rules and membership, and is logged as well.

    Raises: StoreError or LedgerBroken where they can't be logged, kept or read.
    """
    force = version(g)
    shared = _Shared(g, force, Standing(g, viewer, force))
    parts = [_parts(shared, ask, viewer) for ask in asks]
    shared.recall(name for part in parts for name in part.names())
    questions = [part.judged() for part in parts]
    _keep(questions)
    answered = _logged(g, questions)
    _log_withheld(g, answered)
    return answered


def _logged(g: Guarded, questions: Sequence[_Question]) -> Sequence[Answered]:
    """Log what is asked, the lines that have most in common in one entry, and answer it."""
    lines = [(n, line) for n, question in enumerate(questions) for line in question.lines()]
    alike: dict[tuple[object, ...], list[tuple[int, _Line]]] = {}
    for n, line in lines:
        alike.setdefault(tuple(line.common.values()), []).append((n, line))
    entries: list[bytes] = []
    of: list[list[int]] = [[] for _ in questions]
    first = len(g.log)
    for some in alike.values():
        left = iter(some)
        for entry, count in open_entries(
            EntryKind.RELEASE, some[0][1].common, [line.alone for _, line in some]
        ):
            for _ in range(count):
                of[next(left)[0]].append(first + len(entries))
            entries.append(entry)
    if entries:
        g.log.append(entries)
    there = {first + n: g.log.entry(first + n) == entry for n, entry in enumerate(entries)}
    return [question.answered(mine, there) for question, mine in zip(questions, of, strict=True)]


def _parts(shared: _Shared, ask: Ask, viewer: Viewer) -> _Parts:
    """A question with its groups, or why it gets no answer as a whole."""
    g, force = shared.g, shared.force
    refused = unanswerable(shared.standing, ask)
    if refused is not None or force is None:
        return _Parts(_Question(shared, ask, viewer, refused=refused or CLOSED))
    members = [shared.members(block) for block in ask.period.blocks()]
    judge = Judge(shared.standing, ask, force.programme(g.now.date()), members[0])
    if any(name in ask.filters for name in PERSON_FILTERS):
        return _Parts(_Question(shared, ask, viewer, refused=judge.about_somebody()))
    groups = members[0].groups(ask.by, ask.filters)
    if not groups:
        refused = Refuse("atoms", "Nobody is in this group.")
        return _Parts(_Question(shared, ask, viewer, refused=refused))
    computation = Computation(
        g.lake, ask, METRICS[ask.metric], members, answers=shared.answers, read=shared.read
    )
    return _Parts(_Question(shared, ask, viewer), judge, computation, groups)


def _judged(
    shared: _Shared, judge: Judge, computation: Computation, groups: Sequence[Group]
) -> Sequence[_Judged]:
    """Each group with its verdict; the largest part the atoms first."""
    found: dict[str, Permit | Refuse] = {}
    fact = computation.metric.fact
    blocks = [some.block for some in computation.members]
    closed = any(named(fact, block) in shared.erased for block in blocks)
    gone = any(of_fact(fact, block) in shared.retired for block in blocks)
    for group in sorted(groups, key=lambda group: (-len(group.places), group.name)):
        verdict = judge.may(group, logged=True)
        if isinstance(verdict, Permit) and not computation.known(group):
            verdict = CLOSED if closed else GONE if gone else _parted(shared, judge, fact, group, verdict)
        found[group.name] = verdict
    return [_Judged(group, found[group.name]) for group in groups]


def _parted(shared: _Shared, judge: Judge, fact: Fact, group: Group, verdict: Permit) -> Permit | Refuse:
    """Part the atoms of every block by a group, or none of them."""
    partitions = [shared.partition(fact, block, judge.programme) for block in judge.ask.period.blocks()]
    if fact is Fact.SEAT and _few_changed(judge, partitions[0], group):
        return CHANGED
    # Of more than one block only the whole company is asked, which parts nothing.
    places = [group.places if len(partitions) == 1 else p.members.plan()[0] for p in partitions]
    for partition, mine in zip(partitions, places, strict=True):
        refused = partition.atoms.release(mine)
        if isinstance(refused, Refuse):
            return refused
    return verdict


def _few_changed(judge: Judge, partition: Partition, group: Group) -> bool:
    """Whether a stock was told of a group that few people have joined or left since: they are the difference.

    Source: rule R2, stocks.
    """
    before = members_of(judge.g.lake, partition.members.block.previous)
    if judge.g.lake.registry.kept(ATOMS, named(partition.fact, before.block)) is None:
        return False
    ask = judge.ask
    same = [one for one in before.groups(ask.by, ask.filters) if one.name == group.name]
    was = set(before.who[same[0].places]) if same else set()
    now = set(partition.members.who[group.places])
    least = partition.atoms.least
    return any(0 < len(moved) < least for moved in (was - now, now - was))


def _keep(questions: Sequence[_Question]) -> None:
    """Keep what the answers rest on before they are read: a crash then costs answers and never a secret."""
    read = [question for question in questions if question.is_read]
    if not read:
        return
    lake = read[0].shared.g.lake
    with lake.registry.change() as change:
        for question in read:
            question.shared.keep(change, question)
    for question in read:
        if METRICS[question.ask.metric].fact is Fact.SEAT:
            lake.snapshot(TABLES[Fact.SEAT], str(question.ask.period.blocks()[0]))


def _answer(judge: Judge, computation: Computation, one: _Judged, *, logged: bool) -> Answer:
    """Read and compute a group's figure, if the policies allow it and the log has it."""
    verdict = one.verdict
    if isinstance(verdict, Permit):
        verdict = judge.may(one.group, logged=logged)
    if isinstance(verdict, Refuse):
        return Answer(group=one.group.name, verdict=verdict)
    figure = computation.figure(one.group)
    told: Released[Figure] | Withheld = Withheld()
    if isinstance(figure, Figure):
        told = Released(figure, verdict.clause)
    return Answer(group=one.group.name, verdict=told)


def _log_withheld(g: Guarded, answered: Sequence[Answered]) -> None:
    """Log how many answers were held back, which nobody can lay at the door of one of them."""
    entries = []
    for one in answered:
        held = sum(isinstance(answer.verdict, Withheld) for answer in one.answers)
        if held:
            asked = sum(not isinstance(answer.verdict, Refuse) for answer in one.answers)
            body: Body = {"withheld": held, "of": asked, "asked-at": one.entry, "at": g.minute}
            entries.append(open_entry(EntryKind.RELEASE, body))
    if entries:
        g.log.append(entries)


def _came(shared: _Shared, one: _Judged, members: Members) -> Body:
    """What the log says of one group: what came of it, and about which people, without naming them."""
    refused = isinstance(one.verdict, Refuse)
    body: Body = {
        "group": one.group.name,
        "verdict": "refused" if refused else "permitted",
        "clause": one.verdict.clause,
    }
    if refused:
        return body
    people = rounded_count(len(one.group.places))
    return {**body, "people": people, "members": shared.commitment(members, one.group)}


def _cut(shared: _Shared, ask: Ask) -> Body:
    """When, and of whom, a question is; what names a person is left out of it."""
    members = shared.members(ask.period.blocks()[0])
    filters = filters_told(shared.g, members, ask.filters)
    return {
        "period": ask.period.name,
        "filters": json.dumps(dict(sorted(filters.items()))) if filters else "",
    }


def _common(shared: _Shared, ask: Ask, viewer: Viewer) -> Body:
    """What is asked, in which role, what for and under which rules."""
    return {
        "at": shared.g.minute,
        "role": viewer.role,
        "purpose": purpose_told(shared.force, ask.purpose),
        "metric": metric_told(shared.force, ask.metric),
        "by": ask.by,
        **shared.rules,
    }
