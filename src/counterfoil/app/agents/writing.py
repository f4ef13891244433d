"""Writes a first definition of an agent, and says what is wrong with one."""

from collections.abc import Sequence
from pathlib import Path

from counterfoil.app.printed import Printed
from counterfoil.show.exported import written
from counterfoil.terms.error import SourceError, StoreError

FINDING = 1
TEMPLATE = '''# An agent. It does nothing that is not granted here, within the ceiling of your organisation.
# Check it with: counterfoil agent check FILE

name = "{name}"
purpose = "Says in one sentence what it is for."
instructions = """
What it is told before anything else. Only your words are trusted as such.
"""
model = "anthropic:claude-haiku-4-5@eu"    # provider:name@region

# Nothing is granted by itself. For instance:
# [[grants]]
# tool = "mail/draft"

[[triggers]]
on = "hand"

[budget]
run_usd = 0.10
day_usd = 0.50
month_usd = 5.00
'''


def run_new(name: str, *, folder: Path, as_json: bool) -> int:
    """Write a definition that grants nothing, to begin with."""
    from counterfoil.agents.definition.load import checked

    text, file = TEMPLATE.format(name=name), folder / f"{name}.toml"
    if wrong := checked(text, name=name).wrong:
        raise SourceError("agent-wrong", f"{wrong[0].where} {wrong[0].says}", hint=wrong[0].hint)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as out:
            out.write(text)
    except OSError as error:
        hint = "name an agent that is not there yet, in a folder that you can write"
        raise StoreError("file-unwritable", f"{file}: {error.strerror}", hint=hint) from error
    printed = Printed()
    printed.data(written({"file": str(file)}) if as_json else str(file))
    return printed.done(None)


def run_check(files: Sequence[Path], *, as_json: bool) -> int:
    """Say what is wrong with definitions; nothing is wrong with one that can be run."""
    from counterfoil.agents.definition.load import check

    found = {str(file): check(file).wrong for file in files}
    told = [{"file": file, "wrong": wrong} for file, wrong in found.items()]
    lines = [f"{file}: {one.where} {one.says}; {one.hint}" for file, some in found.items() for one in some]
    printed = Printed()
    printed.data(written(told) if as_json else "\n".join(lines) or "nothing is wrong")
    return printed.done(None, FINDING if lines else 0)
