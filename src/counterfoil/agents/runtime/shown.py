"""What a model is told of a tool: a sentence, and which arguments it takes."""

from typing import Any

from counterfoil.agents.connectors.connector import Connector
from counterfoil.terms.tool import ArgumentRole, EffectClass, Tool

MOST_WORDS = 1_000
"""Characters of what a server says of its tool; more would be a prompt of its own."""
DOES = {
    EffectClass.READ: "Reads; changes nothing.",
    EffectClass.ASK: "Asks somebody outside; what is asked leaves.",
    EffectClass.DRAFT: "Lays something before the owner, who decides.",
    EffectClass.ARRANGE: "Moves or marks what is the owner's.",
    EffectClass.CHANGE: "Changes what others see or use.",
    EffectClass.POST: "Says something where many read it.",
    EffectClass.SEND: "Sends something to named people.",
    EffectClass.DEPLOY: "Puts a revision to work.",
    EffectClass.DELETE: "Takes something away for good.",
    EffectClass.PAY: "Moves money.",
    EffectClass.GOVERN: "Changes rights or settings.",
    EffectClass.EXECUTE: "Runs code.",
}
_TEXT: dict[str, Any] = {"type": "string"}
_SHAPES: dict[ArgumentRole, dict[str, Any]] = {
    ArgumentRole.DESTINATION: {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]},
    ArgumentRole.SELECTOR: {"anyOf": [_TEXT, {"type": "integer"}, {"type": "array"}]},
    ArgumentRole.AMOUNT: {"type": "number"},
    ArgumentRole.TYPED: {},
    ArgumentRole.TEXT: _TEXT,
}


def words_of(tool: Tool, connector: Connector | None, words: str = "") -> tuple[str, dict[str, Any]]:
    """A sentence and the schema of the arguments, as a model is shown them. Nothing of that decides anything.

    A connector may have `describe(tool) -> (sentence, schema)`, with what its server says.
    """
    describe = getattr(connector, "describe", None)
    said, schema = describe(tool.name) if describe is not None else ("", {})
    return f"{words or said[:MOST_WORDS] or tool.id} {DOES[tool.effect]}", schema or _schema(tool)


def _schema(tool: Tool) -> dict[str, Any]:
    properties = {
        name: _SHAPES[spec.role] | ({"description": f"{spec.role.value}: {spec.kind}"} if spec.kind else {})
        for name, spec in tool.arguments.items()
    }
    return {"type": "object", "properties": properties, "additionalProperties": False}
