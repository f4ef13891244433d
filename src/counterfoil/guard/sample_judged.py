"""Judges whether a sample may be drawn and told: from the plan, the rules and membership, and no row."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from counterfoil.guard.dominance import rounded_count
from counterfoil.guard.force import Version, version
from counterfoil.guard.guarded import Guarded, asker_of
from counterfoil.guard.judged import Standing
from counterfoil.guard.members import Group, Members, above, members_of
from counterfoil.guard.policy import Question
from counterfoil.guard.shown import floor_of, in_programme, shown
from counterfoil.ledger.entry import EntryKind, open_entry
from counterfoil.programme.purposes import KNOWN
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ask import Ask, Viewer
from counterfoil.terms.ids import MetricId
from counterfoil.terms.metric import Kind, Level
from counterfoil.terms.period import Period
from counterfoil.terms.programme import Programme
from counterfoil.terms.release import Permit, Refuse
from counterfoil.terms.sample import SamplePlan

METRIC = MetricId("outcome-sample")


@dataclass(frozen=True, slots=True)
class Judging:
    """The groups that a sample may be of, as they were frozen in each block."""

    members: Sequence[Members]
    groups: Sequence[Sequence[Group]]
    """For each block, the same groups by name."""
    permit: Permit
    left_out: int
    force: Version

    def fewest(self, name: str) -> int:
        """The fewest people of a group in any block."""
        return min(len(group.places) for mine in self.groups for group in mine if group.name == name)


def judging_of(g: Guarded, plan: SamplePlan, viewer: Viewer, *, logged: bool = True) -> Judging | Refuse:
    """The groups that may be told of, or why none may; a unit below the floor is in no way a part of it.

    Units that others lie in are left out, so that each person is in one group alone.
    """
    force = version(g)
    standing = Standing(g, viewer, force)
    if standing.away is not None:
        return standing.away
    if force is None:
        return Refuse("no-programme", "No programme is in force, and nothing is measured without one.")
    if viewer.role not in standing.roles:
        return Refuse("role-not-held", f"Whoever asks does not hold the role of {viewer.role}.")
    if plan.purpose not in KNOWN:
        # Checks of a number have a purpose of their own, that no list of works is handed out for.
        return Refuse("unknown-purpose", "Nobody agreed to a purpose of that name.")
    programme = force.programme(g.now.date())
    ends = programme.about.ends
    if not isinstance(ends, Unknown) and ends <= g.now.date():
        return Refuse("programme-ended", f"The programme ended on {ends}; it has to be agreed anew.")
    members = [members_of(g.lake, block) for block in plan.blocks]
    per_block = [{group.name: group for group in some.groups(plan.by, {})} for some in members]
    names = _lowest(set.intersection(*(set(mine) for mine in per_block)), members[-1])
    verdicts = {
        name: _may(g, plan, viewer, programme, [mine[name] for mine in per_block], members, logged=logged)
        for name in names
    }
    allowed = {name: said for name, said in verdicts.items() if isinstance(said, Permit)}
    if not allowed:
        refused = next((said for said in verdicts.values() if isinstance(said, Refuse)), None)
        return refused or Refuse("atoms", "Nobody is in this group.")
    groups = [[mine[name] for name in allowed] for mine in per_block]
    return Judging(members, groups, next(iter(allowed.values())), len(names) - len(allowed), force)


def part_entries(
    g: Guarded, plan: SamplePlan, viewer: Viewer, judging: Judging, of: Collection[str]
) -> Iterator[bytes]:
    """An entry for each group and block: everybody finds in their own record that they are part of it."""
    for members, groups in zip(judging.members, judging.groups, strict=True):
        for group in (group for group in groups if group.name in of):
            body: dict[str, str | int | None] = {
                "at": g.minute,
                "role": viewer.role,
                "purpose": plan.purpose,
                "metric": METRIC,
                "by": plan.by,
                "period": str(members.block),
                "filters": "",
                "programme": judging.force.digest,
                "policies": g.policies.digest,
                "group": group.name,
                "verdict": "permitted",
                "clause": judging.permit.clause,
                "people": rounded_count(len(group.places)),
                "members": members.commitment(group),
                "sample": plan.name,
            }
            yield open_entry(EntryKind.RELEASE, body)


def _lowest(names: set[str], members: Members) -> Sequence[str]:
    """The groups in which no other one of them lies, by name."""
    over = {upper for name in names for upper in above(name, members.parents)[1:]}
    return sorted(names - over)


def _may(
    g: Guarded,
    plan: SamplePlan,
    viewer: Viewer,
    programme: Programme,
    groups: Sequence[Group],
    members: Sequence[Members],
    *,
    logged: bool,
) -> Permit | Refuse:
    """Whether a group may be told of: as any figure of outcomes at its level would be."""
    others = min(_others(viewer, group, some) for group, some in zip(groups, members, strict=True))
    outcomes = [metric.id for metric in programme.metrics if metric.kind is Kind.OUTCOME]
    said: Permit | Refuse = Refuse("not-measured", "The programme in force measures no outcome.")
    for metric in outcomes:
        period = Period.parse(str(plan.last))
        ask = Ask(metric=metric, by=plan.by, period=period, purpose=plan.purpose)
        asked = Question(
            grain="company" if plan.by is Level.COMPANY else "cohort",
            kind=Kind.OUTCOME,
            others=others,
            floor=floor_of(programme, Kind.OUTCOME, ask, viewer.role),
            purpose=plan.purpose,
            in_programme=in_programme(programme, ask),
            shown=shown(programme, ask, viewer.role),
            logged=logged,
        )
        said = g.policies.may(asker_of(viewer), asked)
        if isinstance(said, Permit):
            break
    return said


def _others(viewer: Viewer, group: Group, members: Members) -> int:
    """People in a group other than the viewer; an operator may be anybody, so is counted as one of them."""
    if viewer.who is None:
        return max(len(group.places) - 1, 0)
    return len(group.places) - int((members.who[group.places] == viewer.who).any())
