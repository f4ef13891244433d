"""One MCP server with the token of one owner."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import local
from time import monotonic
from typing import Any

from counterfoil.agents.connectors.connector import Answer, NotDone
from counterfoil.agents.connectors.mcp.answered import failure_of, value_of
from counterfoil.agents.connectors.mcp.lines import Lines, Session
from counterfoil.agents.connectors.mcp.served import Deed, Errors, Served
from counterfoil.agents.connectors.outgoing import HIDING, mark_of
from counterfoil.agents.taint.seen import fits, leaves
from counterfoil.agents.upstream.connected import Result
from counterfoil.agents.upstream.line import Lost, garbage
from counterfoil.agents.upstream.listed import Listed, stricter
from counterfoil.agents.upstream.normal import is_closed, is_strange, small
from counterfoil.terms.effect import Effect, EffectFate, Followed
from counterfoil.terms.tool import ArgumentRole, ConnectorId, EffectClass, Tool

REST_SECONDS = 20.0
"""How long a server that did not say what its tools are is left alone."""
MOST_SCHEMA = 8_000
"""Characters of a schema; more would be a prompt of its own."""
SAYS_ERROR = "it answered with an error in the middle of it"
LOOK_THERE = "look there before asking again"
NOT_FOLLOWED = "an MCP server does not say what became of it"


@dataclass(slots=True)
class Mcp:
    """A server, as far as the operator's file knows its tools."""

    served: Served
    session: Session
    lines: Lines
    rest: float = REST_SECONDS
    _judged: local = field(default_factory=local)
    """What each thread was last told of the tools, and so what was judged in it."""
    _rests_until: float = 0.0

    @property
    def id(self) -> ConnectorId:
        """The server's name in the file, and in grants."""
        return self.served.server.id

    @property
    def tools(self) -> Mapping[str, Tool]:
        """Tools that the file knows and the server has, as it describes them now; none where it is silent."""
        listed = self._listed()
        known = self.served.server.tools
        found = {name: stricter(tool, listed[name]) for name, tool in known.items() if name in listed}
        self._judged.tools = found
        return found

    def describe(self, tool: str) -> tuple[str, dict[str, Any]]:
        """What its server says of a tool: a sentence, and the schema of the arguments that the file knows."""
        listed, known = self._listed().get(tool), self.served.server.tools.get(tool)
        if listed is None or known is None:
            return "", {}
        said = listed.said.get("description")
        words = "".join(c for c in said if ord(c) not in HIDING) if isinstance(said, str) else ""
        return words, _schema(listed, known)

    def normal(self, tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Arguments as they are judged and sent: a place is plainly one, and what is typed is no sentence.

        Raises: NotDone where one is not what the file says of it.
        """
        known = self.served.server.tools.get(tool)
        if known is None:
            return dict(arguments)
        for name, spec in known.arguments.items():
            if spec.role is ArgumentRole.TYPED and not is_closed(arguments.get(name)):
                raise _not_done("argument", f"`{name}` is one word or number.")
        if is_strange(known, arguments):
            raise _not_done("argument", "A destination is not plainly one name.")
        return dict(small(known, arguments))

    def do(self, tool: str, arguments: Mapping[str, Any], key: str) -> Answer:
        """Call a tool once, as it was described when it was judged.

        Raises: NotDone where surely nothing happened; Lost where that is open.
        """
        judged = (getattr(self._judged, "tools", None) or self.tools).get(tool)
        if judged is None:
            raise _not_done("no-tool", "Its server has no such tool now.")
        deed = self.served.deeds[tool]
        given = {**arguments, deed.key: mark_of(key)} if deed.key else arguments
        try:
            return _answer(self.lines.call(self.session, tool, given, judged.digest), judged, deed)
        except Lost as lost:
            if judged.effect is EffectClass.READ:
                raise NotDone(lost.code, lost.message, hint=lost.hint) from None
            if judged.effect is EffectClass.ASK:
                # It was asked, whatever came back.
                return Answer({"failed": lost.message})
            raise

    def read_back(self, tool: str, arguments: Mapping[str, Any], key: str) -> Answer | None:
        """What a tool for looking finds under our key; None where there is no such tool, or it finds nothing.

        Raises: NotDone or Lost where it can't be looked.
        """
        deed = self.served.deeds.get(tool)
        if deed is None or deed.look is None:
            return None
        looking = self.tools.get(deed.look.tool)
        if looking is None or looking.effect is not EffectClass.READ:
            return None
        mark, found = mark_of(key), deed.look.found
        result = self.lines.call(self.session, looking.name, {deed.key: mark}, looking.digest)
        if result.isError or result.resultType != "complete":
            return None
        value = value_of(result, looking)
        is_there = any(leaf == mark and fits(found, path) for path, leaf in leaves(value))
        return Answer({"done": True}, ref=mark) if is_there else None

    def needless(self, tool: str, arguments: Mapping[str, Any]) -> str:
        """Nothing is known of what is there."""
        return ""

    def follow(self, effect: Effect, now: datetime) -> Followed:
        """Nothing is known of what became of it."""
        return Followed(key=effect.key, fate=EffectFate.NOT_EXAMINED, at=now, why=NOT_FOLLOWED)

    def close(self) -> None:
        """Hang up; its process ends."""
        self.lines.drop(self.session)

    def _listed(self) -> Mapping[str, Listed]:
        """What the server says; nothing where it can't be asked, and then not at once again."""
        if monotonic() < self._rests_until:
            return {}
        try:
            return self.lines.listed(self.session)
        except (NotDone, Lost):
            self._rests_until = monotonic() + self.rest
            return {}


def _not_done(code: str, why: str) -> NotDone:
    return NotDone(f"mcp-{code}", why, hint="Look at the tool's manifest.")


def _answer(result: Result, tool: Tool, deed: Deed) -> Answer:
    """What became of a call, from what its server answered.

    Raises: NotDone where nothing happened; Lost where that is open.
    """
    if result.resultType == "input_required":
        raise _not_done("asks-back", "Its server asked something instead of answering.")
    if result.resultType != "complete":
        raise garbage()
    if not result.isError:
        return Answer(value_of(result, tool))
    if tool.effect in {EffectClass.READ, EffectClass.ASK}:
        return Answer(failure_of(result, tool))
    if deed.errors is Errors.NOTHING:
        raise _not_done("refused", "Its server answered with an error.")
    raise Lost("mcp-says-error", SAYS_ERROR, hint=LOOK_THERE)


def _schema(listed: Listed, tool: Tool) -> dict[str, Any]:
    """The server's schema, without arguments that the file does not know; nothing where it is too long."""
    schema = listed.said.get("inputSchema")
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(schema, dict) or not isinstance(properties, dict):
        return {}
    required = schema.get("required")
    kept = {
        **{name: value for name, value in schema.items() if name in {"type", "$defs", "definitions"}},
        "properties": {name: value for name, value in properties.items() if name in tool.arguments},
        "required": [name for name in required if name in tool.arguments]
        if isinstance(required, list)
        else [],
        "additionalProperties": False,
    }
    return kept if len(json.dumps(kept)) <= MOST_SCHEMA else {}
