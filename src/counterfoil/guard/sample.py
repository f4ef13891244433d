"""Plans an outcome sample and draws it: the seed is in the log before, and chance decides after."""

import json
from collections.abc import Iterator, Sequence
from datetime import date

from counterfoil.guard.force import version
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.members import FROZEN, freeze
from counterfoil.guard.partition import named
from counterfoil.guard.retired import RETIRED, SAMPLE_KINDS, of_fact
from counterfoil.guard.sample_frame import Cell, Line, drawn_lines, read_frame
from counterfoil.guard.sample_judged import Judging, judging_of, part_entries
from counterfoil.guard.sealed import altered, digest_of, last_entry, seal, sealed
from counterfoil.guard.shared import ERASED_OF
from counterfoil.ledger.entry import Body, EntryKind, open_entry
from counterfoil.measure.cohort.metric import Fact
from counterfoil.terms.ask import Role, Viewer
from counterfoil.terms.metric import Level
from counterfoil.terms.release import Refuse
from counterfoil.terms.sample import DrawnSample, PlannedSample, SamplePlan, SheetLine

KIND, DRAWN, ANSWERS, TOLD = SAMPLE_KINDS
TAG = "counterfoil/sample/v1"
DRAWING, PICKED = "drawing", "drawn"
LONGEST_BLOCKS = 4
FEWEST_WORKS, MOST_WORKS = 60, 2_000
LEAST_SHARE, MOST_SHARE = 0.1, 0.5
DRAWERS = (Role.COUNCIL, Role.DPO, Role.ADMIN, Role.OPERATOR)
"""Who may hold a list of works: those who look after the data, and nobody whose people's work it is."""


def looked_over(plan: SamplePlan, today: date) -> PlannedSample | Refuse:
    """A plan that could be drawn, or why it can't."""
    refused = next(_unsound(plan, today), None)
    if refused is not None:
        return refused
    return PlannedSample(plan=plan, sha256=digest_of(plan.written()), seed_sha256="", entry=-1)


def plan_sample(g: Guarded, plan: SamplePlan) -> PlannedSample | Refuse:
    """Log a plan, with the hash of a seed that nobody sees until works are drawn.

    A plan can be replaced until it is drawn; the log has them all. One that was drawn stays.
    """
    found = looked_over(plan, g.now.date())
    if isinstance(found, Refuse):
        return found
    if last_entry(g, KIND, plan.name, DRAWING) is not None:
        return Refuse("sample-drawn", "A sample of this name was drawn already, and is not drawn again.")
    new = seal(g, KIND, plan.name, plan.written())
    if isinstance(new, Refuse):
        return new
    return PlannedSample(plan=plan, sha256=found.sha256, seed_sha256=new.seed_sha256, entry=new.entry)


def draw_sample(g: Guarded, name: str, drawn: str, viewer: Viewer) -> DrawnSample | Refuse:
    """Draw works by the plan's seed and the public value that it named: the log has it before any is read.

    Once: asked again with the same value, it hands out the same sheets.

    Raises: StoreError or LedgerBroken where it can't be logged, kept or read.
    """
    planned = plan_of(g, name)
    if isinstance(planned, Refuse):
        return planned
    plan, seed = planned
    judging = judging_of(g, plan, viewer)
    refused = next(_undrawable(g, plan, drawn, viewer), None)
    if refused is not None:
        return refusal_logged(g, viewer, plan, refused)
    if isinstance(judging, Refuse):
        return refusal_logged(g, viewer, plan, judging)
    if g.lake.registry.kept(DRAWN, name) is not None:
        return _again(g, plan, judging, seed, drawn)
    body: Body = {
        "rule": KIND,
        "state": DRAWING,
        "name": name,
        "plan": digest_of(plan.written()),
        "seed": seed,
        "drawn": drawn,
        "role": viewer.role,
        "purpose": plan.purpose,
        "policies": g.policies.digest,
        "at": g.minute,
    }
    # Whoever's works it is drawn from finds that in their own record, also where it is never told.
    names = {group.name for groups in judging.groups for group in groups}
    g.log.append([open_entry(EntryKind.RULE, body), *part_entries(g, plan, viewer, judging, names)])
    with g.lake.registry.change() as change:
        for members in judging.members:
            if g.lake.registry.kept(FROZEN, str(members.block)) is None:
                freeze(change, members)
    found = _drawn(g, plan, judging, seed, drawn)
    return refusal_logged(g, viewer, plan, found) if isinstance(found, Refuse) else found


