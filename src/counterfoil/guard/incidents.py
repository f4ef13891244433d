"""Tells how incidents were linked to deployments: counts over the whole company, and never whose."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from counterfoil.guard.dominance import rounded_count
from counterfoil.guard.figures import COLLUDING
from counterfoil.guard.force import version
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.judged import Judge, Standing, unanswerable
from counterfoil.guard.members import members_of
from counterfoil.guard.partition import named
from counterfoil.guard.retired import GONE, RETIRED
from counterfoil.guard.shown import LEAST_FLOOR
from counterfoil.guard.worded import purpose_told
from counterfoil.ledger.entry import Body, EntryKind, open_entry
from counterfoil.measure.cohort.metric import Fact
from counterfoil.store.engine import Values
from counterfoil.terms.ask import Ask, Viewer
from counterfoil.terms.ids import MetricId
from counterfoil.terms.metric import Level
from counterfoil.terms.period import Period
from counterfoil.terms.release import Permit, Refuse, Released, Withheld

KIND = "incidents"
RESTS_ON = MetricId("change-fail-rate")
"""The figure that links are looked at for: who may see it of the company, may see these."""
FLOOR = LEAST_FLOOR + COLLUDING
"""The fewest incidents of which anything is told, and the fewest of one kind of link."""
METHODS = ("sha", "rollback", "nearest", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """How incidents of a period were linked, in fives."""

    incidents: int
    by: Mapping[str, int | None]
    """By link: sha, rollback, nearest, and empty where there is none; None where fewer than the floor are."""
    entry: int
    """Where the log has that it was asked."""


def incidents_linked(
    g: Guarded, period: Period, purpose: str, viewer: Viewer
) -> Released[Linked] | Withheld | Refuse:
    """How incidents were linked to deployments, once the log has it; the same whenever it is asked.

    Raises: StoreError where it can't be logged, kept or read.
    """
    ask = Ask(metric=RESTS_ON, by=Level.COMPANY, period=period, purpose=purpose)
    verdict = _judged(g, ask, viewer)
    force = version(g)
    body: Body = {
        "verdict": KIND,
        "at": g.minute,
        "role": viewer.role,
        "purpose": purpose_told(force, purpose),
        "period": period.name,
        "clause": verdict.clause,
        "came": "refused" if isinstance(verdict, Refuse) else "permitted",
        "programme": None if force is None else force.digest,
        "policies": g.policies.digest,
    }
    place = g.log.append([open_entry(EntryKind.RELEASE, body)])
    if isinstance(verdict, Refuse):
        return verdict
    found = _counted(g, period)
    if found is None:
        return Withheld()
    whole, by = found
    return Released(Linked(incidents=whole, by=by, entry=place), verdict.clause)


def _judged(g: Guarded, ask: Ask, viewer: Viewer) -> Permit | Refuse:
    force = version(g)
    standing = Standing(g, viewer, force)
    refused = unanswerable(standing, ask)
    if refused is not None or force is None:
        return refused or Refuse("no-programme", "No programme is in force.")
    block = ask.period.blocks()[0]
    gone = g.lake.registry.kept(RETIRED, named(Fact.DEPLOYMENT, block)) is not None
    if gone and g.lake.registry.kept(KIND, ask.period.name) is None:
        return GONE
    members = members_of(g.lake, block)
    groups = members.groups(ask.by, ask.filters)
    if not groups:
        return Refuse("atoms", "Nobody is in this group.")
    return Judge(standing, ask, force.programme(g.now.date()), members).may(groups[0], logged=True)


def _counted(g: Guarded, period: Period) -> tuple[int, Mapping[str, int | None]] | None:
    """Counts in fives as they were told first; None where there are too few."""
    kept = g.lake.registry.kept(KIND, period.name)
    if kept is None:
        values: Values = {"since": period.since, "until": period.until}
        rows = g.lake.run("incident_links", ["incident"], values)
        counts = dict(zip(rows["link_method"].astype(str), rows["incidents"].tolist(), strict=True))
        whole = sum(counts.values())
        found = None if whole < FLOOR else (rounded_count(whole), _by(counts))
        kept = json.dumps(found).encode()
        with g.lake.registry.change() as change:
            change.keep(KIND, period.name, kept)
    told: tuple[int, Mapping[str, int | None]] | None = json.loads(kept)
    return told


def _by(counts: Mapping[str, int]) -> Mapping[str, int | None]:
    return {
        method: rounded_count(count) if (count := counts.get(method, 0)) >= FLOOR else None
        for method in METHODS
    }
