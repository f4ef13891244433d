"""Asks what changed the outcomes of units, of a table that is named or of a data directory."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import click

from counterfoil.app.asking import REFUSED
from counterfoil.app.directory import opened, viewer_of
from counterfoil.app.period import today
from counterfoil.app.printed import Printed, terminal
from counterfoil.collect.table.unit_weeks import UnitReading, read_unit_facts, read_unit_weeks
from counterfoil.guard.cause import RELEASED, release_cause
from counterfoil.guard.unit_weeks import MOST_WEEKS, Wanted, released_table
from counterfoil.show.cause import cause_json, cause_text
from counterfoil.show.deed import refusal
from counterfoil.terms.cause import CauseFound, Outcome, UnitFacts, UnitTable
from counterfoil.terms.ids import MetricId
from counterfoil.terms.metric import Level
from counterfoil.terms.period import Period, Span
from counterfoil.terms.release import Refuse, Released

Told = Released[Sequence[CauseFound]] | Refuse


def run_cause(
    table: Path | None,
    *,
    outcomes: Sequence[str],
    seen_until: date | None,
    data: Path | None,
    by: str,
    begin: str | None,
    end: str | None,
    purpose: str | None,
    facts: Path | None,
    role: str | None,
    secret: Path | None,
    more: bool,
    as_json: bool,
) -> int:
    """Print what is found; 3 where it is refused."""
    printed = Printed()
    asked = list(map(outcome_in, outcomes))
    told: Told
    if table is not None and data is None:
        told = release_cause(table_in(table, asked, printed), asked, seen_until=seen_until or today())
    elif data is not None and table is None:
        stated = read_unit_facts(facts) if facts is not None else {}
        told = _of_directory(data, wanted_in(asked, by, begin, end, purpose), asked, stated, secret, role)
    else:
        raise click.UsageError("name a table, or a data directory with --data")
    return _print(printed, told, more=more, as_json=as_json)


def _of_directory(
    data: Path,
    wanted: Wanted,
    asked: Sequence[Outcome],
    stated: Mapping[str, UnitFacts],
    secret: Path | None,
    role: str | None,
) -> Told:
    with opened(data) as g:
        found = released_table(g, wanted, viewer_of(g, secret, role), stated)
    return (
        found
        if isinstance(found, Refuse)
        else release_cause(found, asked, seen_until=today(), clause=RELEASED)
    )


def _print(printed: Printed, told: Told, *, more: bool, as_json: bool) -> int:
    if isinstance(told, Refuse):
        return refused(printed, told, as_json=as_json)
    look = terminal()
    text = cause_text(told, more=more, width=look.width, color=look.color, unicode=look.unicode)
    printed.data(cause_json(told) if as_json else text)
    return printed.done(None)


def refused(printed: Printed, told: Refuse, *, as_json: bool) -> int:
    """Print why there is no answer; 3."""
    printed.data(refusal(told, as_json=as_json))
    return printed.done(None, REFUSED)


def outcome_in(text: str) -> Outcome:
    """An outcome as it is written.

    Raises: BadParameter where it is none.
    """
    try:
        return Outcome.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--outcome") from error


def table_in(path: Path, outcomes: Sequence[Outcome], printed: Printed) -> UnitTable:
    """A table of units by week, with the columns of some outcomes; what can't be read is said.

    Raises: SourceError where it can't be read, lacks a column, or names people.
    """
    reading = UnitReading()
    columns = dict.fromkeys(name for one in outcomes for name in (one.events, one.work) if name)
    table = read_unit_weeks(path, list(columns), reading)
    if left := sum(reading.skipped.values()):
        printed.words(f"{left:,} of {reading.records:,} rows can't be read, and were left out")
    if reading.again:
        printed.words(f"{reading.again:,} rows are followed by another of their unit and week, which holds")
    return table


def wanted_in(
    outcomes: Sequence[Outcome], by: str, begin: str | None, end: str | None, purpose: str | None
) -> Wanted:
    """Which figures of a data directory are asked for.

    Raises: UsageError where something is not said.
    """
    if not begin or not end or not purpose:
        raise click.UsageError("of a data directory say --from, --to and --purpose")
    if any(one.work for one in outcomes):
        raise click.BadParameter(
            "of a data directory an outcome is a figure, such as kept", param_hint="--outcome"
        )
    since, until = (_monday(text) for text in (begin, end))
    if not timedelta(0) <= until - since < timedelta(weeks=MOST_WEEKS):
        raise click.UsageError("--to is a week after --from, and at most ten years")
    metrics = [MetricId(one.events) for one in outcomes]
    return Wanted(outcomes=metrics, by=Level(by), since=since, until=until, purpose=purpose)


def _monday(text: str) -> date:
    try:
        period = Period.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    if period.span is not Span.WEEK:
        raise click.BadParameter(f"{text} is no week, such as 2026-W40")
    return period.since
