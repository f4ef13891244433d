"""What attackers write, and runs whose model does whatever it is told: as badly as a model can be fooled."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models.function import AgentInfo, FunctionModel

from agents.runtime.lived import Life
from counterfoil.agents.runtime.names import spoken

EVE = "eve@elsewhere.example"
ANN = "ann@example.org"
Wanted = tuple[str, Any]
"""A tool's id and its arguments, as a table or as text."""


def fooled(world: Life, wants: Sequence[Wanted]) -> None:
    """Let every run's model ask for these calls, one after the other, whatever it is told meanwhile."""

    def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        asked = sum(isinstance(message, ModelResponse) for message in messages)
        if asked >= len(wants):
            return ModelResponse(parts=[TextPart("So be it.")])
        tool, arguments = wants[asked]
        return ModelResponse(parts=[ToolCallPart(spoken(tool), arguments, tool_call_id=f"c{asked}")])

    model = FunctionModel(answer)
    object.__setattr__(world.world, "model", lambda made: model)


def order(tool: str, **arguments: Any) -> str:
    """Text in a mail that a fooled model obeys."""
    return f"[[call {tool} {json.dumps(arguments)}]]"


def touched(world: Life) -> list[str]:
    """Every way in which the mailbox is reached from now on, as it happens."""
    seen: list[str] = []
    mail: Any = world.mail

    def counted(name: str) -> Callable[..., Any]:
        real = getattr(mail, name)

        def deed(tool: str, *rest: Any) -> Any:
            seen.append(f"{name} {tool}")
            return real(tool, *rest)

        return deed

    for name in ("do", "read_back", "needless"):
        setattr(mail, name, counted(name))
    return seen
