"""The tools of a run as pydantic-ai has them: each call is one durable step, holds end the round."""

import json
from dataclasses import replace
from hashlib import sha256
from typing import Any

import msgspec
from pydantic_ai import RunContext
from pydantic_ai.exceptions import ApprovalRequired
from pydantic_ai.tools import ToolDefinition
from pydantic_ai.toolsets import AbstractToolset, ToolsetTool
from pydantic_core import SchemaValidator, core_schema

from counterfoil.agents.attempt import Attempt
from counterfoil.agents.connectors.connector import Normalising, NotDone
from counterfoil.agents.own_tools import AGENTS, WORDS
from counterfoil.agents.runtime.acting import act
from counterfoil.agents.runtime.delegating import delegated
from counterfoil.agents.runtime.ending import must_go_on
from counterfoil.agents.runtime.hand import Hand
from counterfoil.agents.runtime.names import meant
from counterfoil.agents.runtime.shown import words_of
from counterfoil.store.agents.labelled import label_of
from counterfoil.terms.tool import Tool

ANY_TABLE = SchemaValidator(core_schema.dict_schema(keys_schema=core_schema.str_schema()))
"""What the arguments are is judged by the gate and the connector; here they are a table."""


class GatedToolset(AbstractToolset[Any]):
    """Tools of one run."""

    def __init__(self, hand: Hand) -> None:
        self._hand = hand
        self._digest = ""
        self._offered: dict[str, dict[str, Any]] = {}

    @property
    def id(self) -> str:
        """One is all that a run has."""
        return "gated"

    async def get_tools(self, ctx: RunContext[Any]) -> dict[str, ToolsetTool[Any]]:
        """What it may ask for now. What was offered is in the journal, so that a run can be told again."""
        hand, known = self._hand, self._digest
        told = await hand.journal.step("tools", lambda: offered(hand, known))
        if "tools" in told:
            self._digest = told["digest"]
            # A call that waits is asked of the gate in the end, whatever became of its tool meanwhile.
            kept = self._offered if hand.open else {}
            self._offered = kept | {one["name"]: one for one in told["tools"]}
        return {
            name: ToolsetTool(
                toolset=self,
                tool_def=ToolDefinition(
                    name=name,
                    description=one["says"],
                    parameters_json_schema=one["schema"],
                    # One after the other: the number of a call names its effect for ever.
                    sequential=True,
                ),
                max_retries=hand.definition.limits.garbage,
                args_validator=ANY_TABLE,
            )
            for name, one in self._offered.items()
        }

    async def call_tool(
        self, name: str, tool_args: dict[str, Any], ctx: RunContext[Any], tool: ToolsetTool[Any]
    ) -> Any:
        """Make a call through the gate, and tell the model in words where it may not be made.

        Raises: ApprovalRequired where a person has to say yes; Ended where the run ends.
        """
        hand, known = self._hand, ctx.tool_call_id or ""
        wanted = msgspec.convert(self._offered[name]["tool"], Tool)
        with Attempt() as read:
            tool_args = _normal(hand, wanted, tool_args)
            made = hand.call(wanted, 0, tool_args)
        if read.error is not None:
            # A model can write what nobody can read; that is an answer to it, and not the end of its run.
            why = read.error.message if isinstance(read.error, NotDone) else "its arguments can't be read."
            return f"It failed, and nothing happened: {why}"
        number = hand.open.pop(known, 0)
        if not number:
            hand.calls += 1
            number = hand.calls
        call, place = replace(made, number=number), hand.next_place()
        result = await hand.journal.step("act", lambda: act(hand, call, place))
        hand.seconds += result.get("seconds", 0.0)
        must_go_on(result)
        match result["verdict"]:
            case "hold":
                hand.open[known] = number
                raise ApprovalRequired(metadata={"approval": result["approval"]})
            case "refuse":
                return f"Not done: {result['why']} ({result['clause']})"
            case "failed":
                return f"It failed, and nothing happened: {result['why']}"
        if wanted.connector == AGENTS:
            return await delegated(hand, call, place)
        return self._taken_in(wanted, tool_args, result)

    def _taken_in(self, tool: Tool, asked: dict[str, Any], result: dict[str, Any]) -> Any:
        """An answer, once the run has its label."""
        hand, value = self._hand, result["answer"]
        if "label" in result:
            hand.trace.told(json.dumps(value), label_of(result["label"]))
        else:
            hand.trace.answered(tool, asked, value)
        made = result.get("made", asked)
        return value if made == asked else {"a_person_changed_it_to": made, "answer": value}


def _normal(hand: Hand, tool: Tool, values: dict[str, Any]) -> dict[str, Any]:
    """Arguments in the one form in which their system takes them, so that what is judged is what is made."""
    system: object = hand.connectors().get(tool.connector)
    return system.normal(tool.name, values) if isinstance(system, Normalising) else values


def offered(hand: Hand, known: str) -> dict[str, Any]:
    """What it may ask for now, as JSON; nothing where that is what is known already."""
    tools, connectors = hand.tools(), hand.connectors()
    listed = []
    for name, tool in meant(tools).items():
        says, schema = words_of(tools[tool], connectors.get(tools[tool].connector), WORDS.get(tool, ""))
        listed.append(
            {"name": name, "tool": msgspec.to_builtins(tools[tool]), "says": says, "schema": schema}
        )
    digest = sha256(json.dumps(listed, sort_keys=True).encode()).hexdigest()
    return {"digest": digest} if digest == known else {"digest": digest, "tools": listed}
