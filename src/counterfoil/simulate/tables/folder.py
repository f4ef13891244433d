"""A folder that is there whole or not at all."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from counterfoil.terms.error import StoreError

TAKEN = {errno.ENOTEMPTY, errno.EEXIST}
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def whole_folder(out: Path) -> Iterator[Path]:
    """A folder to write to, which becomes `out` at the end and is gone if anything goes wrong.

    Raises: StoreError where `out` holds something, can't be written, or the disk is full.
    """
    target = Path(os.path.realpath(out))
    _check_free(target, out)
    partial = target.with_name(f".{target.name}.partial-{os.getpid()}")
    whole = False
    try:
        partial.mkdir()
        yield partial
        partial.rename(target)
        whole = True
    except OSError as error:
        raise _told(error, out) from error
    finally:
        if not whole:
            shutil.rmtree(partial, ignore_errors=True)


def _check_free(target: Path, out: Path) -> None:
    try:
        taken = target.exists() and (not target.is_dir() or any(target.iterdir()))
    except OSError as error:
        raise _told(error, out) from error
    if taken:
        raise _taken(out)
    if not target.parent.is_dir():
        hint = f"make {out.parent} first, or name another folder"
        raise StoreError("company-no-place", f"there is no folder {out.parent}", hint=hint)


def _taken(out: Path) -> StoreError:
    hint = "name a folder that does not exist yet"
    return StoreError("company-exists", f"{out} is there already, and is not empty", hint=hint)


def _told(error: OSError, out: Path) -> StoreError:
    if error.errno in TAKEN:
        return _taken(out)
    if error.errno in FULL:
        hint = "free some space, or invent fewer people or days"
        return StoreError(
            "company-disk-full", f"there is no room for {out}; nothing was left behind", hint=hint
        )
    hint = "name a folder in a place that you can write"
    return StoreError("company-unwritable", f"can't write {out}", hint=hint)
