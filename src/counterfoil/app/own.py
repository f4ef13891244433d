"""Shows a person everything that is held about them, and does what they ask about it."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from counterfoil.app.asking import REFUSED
from counterfoil.app.directory import opened, secret_in, viewer_of
from counterfoil.app.printed import Printed, terminal
from counterfoil.guard.person import correct, erase, object_to, own_record
from counterfoil.show.deed import refusal
from counterfoil.show.exported import written
from counterfoil.show.record import record
from counterfoil.terms.error import StoreError
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.record import OwnRecord
from counterfoil.terms.release import Refuse

MOST_WORDS = 2_000


def run_own(*, data: Path, secret: Path, csv_folder: Path | None, as_json: bool) -> int:
    """Print everything held about whoever has a secret, and who read it."""
    with opened(data) as g:
        viewer = viewer_of(g, secret, None)
        released = own_record(g, _who(viewer.who), secret_in(secret))
    printed = Printed()
    if isinstance(released, Refuse):
        printed.data(refusal(released, as_json=as_json))
        return printed.done(None, REFUSED)
    if csv_folder is not None:
        _write_csv(csv_folder, released.answer)
        printed.words(f"wrote one CSV file for each table to {csv_folder}")
    look = terminal()
    printed.data(
        written(released.answer)
        if as_json
        else record(released.answer, width=look.width, color=look.color, unicode=look.unicode)
    )
    return printed.done(None)


def run_object(*, data: Path, secret: Path, back: bool, as_json: bool) -> int:
    """Leave whoever has a secret out of every figure from the next block on."""
    with opened(data) as g:
        entry = object_to(g, _who(viewer_of(g, secret, None).who), objects=not back)
    says = "From the next block of four weeks on, you are in every figure again." if back else (
        "From the next block of four weeks on, no figure has you in it. Those that are out stay out."
    )  # fmt: skip
    return _done(entry, says, as_json=as_json)


def run_correct(says: str, *, data: Path, secret: Path, as_json: bool) -> int:
    """Keep what whoever has a secret asks to be put right."""
    if not 0 < len(says.strip()) <= MOST_WORDS:
        raise click.UsageError(f"say what is to be put right, in at most {MOST_WORDS:,} letters")
    with opened(data) as g:
        entry = correct(g, _who(viewer_of(g, secret, None).who), says)
    return _done(
        entry, "It is kept for those who look after the source, and you see it in my-data.", as_json=as_json
    )


def run_erase(*, data: Path, secret: Path, yes: bool, as_json: bool) -> int:
    """Erase everything about whoever has a secret, and their keys."""
    if not yes:
        click.confirm("This can't be undone. Erase everything that is held about you?", abort=True, err=True)
    with opened(data) as g:
        rows = erase(g, _who(viewer_of(g, secret, None).who))
    printed = Printed()
    says = (
        f"{rows:,} rows and your keys are gone. Entries about you stay in the log as noise that only your "
        "own copy of your secret opens. Copies of this directory, and figures that are out, are not reached."
    )
    printed.data(written({"rows": rows, "says": says}) if as_json else says)
    return printed.done(None)


def _done(entry: int, says: str, *, as_json: bool) -> int:
    printed = Printed()
    printed.data(written({"entry": entry, "says": says}) if as_json else f"{says}\nentry {entry} of the log")
    return printed.done(None)


def _who(who: Pseudonym | None) -> Pseudonym:
    if who is None:
        raise click.UsageError("name your secret with --secret")
    return who


def _write_csv(folder: Path, own: OwnRecord) -> None:
    tables: Mapping[str, Sequence[Mapping[str, str]]] = own.rows
    try:
        folder.mkdir(exist_ok=True)
        for name, rows in tables.items():
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]) if rows else [])
                writer.writeheader()
                writer.writerows(rows)
    except OSError as error:
        hint = "name a folder that you can write"
        raise StoreError("csv-unwritable", f"{folder}: {error.strerror}", hint=hint) from error
