"""Writes a first definition of an agent, and says what is wrong with one."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from counterfoil.app.printed import Printed
from counterfoil.show.exported import written
from counterfoil.terms.error import SourceError, StoreError, ToolError

if TYPE_CHECKING:
    from counterfoil.agents.definition.written import Definition

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


def run_check(files: Sequence[Path], *, agents: Path | None, ceiling: Path | None, as_json: bool) -> int:
    """Say what is wrong with definitions; nothing is wrong with one that can be run."""
    from counterfoil.agents.definition.load import check

    found = {str(file): check(file) for file in files}
    told = [{"file": file, "wrong": one.wrong} for file, one in found.items()]
    lines = [f"{file}: {w.where} {w.says}; {w.hint}" for file, one in found.items() for w in one.wrong]
    if agents is not None or ceiling is not None:
        sound = [(file, one.definition) for file, one in found.items() if one.definition is not None]
        models = _unreachable(sound, agents, ceiling)
        told = [{**one, "model": models.get(str(one["file"]), "")} for one in told]
        lines += [f"{file}: model can't be asked: {why}" for file, why in models.items() if why]
    printed = Printed()
    printed.data(written(told) if as_json else "\n".join(lines) or "nothing is wrong")
    return printed.done(None, FINDING if lines else 0)


def _unreachable(
    made: Sequence[tuple[str, "Definition"]], agents: Path | None, ceiling: Path | None
) -> Mapping[str, str]:
    """Why each model could not be asked; empty where it could.

    Raises: SourceError where the providers or the ceiling can't be taken; ToolError where agents are not
    installed.
    """
    try:
        from counterfoil.agents.providers import Providers
        from counterfoil.agents.reachable import unreachable
    except ModuleNotFoundError as error:
        hint = "pip install 'counterfoil[agents]'"
        raise ToolError("no-agents", f"{error.name} is not installed", hint=hint) from error
    from counterfoil.app.agents.ceilings import ceilings_in

    above = () if ceiling is None else ceilings_in(ceiling)
    places = None if agents is None else Providers.of(agents)
    found = {}
    for file, one in made:
        folder = Path(file).parent
        found[file] = unreachable(one, places, above[:1], scripts=folder)
    return found
