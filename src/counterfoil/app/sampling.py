"""Plans, draws, enters and tells an outcome sample, with a data directory that has it in its log."""

from pathlib import Path

import click

from counterfoil.app.asking import REFUSED
from counterfoil.app.directory import opened, viewer_of
from counterfoil.app.period import today
from counterfoil.app.printed import Printed, terminal
from counterfoil.collect.sample import read_sample, read_sheet
from counterfoil.guard.sample import draw_sample, looked_over, plan_sample
from counterfoil.guard.sample_answered import enter_sheet
from counterfoil.guard.sample_told import tell_sample
from counterfoil.show.deed import refusal
from counterfoil.show.sample import (
    drawn_json,
    drawn_text,
    entered_json,
    entered_text,
    planned_json,
    planned_text,
    sheet_csv,
    told_json,
    told_text,
)
from counterfoil.terms.error import StoreError
from counterfoil.terms.release import Refuse

LONGEST = 300


def run_plan(file: Path, *, data: Path | None, as_json: bool) -> int:
    """Print a plan that could be drawn, and log it where a data directory is named."""
    plan = read_sample(file)
    if data is None:
        planned = looked_over(plan, today())
    else:
        with opened(data) as g:
            planned = plan_sample(g, plan)
    if isinstance(planned, Refuse):
        return _refused(planned, as_json=as_json)
    return _done(planned_json(planned) if as_json else planned_text(planned))


def run_draw(
    name: str,
    *,
    drawn: str,
    sheet: Path,
    second: Path,
    data: Path,
    role: str | None,
    secret: Path | None,
    as_json: bool,
) -> int:
    """Write the sheets of a draw, to files that are not there yet."""
    if not drawn.strip() or len(drawn) > LONGEST or not drawn.isprintable():
        raise click.BadParameter(f"write at most {LONGEST} characters in one line", param_hint="--drawn")
    for file in (sheet, second):
        if file.exists() or not file.absolute().parent.is_dir():
            raise click.UsageError(f"{file} is to be a new file in a folder that is there")
    if sheet.absolute() == second.absolute():
        raise click.UsageError("name two files: the second one is for somebody else")
    with opened(data) as g:
        found = draw_sample(g, name, drawn.strip(), viewer_of(g, secret, role))
    if isinstance(found, Refuse):
        return _refused(found, as_json=as_json)
    for file, lines in ((sheet, found.sheet), (second, found.second)):
        _write(file, sheet_csv(lines))
    return _done(drawn_json(found) if as_json else drawn_text(found))


def run_enter(name: str, sheet: Path, *, data: Path, as_json: bool) -> int:
    """Print what a sheet added; 3 where nothing of it was entered."""
    reading = read_sheet(sheet)
    with opened(data) as g:
        entered = enter_sheet(g, name, reading)
    if isinstance(entered, Refuse):
        return _refused(entered, as_json=as_json)
    return _done(entered_json(entered) if as_json else entered_text(entered))


def run_tell(name: str, *, data: Path, role: str | None, secret: Path | None, as_json: bool) -> int:
    """Print what a sample came to; 3 where that is refused."""
    with opened(data) as g:
        told = tell_sample(g, name, viewer_of(g, secret, role))
    if isinstance(told, Refuse):
        return _refused(told, as_json=as_json)
    return _done(told_json(told) if as_json else told_text(told, width=terminal().width))


def _write(file: Path, text: str) -> None:
    try:
        with file.open("x", encoding="utf-8", newline="") as opened_file:
            opened_file.write(text)
    except OSError as error:
        hint = "name new files in a folder that you can write, and the same value: the same works are drawn"
        raise StoreError("sheet-unwritable", f"{file}: {error.strerror}", hint=hint) from error


def _refused(told: Refuse, *, as_json: bool) -> int:
    printed = Printed()
    printed.data(refusal(told, as_json=as_json))
    return printed.done(None, REFUSED)


def _done(text: str) -> int:
    printed = Printed()
    printed.data(text)
    return printed.done(None)
