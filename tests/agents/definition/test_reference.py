"""The reference of `agents/*.toml` is made of its fields' own words, is complete, and its example holds."""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import get_args, get_origin, get_type_hints

import msgspec

from counterfoil.agents.definition.load import checked
from counterfoil.agents.definition.written import TABLES, Definition
from counterfoil.agents.runtime.scripted import Script, Turn
from counterfoil.terms.effect import RunState

Words = Callable[[type], Mapping[str, str]]
PAGE = Path(__file__).parents[3] / "docs" / "reference" / "agents.md"
HEAD = """# The file of an agent

What `counterfoil agent check` reads: `agents/NAME.toml`, TOML, at most 256 kB. Generated from the fields' own
words; `make goldens` renews it. A field that is not known is an error, since a grant that is spelled wrong
would be none. Nothing is granted by itself.

```toml
name = "triage"
purpose = "Sorts the invoices out of my mail."
instructions = "Move mails with an invoice into Invoices, and draft an answer to whoever asks for one."
model = "anthropic:claude-sonnet-5@eu"
memory = true

[[grants]]
tool = "mail/list"

[[grants]]
tool = "mail/move"
to = ["folder:Invoices"]

[[triggers]]
on = "schedule"
cron = "0 7 * * 1-5"
zone = "Europe/Berlin"
say = "Sort what came in overnight."

[[triggers]]
on = "hand"

[budget]
run_usd = 0.5
```

"""
NAMES = {str: "text", bool: "true or false", int: "whole number", float: "number"}
TITLES = {
    "Definition": "Fields of the file itself",
    "GrantTable": "[[grants]]",
    "TriggerTable": "[[triggers]]",
    "BudgetTable": "[budget]",
    "LimitsTable": "[limits]",
}
SAYS = {
    RunState.QUEUED: "It was asked for, and begins.",
    RunState.RUNNING: "It is under way.",
    RunState.WAITING: "A person has to say yes or no.",
    RunState.DONE: "The agent said its last word.",
    RunState.FAILED: "The model or a limit ended it; why is said beside it. It can be resumed.",
    RunState.STOPPED: "A switch is off, or somebody stopped it. It can be resumed once nothing is off.",
    RunState.OUT_OF_BUDGET: "The next question would have cost more than is left. It can be resumed.",
    RunState.UNCONFIRMED: "Something was sent, and nobody knows whether it happened. Say which, then resume.",
}
FOOT = """## A changed file

It is a new version. New runs have it at once; a run that is under way ends under the version that it began
with, and asks that version's model. What it may do is what is granted now: a grant that was taken out is gone
for it, too. A grant is pinned to what the server says of the tool on that day; when the server says something
else, the tool is refused until it is granted again.

## Who is trusted with what

The file's own words, and what its owner says by hand or in a mention, are the owner's. A mail or webhook that
sets an agent off is material, never an order. A note is as trusted as everything that its run had read when
it wrote it, and stays so when it is read, joined with others at night, or changed by its owner; what
the owner writes anew is the owner's. Another agent's answer is text like any other: it spends the budget of
whoever asked, and may do nothing that one above it may not do without a person.

## How a run ends

| State | What it means |
|---|---|
"""
SCRIPT = """
## A script in place of a model

`model = "scripted:demo@local"` follows `demo.script.toml` beside the agents' files, needs no key and no
network, and is marked as a script wherever it shows. It is a list of turns.

| Field of `[[turn]]` | Type | Meaning |
|---|---|---|
"""


def _kind(hint: object) -> str:
    if get_origin(hint) is tuple:
        return f"list of {_kind(get_args(hint)[0])}"
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return "table"
    if parts := [part for part in get_args(hint) if part is not type(None)]:
        return "word" if isinstance(parts[0], str) else "table" if get_origin(hint) is dict else "day"
    return NAMES.get(hint, "table")  # type: ignore[call-overload, no-any-return]


def _plain(value: object) -> str:
    if value is msgspec.NODEFAULT:
        return "needed"
    if value in ("", (), None) or isinstance(value, tuple | msgspec.Struct):
        return ""
    return f"`{str(value).lower()}`" if isinstance(value, bool) else f"`{value}`"


def page(words: Words) -> str:
    text = HEAD
    for noun in TABLES:
        says = (noun.__doc__ or "").split("\n")[0]
        says = says.partition(": ")[2] or says
        text += f"## {TITLES[noun.__name__]}\n\n{says[:1].upper()}{says[1:]}\n\n"
        text += "| Field | Type | Else | Meaning |\n|---|---|---|---|\n"
        types, said = get_type_hints(noun), words(noun)
        for field in msgspec.structs.fields(noun):
            kind, otherwise = _kind(types[field.name]), _plain(field.default)
            text += f"| `{field.name}` | {kind} | {otherwise} | {said[field.name]} |\n"
        text += "\n"
    text += FOOT + "".join(f"| `{state.value}` | {SAYS[state]} |\n" for state in RunState) + SCRIPT
    types, said = get_type_hints(Turn), words(Turn)
    text += "".join(
        f"| `{field.name}` | {_kind(types[field.name])} | {said[field.name]} |\n"
        for field in msgspec.structs.fields(Turn)
    )
    return text


def test_the_reference_of_agents_is_golden(field_words: Words) -> None:
    text = page(field_words)
    if os.environ.get("COUNTERFOIL_GOLDENS") == "write":
        PAGE.write_text(text, "utf-8")
    assert PAGE.read_text("utf-8") == text


def test_every_field_has_its_words(field_words: Words) -> None:
    nouns: list[type[msgspec.Struct]] = [*TABLES, Turn]
    for noun in nouns:
        assert all(field_words(noun)[name] for name in noun.__struct_fields__)
    assert Script.__doc__


def test_the_example_of_the_reference_is_sound() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", HEAD, re.DOTALL)
    found = checked(example, name="triage")
    assert found.wrong == () and isinstance(found.definition, Definition)
