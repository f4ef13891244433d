"""Checks a ceiling, signs it, and says which one holds."""

from collections.abc import Sequence
from pathlib import Path

from counterfoil.app.directory import opened, viewer_of
from counterfoil.app.printed import Printed
from counterfoil.app.server.agents.opened import agents_key
from counterfoil.guard.acting.ceilings import MOST_BYTES, Written, example, read_ceilings
from counterfoil.guard.acting.force import in_force, sign
from counterfoil.show.deed import refusal
from counterfoil.show.exported import written
from counterfoil.terms.agent import Ceiling
from counterfoil.terms.error import SourceError, StoreError
from counterfoil.terms.release import Refuse

FINDING, REFUSED = 1, 3


def run_new(file: Path, *, as_json: bool) -> int:
    """Write a strict ceiling to begin with."""
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(example())
    except OSError as error:
        hint = "name a file that does not exist yet"
        raise StoreError("file-unwritable", f"{file}: {error.strerror}", hint=hint) from error
    printed = Printed()
    printed.words("It is strict: agents read, draft and file. Change it, check it, sign it.")
    printed.data(written({"file": str(file)}) if as_json else str(file))
    return printed.done(None)


def run_check(file: Path, *, as_json: bool) -> int:
    """Say what is wrong with a ceiling, or what it lets through."""
    found = _read(file)
    printed = Printed()
    if as_json:
        printed.data(written({"wrong": found.wrong, "ceilings": found.ceilings}))
    else:
        printed.data(
            "\n".join(f"{one.where}: {one.says}".lstrip(": ") for one in found.wrong) or _says(found)
        )
    return printed.done(None, FINDING if found.wrong else 0)


def run_sign(file: Path, *, data: Path, secret: Path | None, role: str | None, as_json: bool) -> int:
    """Put a ceiling into force, or say whose yes it waits for."""
    found = _read(file)
    with opened(data, make=True) as g:
        done = sign(g, found, viewer_of(g, secret, role))
    printed = Printed()
    if isinstance(done, Refuse):
        printed.data(refusal(done, as_json=as_json))
        return printed.done(None, REFUSED)
    key = str(agents_key(data).verifier)
    if as_json:
        printed.data(written({"signed": done, "key": key}))
    else:
        for more in done.wider:
            printed.words(f"lets through more: {more}")
        waits = "".join(f"\nwaits for the yes of {who}" for who in done.missing)
        printed.data(f"version {done.version} is {done.state}{waits}")
    return printed.done(None, FINDING if done.missing else 0)


def run_key(data: Path, *, as_json: bool) -> int:
    """Print the key that the agents' process pins."""
    if not data.is_dir():
        hint = "name the folder that counterfoil serve --data was given"
        raise StoreError("no-data-directory", f"{data} is no data directory", hint=hint)
    key = str(agents_key(data).verifier)
    printed = Printed()
    printed.data(written({"key": key}) if as_json else key)
    return printed.done(None)


def run_show(data: Path, *, as_json: bool) -> int:
    """Print the ceilings in force."""
    with opened(data) as g:
        current = in_force(g.lake.registry, g.log)
    printed = Printed()
    ceilings = () if current is None else current.ceilings
    says = "none: agents do nothing" if current is None else _says(Written(ceilings))
    version = 0 if current is None else current.version
    printed.data(
        written({"version": version, "ceilings": ceilings}) if as_json else f"version {version}\n{says}"
    )
    return printed.done(None)


def ceilings_in(file: Path) -> Sequence[Ceiling]:
    """The ceilings of a file, the organisation's first.

    Raises: SourceError where something is wrong with them.
    """
    found = _read(file)
    if found.wrong:
        hint = "see them all with: counterfoil agent ceiling check FILE"
        raise SourceError("ceiling-wrong", f"{found.wrong[0].where}: {found.wrong[0].says}", hint=hint)
    return found.ceilings


def _read(file: Path) -> Written:
    try:
        return read_ceilings(file.read_bytes()[: MOST_BYTES + 1].decode("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        hint = "name a file that is there; counterfoil agent ceiling new FILE writes one"
        raise SourceError("ceiling-unreadable", f"{file} can't be read", hint=hint) from error


def _says(found: Written) -> str:
    lines = []
    for ceiling in found.ceilings:
        lines.append(f"{ceiling.name}:")
        for connector, some in sorted(ceiling.connectors.items()):
            lines.append(f"  {connector}: {', '.join(some) or 'nothing'}")
        lists = ("models", "regions", "inside", "production")
        lines += [f"  {name}: {', '.join(getattr(ceiling, name)) or 'none'}" for name in lists]
        lines.append(f"  others who may say yes: {len(ceiling.approvers)}")
        one_in = ceiling.planted_one_in
        lines.append(f"  planted questions: {f'at most one in {one_in}' if one_in else 'none'}")
        day = ceiling.budget.day / 1_000_000
        lines.append(f"  a day: {day:.2f} USD at most")
    return "\n".join(lines)