def _drawn(g: Guarded, plan: SamplePlan, judging: Judging, seed: str, drawn: str) -> DrawnSample | Refuse:
    """Read the works, pick those that chance says, and log which."""
    start = digest_of("\n".join([TAG, digest_of(plan.written()), seed, drawn]))
    cells = drawn_lines(read_frame(g.lake, judging), plan, start)
    if isinstance(cells, Refuse):
        return cells
    kept = json.dumps([cell.written() for cell in cells], sort_keys=True)
    body: Body = {
        "rule": KIND,
        "state": PICKED,
        "name": plan.name,
        "sha256": digest_of(kept),
        "at": g.minute,
    }
    entry = g.log.append([open_entry(EntryKind.RULE, body)])
    with g.lake.registry.change() as change:
        told = {"cells": kept, "entry": entry, "on": str(g.now.date())}
        change.keep(DRAWN, plan.name, json.dumps(told).encode())
    return _handed_out(plan, cells, judging, seed, drawn, entry)


def _again(g: Guarded, plan: SamplePlan, judging: Judging, seed: str, drawn: str) -> DrawnSample | Refuse:
    """The sheets as they were drawn, which were lost; the log has that they were handed out again."""
    cells = drawn_of(g, plan.name)
    if isinstance(cells, Refuse):
        return cells
    body: Body = {"rule": KIND, "state": "handed-out", "name": plan.name, "at": g.minute}
    entry = g.log.append([open_entry(EntryKind.RULE, body)])
    return _handed_out(plan, cells, judging, seed, drawn, entry)


def drawn_of(g: Guarded, name: str) -> Sequence[Cell] | Refuse:
    """The works of a sample that waits to be told.

    Raises: LedgerBroken where they are not those that the log has.
    """
    kept = g.lake.registry.kept(DRAWN, name)
    if kept is None:
        told = g.lake.registry.kept(TOLD, name) is not None
        says = "It was told already, and is told once." if told else "No works of this name were drawn."
        return Refuse("sample-told" if told else "sample-undrawn", says)
    cells = str(json.loads(kept)["cells"])
    found = last_entry(g, KIND, name, PICKED)
    if found is None or found[1]["sha256"] != digest_of(cells):
        raise altered(KIND)
    return [Cell.read(cell) for cell in json.loads(cells)]


def _handed_out(
    plan: SamplePlan, cells: Sequence[Cell], judging: Judging, seed: str, drawn: str, entry: int
) -> DrawnSample:
    """The sheets, each in an order of chance."""
    lines = sorted((line for cell in cells for line in cell.lines), key=lambda line: line.line)
    return DrawnSample(
        name=plan.name,
        sheet=_sheet(line for line in lines if not line.again),
        second=_sheet(line for line in lines if line.again),
        left_out=judging.left_out,
        seed=seed,
        drawn=drawn,
        entry=entry,
    )


def _sheet(lines: Iterator[Line]) -> Sequence[SheetLine]:
    """Lines without their arm and stratum, in an order that says nothing."""
    return [
        SheetLine(line=x.line, kind=x.kind, work=x.work, repository=x.repository, commit=x.commits)
        for x in lines
    ]


