"""The one way to a figure about other people: judged, parted into atoms, logged, and only then read."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from counterfoil.guard.computed import Computation
from counterfoil.guard.dominance import rounded_count
from counterfoil.guard.exempt import exempt_notes, exempt_told
from counterfoil.guard.force import version
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.judged import PERSON_FILTERS, Judge, Standing, unanswerable
from counterfoil.guard.members import COMPANY, Group, Members, members_of
from counterfoil.guard.partition import ATOMS, Partition, named
from counterfoil.guard.retired import GONE, of_fact
from counterfoil.guard.rows import TABLES
from counterfoil.guard.shared import Shared
from counterfoil.guard.worded import filters_told, metric_told, purpose_told
from counterfoil.ledger.entry import Body, EntryKind, open_entries, open_entry
from counterfoil.measure.cohort.metric import METRICS, Fact, Metric
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ask import NOBODY_SAID, Answer, Answered, Ask, Figure, Viewer
from counterfoil.terms.release import Permit, Refuse, Released, Withheld

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


@dataclass(frozen=True, slots=True)
class _Question:
    """One question of a batch, judged."""

    shared: Shared
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
        return any(map(_is_read, self.judged))

    def lines(self) -> Sequence[_Line]:
        """What the log has of it: a line for each group, or one for all."""
        common, cut = _common(self.shared, self.ask, self.viewer), _cut(self.shared, self.ask)
        if self.refused is not None or self.shared.force is None:
            why = self.refused or CLOSED
            return [_Line(common, {**cut, "verdict": "refused", "clause": why.clause})]
        first = self.shared.members(self.ask.period.blocks()[0])
        left_out = _left_out(self)
        exempt: Body = {"exempt": left_out} if isinstance(left_out, int) else {}
        return [
            _Line(common, {**cut, **_came(self.shared, one, first), **(exempt if _is_read(one) else {})})
            for one in self.judged
        ]

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
        left_out = _left_out(self) if self.is_read else NOBODY_SAID
        notes = [*([SMALL] if few else []), *exempt_notes(left_out)]
        return Answered(ask=ask, answers=answers, entry=entries[0], notes=notes, left_out=left_out)


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
    shared = Shared(g, force, Standing(g, viewer, force))
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


def _parts(shared: Shared, ask: Ask, viewer: Viewer) -> _Parts:
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
    metric = METRICS[ask.metric]
    counted = [shared.counted(some.block) for some in members] if metric.is_of_people else members
    computation = Computation(
        g.lake, ask, metric, counted, of=members, answers=shared.answers, read=shared.read
    )
    return _Parts(_Question(shared, ask, viewer), judge, computation, groups)


def _judged(
    shared: Shared, judge: Judge, computation: Computation, groups: Sequence[Group]
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
            refused = CLOSED if closed else GONE if gone else None
            verdict = refused or _parted(shared, judge, computation.metric, group, verdict)
        found[group.name] = verdict
    return [_Judged(group, found[group.name]) for group in groups]


def _parted(shared: Shared, judge: Judge, metric: Metric, group: Group, verdict: Permit) -> Permit | Refuse:
    """Part the atoms of every block by a group, or none of them."""
    blocks = judge.ask.period.blocks()
    partitions = [p for block in blocks for p in shared.partitions(metric, block, judge.programme)]
    if metric.fact is Fact.SEAT and _few_changed(judge, partitions[0], group):
        return CHANGED
    # Of more than one block only the whole company is asked, which parts nothing.
    places = [group.places if len(blocks) == 1 else p.members.plan()[0] for p in partitions]
    told = [p.may_release(mine) for p, mine in zip(partitions, places, strict=True)]
    if (refused := next((one for one in told if isinstance(one, Refuse)), None)) is not None:
        return refused
    for partition, mine in zip(partitions, places, strict=True):
        partition.release(mine)
        shared.parted.add((metric.fact.parted_as, partition.members.block, partition.of_counted))
    return verdict


def _is_read(one: _Judged) -> bool:
    return isinstance(one.verdict, Permit)


def _left_out(question: _Question) -> int | Unknown:
    """How many are in no share of people, where it is one of the whole company and that may be told."""
    is_whole = any(one.group.is_company for one in question.judged)
    if not is_whole or not METRICS[question.ask.metric].is_of_people:
        return NOBODY_SAID
    return exempt_told(question.shared.members(question.ask.period.blocks()[-1]))


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
            question.shared.keep(change, question.ask)
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


def _came(shared: Shared, one: _Judged, members: Members) -> Body:
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


def _cut(shared: Shared, ask: Ask) -> Body:
    """When, and of whom, a question is; what names a person is left out of it."""
    members = shared.members(ask.period.blocks()[0])
    filters = filters_told(shared.g, members, ask.filters)
    return {
        "period": ask.period.name,
        "filters": json.dumps(dict(sorted(filters.items()))) if filters else "",
    }


def _common(shared: Shared, ask: Ask, viewer: Viewer) -> Body:
    """What is asked, in which role, what for and under which rules."""
    return {
        "at": shared.g.minute,
        "role": viewer.role,
        "purpose": purpose_told(shared.force, ask.purpose),
        "metric": metric_told(shared.force, ask.metric),
        "by": ask.by,
        **shared.rules,
    }
