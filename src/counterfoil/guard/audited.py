"""Audits a number: judged and logged like any other read, over sums of units, and told without a person."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from counterfoil.guard.audit_told import told_of
from counterfoil.guard.audits import keep_audit
from counterfoil.guard.dominance import rounded_count
from counterfoil.guard.event import NAMED, effects_of, in_words, past_of
from counterfoil.guard.force import Version, version
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.judged import Judge, Standing
from counterfoil.guard.launched import versions
from counterfoil.guard.members import COMPANY, Group, freeze, members_of
from counterfoil.guard.panel import AUDITED, Seen, seen, weeks_of
from counterfoil.guard.partition import Partition, named, partition_of
from counterfoil.guard.release import CLOSED
from counterfoil.guard.sample_told import padding_sign
from counterfoil.guard.shared import ERASED_OF
from counterfoil.guard.suspended import suspend
from counterfoil.guard.weekly import reduce_weeks
from counterfoil.guard.worded import metric_told, unit_told
from counterfoil.ledger.entry import EntryKind, open_entry
from counterfoil.measure.cohort.metric import Fact
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ask import Ask, Role, Viewer
from counterfoil.terms.audit import Verdict
from counterfoil.terms.audited import PURPOSE, AuditAsk, AuditTold
from counterfoil.terms.ids import MetricId
from counterfoil.terms.metric import Level
from counterfoil.terms.period import Block, Period
from counterfoil.terms.programme import Programme
from counterfoil.terms.promise import OnBreak
from counterfoil.terms.release import Permit, Refuse, Released

COST = MetricId("list-cost")
OPERATOR = Viewer(who=None, role=Role.OPERATOR)
NO_CHECKS = Refuse("no-checks", "The programme in force has no checks of its numbers.")
NO_WEEKS = Refuse("closed-periods", "No week is known yet: use is, after a week, and work after 31 days.")
NOBODY = Refuse("atoms", "Nobody is in this group.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """What came of the question whether a number is still true."""

    ask: AuditAsk
    verdict: Released[AuditTold] | Refuse
    entry: int


def audited_metrics(programme: Programme) -> Sequence[MetricId]:
    """The numbers of a programme that can be audited: of use and of output, which can be made up."""
    return [metric.id for metric in programme.metrics if metric.id in AUDITED]


def audits_due(g: Guarded) -> Sequence[AuditAsk]:
    """The audits that the programme in force has made every day: of each of its numbers that can be."""
    force = version(g)
    programme = None if force is None else force.agreed()
    if programme is None or not programme.gaming.checks or _ended(g, programme) is not None:
        return []
    return [AuditAsk(metric=name) for name in audited_metrics(programme)]


def audit(g: Guarded, ask: AuditAsk, viewer: Viewer) -> Audited:
    """Answer whether a number still goes with outcomes, as far as it may be answered.

    Judge, then the atoms, then the log, and only after that the sums; a number that has come apart is
    suspended where the programme says so, and the log has that before it takes effect.

    Raises: StoreError or LedgerBroken where it can't be logged, kept or read.
    """
    force = version(g)
    standing = Standing(g, viewer, force)
    refused = next(_refused(standing, ask), None)
    if refused is not None or force is None:
        return _logged(g, ask, viewer, force, refused or NO_CHECKS)
    reduce_weeks(g)
    weeks = weeks_of(g, ask)
    if not weeks:
        return _logged(g, ask, viewer, force, NO_WEEKS)
    judge, group = _judge(standing, force, ask, weeks)
    if group is None:
        return _logged(g, ask, viewer, force, NOBODY)
    verdict = judge.may(group, logged=True)
    if isinstance(verdict, Permit) and not group.is_company:
        verdict = _parted(g, judge, ask, weeks, verdict)
    if isinstance(verdict, Refuse):
        return _logged(g, ask, viewer, force, verdict)
    entry = _entry(g, ask, viewer, force, verdict, weeks, judge, group)
    place = g.log.append([entry])
    verdict = judge.may(group, logged=g.log.entry(place) == entry)
    if isinstance(verdict, Refuse):
        return Audited(ask=ask, verdict=verdict, entry=place)
    found = _told(g, seen(g, ask, weeks), ask, judge.programme, weeks, costs=_sees_costs(judge, group))
    told = replace(found, at=g.minute, entry=place)
    told = _kept(g, force, ask, told)
    return Audited(ask=ask, verdict=Released(told, verdict.clause), entry=place)


def _sees_costs(judge: Judge, group: Group) -> bool:
    """Whether whoever asks may see what a group costs: an audit of anything else is no way around it."""
    ask = replace(judge.ask, metric=COST)
    return isinstance(
        Judge(judge.standing, ask, judge.programme, judge.members).may(group, logged=True), Permit
    )


def _told(
    g: Guarded, found: Seen, ask: AuditAsk, programme: Programme, weeks: Sequence[date], *, costs: bool
) -> AuditTold:
    past = versions(g)
    told = told_of(found, ask, past, programme)
    sampled = padding_sign(g, weeks[0]) if ask.unit is None else None
    if sampled is not None:
        # Where people judged a sample, nobody has to say that a screen can't.
        told = replace(told, signs=[*(one for one in told.signs if one.test != "prevalence"), sampled])
    one = past_of(past, ask.event)
    if one is None:
        return told
    return replace(
        told, event=in_words(past, one, ask.metric), effects=effects_of(found, ask, one, costs=costs)
    )


def _refused(standing: Standing, ask: AuditAsk) -> Iterator[Refuse]:
    g, viewer, force = standing.g, standing.viewer, standing.force
    if standing.away is not None:
        yield standing.away
    if force is None:
        yield Refuse("no-programme", "No programme is in force, and nothing is measured without one.")
    else:
        yield from _unfit(g, ask, viewer, standing, force)


def _unfit(g: Guarded, ask: AuditAsk, viewer: Viewer, standing: Standing, force: Version) -> Iterator[Refuse]:
    """What of a question does not fit the programme in force."""
    if viewer.role not in standing.roles:
        yield Refuse("role-not-held", f"Whoever asks does not hold the role of {viewer.role}.")
    programme = force.agreed()
    if not programme.gaming.checks:
        yield NO_CHECKS
    if (ended := _ended(g, programme)) is not None:
        yield ended
    if ask.metric not in AUDITED:
        names = ", ".join(AUDITED)
        yield Refuse("not-audited", f"A number of use or of output can be audited: {names}.")
    elif ask.metric not in audited_metrics(programme):
        yield Refuse("not-measured", f"The programme in force does not measure {ask.metric}.")
    if ask.event and past_of(versions(g), ask.event) is None:
        yield Refuse("no-event", f"No version is called {ask.event}; there are 1 to {len(versions(g))}.")


def _ended(g: Guarded, programme: Programme) -> Refuse | None:
    ends = programme.about.ends
    if isinstance(ends, Unknown) or ends > g.now.date():
        return None
    return Refuse("programme-ended", f"The programme ended on {ends}; it has to be agreed anew.")


def _judge(
    standing: Standing, force: Version, ask: AuditAsk, weeks: Sequence[date]
) -> tuple[Judge, Group | None]:
    last = Block.of(weeks[-1])
    members = members_of(standing.g.lake, last)
    filters = {} if ask.unit is None else {"unit": str(ask.unit)}
    asked = Ask(
        metric=ask.metric,
        by=Level.COMPANY,
        period=Period.parse(str(last)),
        purpose=PURPOSE,
        filters=filters,
    )
    groups = members.groups(Level.COMPANY, filters)
    judge = Judge(standing, asked, force.agreed(), members)
    return judge, groups[0] if groups else None


def _parted(
    g: Guarded, judge: Judge, ask: AuditAsk, weeks: Sequence[date], verdict: Permit
) -> Permit | Refuse:
    """Part the atoms of use and of work by a unit in every block that is looked at, or none of them."""
    partitions: list[Partition] = []
    for block in sorted({Block.of(week) for week in weeks}):
        members = members_of(g.lake, block)
        groups = members.groups(Level.COMPANY, {"unit": str(ask.unit)})
        # Deployments share the atoms of work.
        for fact in (Fact.USAGE, Fact.WORK):
            if g.lake.registry.kept(ERASED_OF, named(fact, block)) is not None:
                return CLOSED
            if groups:
                partition = partition_of(g.lake, fact, members, judge.programme)
                refused = partition.atoms.release(groups[0].places)
                if isinstance(refused, Refuse):
                    return refused
                partitions.append(partition)
    with g.lake.registry.change() as change:
        for partition in partitions:
            partition.keep(change)
            if partition.is_new:
                freeze(change, partition.members)
    return verdict


def _kept(g: Guarded, force: Version, ask: AuditAsk, told: AuditTold) -> AuditTold:
    """Keep what was said, with what follows from it; of the whole company and all weeks alone."""
    if ask.unit is None and ask.since is None and not ask.event:
        told = replace(told, follows=follows(g, force, told))
    with g.lake.registry.change() as change:
        keep_audit(change, ask, force, told)
    return told


def follows(g: Guarded, force: Version, told: AuditTold) -> str:
    """What the programme does about a number that has come apart, in words."""
    if told.verdict is not Verdict.APART:
        return ""
    match force.agreed().gaming.on_break:
        case OnBreak.SUSPEND:
            done = suspend(g, force, told.metric, _named(g, force, told))
            return "" if done is None else done.refusal.why
        case OnBreak.TELL:
            return f"{_named(g, force, told)} The programme says that this is told, and nothing else follows."
    return "The programme says that nothing follows."


def _named(g: Guarded, force: Version, told: AuditTold) -> str:
    """The verdict with what the programme calls the number."""
    called = force.agreed().metric(told.metric).called
    return f"{called[:1].upper()}{called[1:]} {told.says[:1].lower()}{told.says[1:]}"


def _logged(g: Guarded, ask: AuditAsk, viewer: Viewer, force: Version | None, refused: Refuse) -> Audited:
    unit = _unit_told(g, ask)
    told = {"group": COMPANY if unit is None else unit, "verdict": "refused", "clause": refused.clause}
    body = {**_said(g, ask, viewer, force), "period": str(Block.of(g.now.date())), **told}
    place = g.log.append([open_entry(EntryKind.RELEASE, body)])
    return Audited(ask=ask, verdict=refused, entry=place)


def _entry(
    g: Guarded,
    ask: AuditAsk,
    viewer: Viewer,
    force: Version,
    verdict: Permit,
    weeks: Sequence[date],
    judge: Judge,
    group: Group,
) -> bytes:
    body = {
        **_said(g, ask, viewer, force),
        "verdict": "permitted",
        "clause": verdict.clause,
        "period": str(Block.of(weeks[-1])),
        "from": str(weeks[0]),
        "group": group.name,
        "people": rounded_count(len(group.places)),
        "members": judge.members.commitment(group),
    }
    return open_entry(EntryKind.RELEASE, body)


def _unit_told(g: Guarded, ask: AuditAsk) -> str | None:
    """The unit of an audit as the log may have it; None of the whole company."""
    if ask.unit is None:
        return None
    blocks = {Block.of(week) for week in [*weeks_of(g, ask)[-1:], g.now.date()]}
    return max(unit_told(members_of(g.lake, block), ask.unit) for block in blocks)


def _said(g: Guarded, ask: AuditAsk, viewer: Viewer, force: Version | None) -> dict[str, str | int | None]:
    return {
        "at": g.minute,
        "role": viewer.role,
        "purpose": PURPOSE,
        "metric": metric_told(force, ask.metric),
        "by": Level.COMPANY,
        "filters": "" if ask.unit is None else json.dumps({"unit": _unit_told(g, ask)}),
        "since": None if ask.since is None else str(ask.since),
        "event": ask.event if NAMED.fullmatch(ask.event) else "",
        "programme": None if force is None else force.digest,
        "policies": g.policies.digest,
    }