def plan_of(g: Guarded, name: str) -> tuple[SamplePlan, str] | Refuse:
    """The plan of a name, and its seed.

    Raises: LedgerBroken where it is not the one that the log has.
    """
    found = sealed(g, KIND, name)
    return found if isinstance(found, Refuse) else (SamplePlan.read(found.plan), found.seed)


def refusal_logged(
    g: Guarded, viewer: Viewer, plan: SamplePlan, refused: Refuse, *, state: str = "refused"
) -> Refuse:
    """Log that a sample was not drawn, or not told, and why."""
    body: Body = {
        "rule": KIND,
        "state": state,
        "name": plan.name,
        "clause": refused.clause,
        "role": viewer.role,
        "purpose": plan.purpose,
        "at": g.minute,
    }
    g.log.append([open_entry(EntryKind.RULE, body)])
    return refused


def _undrawable(g: Guarded, plan: SamplePlan, drawn: str, viewer: Viewer) -> Iterator[Refuse]:
    """What keeps a plan from being drawn today."""
    kept = g.lake.registry.kept
    if viewer.role not in DRAWERS:
        yield Refuse("sample-drawer", f"A list of works is for {', '.join(DRAWERS)}, and no role beside.")
    begun = last_entry(g, KIND, plan.name, DRAWING)
    if begun is not None and begun[1]["drawn"] != drawn:
        yield Refuse(
            "sample-drawn", "The log has another value for it; who shops for a draw finds the first."
        )
    if kept(TOLD, plan.name) is not None:
        yield Refuse("sample-told", "It was told already, and is told once.")
    if g.now.date() < plan.drawn_on:
        yield Refuse("sample-early", f"Its public value is of {plan.drawn_on}: nobody can know it yet.")
    for block in plan.blocks:
        if kept(RETIRED, of_fact(Fact.WORK, block)) is not None:
            yield Refuse("retired", f"The works of {block} were kept as long as the programme says.")
        if kept(ERASED_OF, named(Fact.WORK, block)) is not None and begun and not kept(DRAWN, plan.name):
            yield Refuse("erased", "Somebody's rows were erased since it was drawn: plan another one.")
    for other in {*g.lake.registry.all_kept(DRAWN), *g.lake.registry.all_kept(TOLD)} - {plan.name}:
        found = plan_of(g, other)
        if not isinstance(found, Refuse) and set(found[0].blocks) & set(plan.blocks):
            yield Refuse("sample-overlap", f"Works of these blocks are in the sample {other} already.")
    force = version(g)
    begins = None if force is None else force.agreed().about.begins
    if isinstance(begins, date) and plan.first.since < begins:
        yield Refuse("before-the-programme", f"The programme begins on {begins}; nothing before is measured.")


def _unsound(plan: SamplePlan, today: date) -> Iterator[Refuse]:
    """What keeps a plan from being drawn at all."""
    if not plan.first <= plan.last or len(plan.blocks) > LONGEST_BLOCKS:
        yield Refuse("sample-blocks", f"It is of one to {LONGEST_BLOCKS} blocks, the first one first.")
    elif not plan.drawn_on > today:
        yield Refuse(
            "sample-known", f"The value of {plan.drawn_on} could be known already: name a later one."
        )
    elif plan.drawn_on < plan.last.until:
        yield Refuse("sample-unfinished", f"Its works land until {plan.last.until}: it is drawn after that.")
    if plan.by not in {Level.COMPANY, Level.UNIT}:
        yield Refuse("sample-of-whom", "It is of the whole company or of each unit, and of nothing smaller.")
    if not FEWEST_WORKS <= plan.works <= MOST_WORKS:
        yield Refuse("sample-works", f"Between {FEWEST_WORKS} and {MOST_WORKS:,} works are looked at.")
    if not LEAST_SHARE <= plan.controls <= MOST_SHARE or not LEAST_SHARE <= plan.twice <= MOST_SHARE:
        yield Refuse(
            "sample-shares", "Controls, and works that are judged twice, are a tenth to a half each."
        )
