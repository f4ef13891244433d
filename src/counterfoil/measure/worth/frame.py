"""The parts of a report that need no repository."""

from collections.abc import Sequence
from datetime import datetime

from counterfoil.measure.worth.cover import coverage_part
from counterfoil.measure.worth.usage import Spent, fold, micro, totals
from counterfoil.measure.worth.views import roots_of, usage_part
from counterfoil.terms.absent import Unknown
from counterfoil.terms.own import OwnSources
from counterfoil.terms.report import (
    CostPart,
    DetailPart,
    Report,
    ReworkPart,
    WorkPart,
    WorthPart,
)
from counterfoil.terms.work import FateKind, SpendPart

NO_GIT = Unknown("git was left out")
NO_HOURS = Unknown("nobody stated hours saved or redone")
EVERYTHING = Unknown("everything there is")


def usage_report_of(sources: OwnSources) -> Report:
    """Usage and prices alone: every figure that takes a repository is Unknown, all spend is not examined."""
    rows = fold(sources.readings, sources.rates, since=sources.since)
    roots = roots_of(sources.readings)
    kinds = ("ai", "other")
    spent = micro(sum(row.pico for row in rows))
    parts = dict.fromkeys((part.value for part in SpendPart), micro(0)) | {
        SpendPart.NOT_EXAMINED.value: spent
    }
    return Report(
        example=sources.example,
        made_at=stamp(sources.now),
        since=first_day(sources),
        usage=usage_part(rows, sources, roots),
        cost=cost_part(rows, sources),
        work=WorkPart(repos=()),
        worth=WorthPart(
            spend_by_fate=parts,
            changes_by_fate=dict.fromkeys((fate.value for fate in FateKind), 0),
            cost_per_standing_change_usd=NO_GIT,
            corrected_30d=dict.fromkeys(kinds, NO_GIT),
            hours=NO_HOURS,
        ),
        rework=ReworkPart(
            corrective=NO_GIT,
            adaptive=NO_GIT,
            unknown=NO_GIT,
            spend_on_replaced_usd=NO_GIT,
            cost_of_redo_usd=NO_GIT,
        ),
        detail=DetailPart(
            survival={kind: dict.fromkeys(("d7", "d30", "d90"), NO_GIT) for kind in kinds},
            survival_curve=dict.fromkeys(kinds, ()),
            moved_lines=0,
            formatting_lines=0,
            rewriters={kind: {} for kind in kinds},
            matched_hazard_ratio=NO_GIT,
            tokens_per_surviving_line=NO_GIT,
        ),
        coverage=coverage_part(rows, roots, None, sources, evidence=None, joined_by={}),
        notes=notes_of(sources),
    )


def cost_part(rows: Sequence[Spent], sources: OwnSources) -> CostPart:
    """List price beside what was really paid."""
    basis = [sources.rates.basis, *([f"paid: {sources.bill.basis}"] if sources.bill.basis else [])]
    return CostPart(list_usd=totals(rows).list_usd, paid_usd=sources.bill.paid, basis="; ".join(basis))


def notes_of(sources: OwnSources, *more: str) -> tuple[str, ...]:
    """What a reader should know, each thing once."""
    caveats = [f"{r.source}: {caveat}" for r in sources.readings for caveat in r.caveats]
    return tuple(dict.fromkeys([*sources.notes, *more, *caveats]))


def first_day(sources: OwnSources) -> str | Unknown:
    """The first day of the period."""
    return EVERYTHING if sources.since is None else sources.since.date().isoformat()


def stamp(at: datetime) -> str:
    """A moment as it is printed, to the minute, UTC."""
    return at.strftime("%Y-%m-%dT%H:%MZ")
