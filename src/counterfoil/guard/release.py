"""The one way to a figure about other people: judged, parted into atoms, logged, and only then read."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from counterfoil.guard.computed import Computation
from counterfoil.guard.dominance import rounded_count
from counterfoil.guard.force import Version, version
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.judged import PERSON_FILTERS, Judge, unanswerable
from counterfoil.guard.members import COMPANY, Group, Members, freeze, members_of
from counterfoil.guard.partition import ATOMS, Partition, named, partition_of
from counterfoil.guard.retired import GONE, RETIRED
from counterfoil.guard.rows import TABLES
from counterfoil.ledger.entry import Body, EntryKind, open_entry
from counterfoil.measure.cohort.metric import METRICS, Fact, Metric
from counterfoil.terms.ask import Answer, Answered, Ask, Figure, Viewer
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


def release(g: Guarded, ask: Ask, viewer: Viewer) -> Answered:
    """Answer a question about groups of people, as far as it may be answered.

    Authorise, then the atoms, then the log, and only after that the rows; whatever fails on the way, nothing
    is read. A refusal is decided from the question, the rules and membership, and is logged as well.

    Raises: StoreError or LedgerBroken where it can't be logged, kept or read.
    """
    force = version(g)
    members = [members_of(g.lake, block) for block in ask.period.blocks()]
    refused = unanswerable(g, ask, viewer, force)
    if refused is not None or force is None:
        return _refused(g, ask, viewer, force, refused or CLOSED)
    judge = Judge(g, ask, viewer, force.programme(g.now.date()), members[0])
    if any(name in ask.filters for name in PERSON_FILTERS):
        return _refused(g, ask, viewer, force, judge.about_somebody())
    metric = METRICS[ask.metric]
    computation = Computation(g.lake, ask, metric, members)
    partitions = [partition_of(g.lake, metric.fact, some, judge.programme) for some in members]
    groups = members[0].groups(ask.by, ask.filters)
    if not groups:
        return _refused(g, ask, viewer, force, Refuse("atoms", "Nobody is in this group."))
    judged = _judged(judge, computation, partitions, groups)
    if any(isinstance(one.verdict, Permit) for one in judged):
        _keep(g, ask, metric, partitions)
    entries = [_entry(g, ask, viewer, force, one, members[0]) for one in judged]
    entry = g.log.append(entries)
    answers = [
        _answer(judge, computation, one, logged=g.log.entry(entry + place) == entries[place])
        for place, one in enumerate(judged)
    ]
    computation.keep()
    _log_withheld(g, entry, answers)
    few = any(isinstance(one.verdict, Permit) and len(one.group.places) < FEW for one in judged)
    return Answered(ask=ask, answers=answers, entry=entry, notes=[SMALL] if few else [])


def _judged(
    judge: Judge,
    computation: Computation,
    partitions: Sequence[Partition],
    groups: Sequence[Group],
) -> Sequence[_Judged]:
    """Each group with its verdict; the largest part the atoms first."""
    found: dict[str, Permit | Refuse] = {}
    closed = any(judge.g.lake.registry.kept(ERASED_OF, partition.name) for partition in partitions)
    gone = any(judge.g.lake.registry.kept(RETIRED, partition.name) for partition in partitions)
    for group in sorted(groups, key=lambda group: (-len(group.places), group.name)):
        verdict = judge.may(group, logged=True)
        if isinstance(verdict, Permit) and not computation.known(group):
            verdict = CLOSED if closed else GONE if gone else _parted(judge, partitions, group, verdict)
        found[group.name] = verdict
    return [_Judged(group, found[group.name]) for group in groups]


def _parted(judge: Judge, partitions: Sequence[Partition], group: Group, verdict: Permit) -> Permit | Refuse:
    """Part the atoms of every block by a group, or none of them."""
    if partitions[0].fact is Fact.SEAT and _few_changed(judge, partitions[0], group):
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


def _keep(g: Guarded, ask: Ask, metric: Metric, partitions: Sequence[Partition]) -> None:
    """Keep what the answer rests on before it is read: a crash then costs answers and never a secret."""
    with g.lake.registry.change() as change:
        for partition in partitions:
            partition.keep(change)
            freeze(change, partition.members)
        if metric.fact is not Fact.SEAT:
            change.seal(TABLES[metric.fact], ask.period.weeks())
    if metric.fact is Fact.SEAT:
        g.lake.snapshot(TABLES[metric.fact], str(partitions[0].members.block))


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


def _log_withheld(g: Guarded, entry: int, answers: Sequence[Answer]) -> None:
    """Log how many answers were held back, which nobody can lay at the door of one of them."""
    held = sum(isinstance(answer.verdict, Withheld) for answer in answers)
    if held:
        asked = sum(not isinstance(answer.verdict, Refuse) for answer in answers)
        body: Body = {"withheld": held, "of": asked, "asked-at": entry, "at": g.minute}
        g.log.append([open_entry(EntryKind.RELEASE, body)])


def _refused(g: Guarded, ask: Ask, viewer: Viewer, force: Version | None, why: Refuse) -> Answered:
    """Log a refusal of a question as a whole."""
    body = {**_said(g, ask, viewer, force), "verdict": "refused", "clause": why.clause}
    entry = g.log.append([open_entry(EntryKind.RELEASE, body)])
    group = ask.filters.get("unit", COMPANY) if ask.by is ask.by.COMPANY else f"each {ask.by}"
    return Answered(ask=ask, answers=[Answer(group=group, verdict=why)], entry=entry)


def _entry(g: Guarded, ask: Ask, viewer: Viewer, force: Version, one: _Judged, members: Members) -> bytes:
    """The entry of one group: whose figure was asked for, by whom, what for, and what came of it."""
    refused = isinstance(one.verdict, Refuse)
    body: dict[str, str | int | None] = {
        **_said(g, ask, viewer, force),
        "group": one.group.name,
        "verdict": "refused" if refused else "permitted",
        "clause": one.verdict.clause,
    }
    if not refused:
        body |= {"people": rounded_count(len(one.group.places)), "members": members.commitment(one.group)}
    return open_entry(EntryKind.RELEASE, body)


def _said(g: Guarded, ask: Ask, viewer: Viewer, force: Version | None) -> dict[str, str | int | None]:
    """What every entry of a question says; what names a person is left out of it."""
    filters: Mapping[str, str] = {
        name: "" if name in PERSON_FILTERS else value for name, value in ask.filters.items()
    }
    return {
        "at": g.minute,
        "role": viewer.role,
        "purpose": ask.purpose,
        "metric": ask.metric,
        "by": ask.by,
        "period": ask.period.name,
        "filters": json.dumps(dict(sorted(filters.items()))) if filters else "",
        "programme": None if force is None else force.digest,
        "policies": g.policies.digest,
    }
