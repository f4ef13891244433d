"""Keeps a data directory up: checked, made small, cleaned up and copied, with its log."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from counterfoil.app.copied import copy_directory
from counterfoil.app.directory import LEDGER, LOG_KEY, signing_key
from counterfoil.app.printed import Printed
from counterfoil.app.progress import Meter
from counterfoil.ledger.log import check_log
from counterfoil.show.exported import written
from counterfoil.store import upkeep
from counterfoil.store.lake import Lake
from counterfoil.terms.error import LedgerBroken, StoreError

FINDING = 1


def run_check(data: Path, *, as_json: bool) -> int:
    """Print what does not hold of a data directory; 1 where anything does not."""
    _must_be(data)
    with Lake(data) as lake, Meter() as meter:
        findings = [*upkeep.check(lake, meter), *_of_log(data)]
        parts = lake.registry.all_parts()
    told = {"files": len(parts), "rows": sum(part.rows for part in parts), "findings": findings}
    says = f"{told['files']:,} files with {told['rows']:,} rows, and the log: "
    lines = [*findings, says + (f"{len(findings):,} findings" if findings else "all of it holds")]
    return _printed(told, "\n".join(lines), as_json=as_json, code=FINDING if findings else 0)


def run_compact(data: Path, *, as_json: bool) -> int:
    """Print what writing files anew came to."""
    _must_be(data)
    with Lake(data, write=True) as lake, Meter() as meter:
        done = upkeep.compact(lake, datetime.now(UTC).date(), meter)
    says = f"{done.files:,} files written anew: {done.bytes_before:,} bytes became {done.bytes_after:,}"
    return _printed(done, says, as_json=as_json)


def run_vacuum(data: Path, *, as_json: bool) -> int:
    """Print what was thrown away."""
    _must_be(data)
    with Lake(data, write=True, sweep=False) as lake:
        done = upkeep.vacuum(lake, datetime.now(UTC).date())
    says = f"{done.files:,} files of {done.bytes:,} bytes and {done.expired:,} expired records are gone"
    return _printed(done, says, as_json=as_json)


def run_backup(data: Path, *, out: Path, as_json: bool) -> int:
    """Print what was copied, and how the copy is checked."""
    _must_be(data)
    with Meter() as meter:
        done = copy_directory(data, out, meter)
    says = (
        f"{done.files:,} files and {done.entries:,} entries of the log are in {out}; "
        f"check them with: counterfoil lake check --data {out}"
    )
    return _printed(done, says, as_json=as_json)


def _printed(told: Any, says: str, *, as_json: bool, code: int = 0) -> int:
    printed = Printed()
    printed.data(written(told) if as_json else says)
    return printed.done(None, code)


def _must_be(data: Path) -> None:
    if not (data / LEDGER).is_dir():
        hint = "name the folder that counterfoil serve --data was given"
        raise StoreError("no-data-directory", f"{data} is no data directory", hint=hint)


def _of_log(data: Path) -> Iterator[str]:
    try:
        check_log(data / LEDGER, signing_key(data / LOG_KEY, name="", make=False).verifier)
    except (LedgerBroken, StoreError) as error:
        yield error.message
