"""A model that is none: it follows a script, needs no key and no network, and says so in its name."""

import asyncio
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RequestUsage

from counterfoil.agents.runtime.names import spoken
from counterfoil.terms.error import SourceError

_HOLE = re.compile(r"\$\{([\w.-]+)\}")
_ORDER = re.compile(r"\[\[call (?P<tool>\S+) (?P<arguments>\{.*?\})\]\]", re.DOTALL)
CHARACTERS = 4
"""To a token, since nothing is really read."""


class Turn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[[turn]]`: what the script says the next time it is asked."""

    say: str = ""
    """Text; a turn that has nothing else ends the run. One whose calls come to none is passed over."""
    call: str = ""
    """A tool's id."""
    arguments: dict[str, Any] = {}
    """Its arguments. `${1.messages.0.id}` is a field of the first tool's answer, `${-1.id}` of the last
    one's, `${it.id}` of the item. A call for which one of them is not there is not made."""
    each: str = ""
    """One call for every item of a list, such as `1.messages`."""
    obey: bool = False
    """Do what `[[call TOOL {...}]]` in any answer says: as badly as a model can be fooled."""
    again: bool = False
    """Never go on to the next turn."""
    seconds: float = 0.0
    """How long it takes."""
    usd: float = 0.0
    """What it is said to cost."""


class Script(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole script."""

    turn: tuple[Turn, ...]


def script_of(path: Path) -> Script:
    """The script of a file.

    Raises: SourceError where it is none.
    """
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), Script)
    except (OSError, ValueError, msgspec.ValidationError) as odd:
        hint = "see docs/reference/agents.md for the form of a script"
        raise SourceError(
            "script-wrong", f"the script {path.name} can't be followed: {odd}", hint=hint
        ) from odd


class ScriptedModel(Model):
    """Answers by its script alone; which turn it is follows from what was said before."""

    def __init__(self, script: Script, name: str) -> None:
        super().__init__()
        self._script = script
        self._name = name

    @property
    def model_name(self) -> str:
        """The script's name."""
        return self._name

    @property
    def system(self) -> str:
        """What marks it wherever it shows."""
        return "scripted"

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """The next turn."""
        answers = list(_answers(messages))
        place, turn, wanted = self._turn(_next(messages), answers)
        await asyncio.sleep(turn.seconds)
        asked = sum(isinstance(message, ModelResponse) for message in messages)
        calls = [
            ToolCallPart(spoken(tool), arguments, f"call-{asked}-{number}-{place}")
            for number, (tool, arguments) in enumerate(wanted)
        ]
        text = [TextPart(_filled(turn.say, answers, None))] if turn.say or not calls else []
        return ModelResponse(
            parts=[*text, *calls],
            usage=_usage(messages, turn),
            model_name=self._name,
            provider_name="scripted",
        )

    def _turn(self, start: int, answers: Sequence[Any]) -> tuple[int, Turn, list[tuple[str, dict[str, Any]]]]:
        """From a place on, the first turn that comes to anything, with its calls."""
        for place, turn in enumerate(self._script.turn):
            if not turn.again and place < start:
                continue
            calls = list(_calls(turn, answers))
            if calls or turn.again or not (turn.call or turn.obey):
                return place, turn, calls
        return len(self._script.turn), Turn(say="The script is at its end."), []


def _next(messages: Sequence[ModelMessage]) -> int:
    """The turn after the one that was followed last, as the names of its calls have it."""
    said = [message for message in messages if isinstance(message, ModelResponse)]
    named = [part.tool_call_id for part in said[-1].parts if isinstance(part, ToolCallPart)] if said else []
    return int(named[-1].rpartition("-")[2]) + 1 if named else len(said)


def _calls(turn: Turn, answers: Sequence[Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    if turn.obey:
        for found in _ORDER.finditer("\n".join(_texts(answers))):
            try:
                yield found["tool"], json.loads(found["arguments"])
            except json.JSONDecodeError:
                continue
    if turn.call:
        items = _at(turn.each, answers, None) if turn.each else [None]
        for item in items if isinstance(items, list) else []:
            arguments = _filled(turn.arguments, answers, item)
            if None not in arguments.values():
                yield turn.call, arguments


def _texts(value: Any) -> Iterator[str]:
    """Every text in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _answers(messages: Sequence[ModelMessage]) -> Iterator[Any]:
    for message in messages:
        if isinstance(message, ModelRequest):
            yield from (part.content for part in message.parts if isinstance(part, ToolReturnPart))


def _filled(value: Any, answers: Sequence[Any], item: Any) -> Any:
    if isinstance(value, str):
        if whole := _HOLE.fullmatch(value):
            return _at(whole[1], answers, item)
        return _HOLE.sub(lambda hole: str(_at(hole[1], answers, item)), value)
    if isinstance(value, dict):
        return {key: _filled(inner, answers, item) for key, inner in value.items()}
    return [_filled(inner, answers, item) for inner in value] if isinstance(value, list) else value


def _at(path: str, answers: Sequence[Any], item: Any) -> Any:
    """A field by its dotted path; nothing where there is none."""
    first, *rest = path.split(".")
    if first == "it":
        found = item
    elif first == "-1":
        found = answers[-1] if answers else None
    else:
        found = answers[int(first) - 1] if first.isdigit() and 0 < int(first) <= len(answers) else None
    for name in rest:
        if isinstance(found, Mapping):
            found = found.get(name)
        elif isinstance(found, list) and name.isdigit() and int(name) < len(found):
            found = found[int(name)]
        else:
            return None
    return found


def _usage(messages: Sequence[ModelMessage], turn: Turn) -> RequestUsage:
    read = sum(
        len(str(part.content))
        for message in messages
        if isinstance(message, ModelRequest)
        for part in message.parts
        if isinstance(part, UserPromptPart | ToolReturnPart)
    )
    written = len(turn.say) + len(str(turn.arguments))
    return RequestUsage(
        input_tokens=read // CHARACTERS, output_tokens=written // CHARACTERS, cost=Decimal(str(turn.usd))
    )
