"""What a definition must be beyond its shape."""

import re
from collections import Counter
from collections.abc import Iterator

from counterfoil.agents.definition.cron import is_schedule, is_zone
from counterfoil.agents.definition.written import Definition, TriggerTable
from counterfoil.agents.definition.wrong import Wrong

NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
MODEL = re.compile(r"[a-z][a-z0-9-]*:[^@\s]+@[a-z0-9-]+")
TOOL = re.compile(r"[a-z][a-z0-9-]*/[A-Za-z0-9_.-]+")
TO = re.compile(r"[a-z]+:\S.*")
MOST_GRANTS = 200


def unsound(made: Definition, *, file: str = "") -> Iterator[Wrong]:
    """Everything that keeps a definition of the right shape from being run."""
    if not NAME.fullmatch(made.name):
        hint = "use small letters, digits and hyphens, at most 40, beginning with a letter"
        yield Wrong("name", "is no short name", hint)
    elif file and file != made.name:
        yield Wrong("name", f"is not that of its file, {file}.toml", "give both the same name")
    for field in ("purpose", "instructions"):
        if not getattr(made, field).strip():
            yield Wrong(field, "says nothing", "write at least one sentence")
    if not MODEL.fullmatch(made.model):
        hint = 'write it like "anthropic:claude-sonnet-5@eu"; the region is where it runs'
        yield Wrong("model", "is not `provider:name@region`", hint)
    yield from _grants(made)
    for number, trigger in enumerate(made.triggers):
        yield from _trigger(trigger, f"triggers[{number}]")
    yield from _numbers(made)
    yield from _delegates(made)
    if made.consolidate:
        if not made.memory:
            yield Wrong("consolidate", "has no notes to tidy", "add `memory = true`, or take it out")
        yield from _cron(made.consolidate, made.zone, "consolidate", "zone")


def _grants(made: Definition) -> Iterator[Wrong]:
    if len(made.grants) > MOST_GRANTS:
        yield Wrong("grants", f"are more than {MOST_GRANTS}", "make two agents of it")
    for number, grant in enumerate(made.grants):
        if not TOOL.fullmatch(grant.tool):
            yield Wrong(f"grants[{number}].tool", "is no tool", 'write it like "mail/move"')
        for to in grant.to:
            if not TO.fullmatch(to):
                yield Wrong(f"grants[{number}].to", f"has {to!r}, which is no destination",
                            'write it like "folder:Invoices"')  # fmt: skip
    twice = [tool for tool, times in Counter(grant.tool for grant in made.grants).items() if times > 1]
    if twice:
        yield Wrong("grants", f"name {twice[0]} twice", "put its destinations into one `to`")


def _trigger(trigger: TriggerTable, where: str) -> Iterator[Wrong]:
    if trigger.on == "schedule":
        yield from _cron(trigger.cron, trigger.zone, f"{where}.cron", f"{where}.zone")
    elif trigger.cron:
        yield Wrong(f"{where}.cron", "is for schedules only", "take it out")
    if trigger.on == "webhook" and not NAME.fullmatch(trigger.name):
        yield Wrong(f"{where}.name", "is needed to be called by", 'name it like "alerts"')


def _cron(cron: str, zone: str, where: str, zoned: str) -> Iterator[Wrong]:
    if not is_schedule(cron):
        hint = 'write five fields like "0 7 * * 1-5", for seven on working days'
        yield Wrong(where, "is no schedule", hint)
    if not is_zone(zone):
        yield Wrong(zoned, f"{zone!r} is no time zone", 'write it like "Europe/Berlin"')


def _numbers(made: Definition) -> Iterator[Wrong]:
    budget, limits = made.budget, made.limits
    for name in budget.__struct_fields__:
        if not 0 < getattr(budget, name) <= 1_000_000:
            yield Wrong(f"budget.{name}", "is no amount", "write US dollars above nothing, such as 0.5")
    for name in limits.__struct_fields__:
        least = 0 if name in {"delegates", "depth", "garbage"} else 1 if name.endswith("calls") else 0.001
        if not least <= getattr(limits, name) <= 100_000:
            yield Wrong(f"limits.{name}", "ends nothing, or everything", f"write at least {least}")


def _delegates(made: Definition) -> Iterator[Wrong]:
    for name in made.delegates:
        if not NAME.fullmatch(name):
            yield Wrong("delegates", f"has {name!r}, which is no agent", "write the agent's short name")
        elif name == made.name:
            yield Wrong("delegates", "has the agent itself", "take it out")
