"""Opens a data directory's registry, and makes sure that it is the one of the files beside it."""

import hashlib
import secrets
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from counterfoil.store.address import ADDRESS, POSTGRESQL, REGISTRY, address_of, in_file
from counterfoil.store.registry import Registry
from counterfoil.terms.error import StoreError

LAKE = "lake"


def opened_registry(folder: Path, *, write: bool) -> Registry:
    """The registry of a data directory.

    One that lies in a file is moved to the database that `registry.url` names, where that has none yet.

    Raises: StoreError where it can't be opened, or is not that of this directory.
    """
    address, file = address_of(folder), folder / REGISTRY
    moving = address.get_backend_name() == POSTGRESQL and file.exists()
    if moving and not write:
        hint = "start the server once, which moves it"
        raise StoreError("registry-unmoved", f"{file.name} was not moved to the database yet", hint=hint)
    with ExitStack() as opened:
        registry = Registry(address, write=write)
        opened.callback(registry.close)
        if moving:
            _move(file, registry)
        if write:
            _is_of_this_lake(registry, folder / LAKE)
        opened.pop_all()
    return registry


def _move(file: Path, registry: Registry) -> None:
    """Take over what the file holds, all of it or nothing. Then it goes: what is erased, is erased in one."""
    old = Registry(in_file(file))
    old.close()
    name = hashlib.sha256(file.read_bytes()).hexdigest()
    if registry.taken_over() != name:
        if not registry.is_empty():
            hint = f"let {ADDRESS} name an empty database, or put {REGISTRY} aside"
            said = "there are two registries: one in a file, one in the database"
            raise StoreError("two-registries", said, hint=hint)
        old = Registry(in_file(file))
        try:
            registry.take_over(old, name)
        finally:
            old.close()
    file.unlink()


def _is_of_this_lake(registry: Registry, lake: Path) -> None:
    """Stop where nothing here belongs to the registry: what it does not name would be swept away."""
    named, there = registry.files(), files_of(lake)
    if (registry.new and registry.is_empty() and there) or (named and not named & there):
        hint = f"restore the registry from a copy, or let {ADDRESS} name the right database"
        said = "the registry is not that of the files in this directory"
        raise StoreError("registry-foreign", said, hint=hint)


def files_of(lake: Path) -> set[str]:
    """Every file that lies in a lake, named as the registry does."""
    return {str(path.relative_to(lake)) for path in lake.rglob("*.parquet")}


def new_name(old: Path) -> Path:
    """A name for the file that is to replace another one."""
    return old.with_name(f"{old.stem.rsplit('-', 1)[0]}-{secrets.token_hex(6)}.parquet")


def unnamed(lake: Path, registry: Registry) -> Sequence[Path]:
    """Files that the registry does not name, as a crash leaves them.

    None where one that it names is gone: then something else happened here, and nothing is thrown away.
    """
    # What is there comes first: a file that is written meanwhile is named only after it is there.
    there = files_of(lake)
    named = registry.files()
    return [] if named - there else sorted(lake / name for name in there - named)
