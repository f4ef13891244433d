"""Calls of chat and web, as the rules judge them by their manifests."""

from dataclasses import replace
from typing import Any

import pytest

from counterfoil.agents.connectors.matrix import manifest as matrix
from counterfoil.agents.connectors.slack import manifest as slack
from counterfoil.agents.connectors.teams import manifest as teams
from counterfoil.agents.connectors.web import manifest as web
from counterfoil.guard.acting.judge import Rules
from counterfoil.terms.effect import Approver, Hold
from counterfoil.terms.label import OWNERS, Integrity, Label, Secrecy
from counterfoil.terms.tool import ConnectorId, EffectClass, Tool
from guard.acting.calls import CEILING, FOREIGN, NOW, argument, call, grant

CHATS = {ConnectorId(name): tuple(EffectClass) for name in ("matrix", "slack", "teams", "web")}
INSIDE = ("channel:*", "room:*", "person:*", "everyone:*")
RULES = replace(CEILING, connectors=CHATS, inside=INSIDE)
PRIVATE = Label(Integrity.OWNER, Secrecy.PRIVATE)
READ = Label(Integrity.TYPED, Secrecy.INTERNAL)
OPS = {"channel": ("#ops", OWNERS), "text": ("Green.", OWNERS)}
PAGE = {"host": ("example.org", OWNERS), "path": ("/status", OWNERS)}


def said(tool: Tool, given: dict[str, tuple[Any, Label]], *to: str) -> str:
    """What the rules say of a call, where the owner granted some destinations."""
    arguments = tuple(
        argument(name, value, label, role=tool.arguments[name].role, kind=tool.arguments[name].kind)
        for name, (value, label) in given.items()
    )
    asked = replace(call(tool), arguments=arguments)
    answer = Rules([RULES], [grant(tool, *to)]).may(asked, NOW)
    other = " (somebody else)" if isinstance(answer, Hold) and answer.needs is Approver.OTHER else ""
    return f"{type(answer).__name__.lower()} {answer.clause.partition(':')[0]}{other}"


@pytest.mark.parametrize(
    ("tool", "given", "to", "answer"),
    [
        (slack.TOOLS["post"], OPS, ("channel:#ops",), "permit grant"),
        (slack.TOOLS["post"], OPS, ("channel:#other",), "refuse not-granted"),
        (slack.TOOLS["post"], OPS | {"text": ("x", FOREIGN)}, ("channel:#ops",), "hold tainted-text"),
        (slack.TOOLS["post"], OPS | {"everyone": ("here", OWNERS)}, ("channel:#ops",), "refuse not-granted"),
        (
            slack.TOOLS["post"],
            OPS | {"everyone": ("here", READ)},
            ("channel:#ops", "everyone:*"),
            "hold unnamed",
        ),
        (slack.TOOLS["post"], OPS | {"mention": (["U0X"], OWNERS)}, ("channel:#ops",), "refuse not-granted"),
        (
            slack.TOOLS["post_shared"],
            OPS,
            ("shared-channel:#ops",),
            "hold outsiders (somebody else)",
        ),
        (slack.TOOLS["redact"], {"channel": ("#ops", OWNERS)}, ("channel:#ops",), "hold for-good"),
        (teams.TOOLS["redact"], {"channel": ("#ops", OWNERS)}, ("channel:#ops",), "permit grant"),
        (
            matrix.TOOLS["direct"],
            {"person": ("@eve:example.org", READ), "text": ("x", PRIVATE)},
            ("person:*",),
            "refuse private-to-unnamed",
        ),
        (web.FETCH, PAGE, ("host:example.org",), "permit grant"),
        (web.FETCH, PAGE | {"path": ("/?q=secret", FOREIGN)}, ("host:example.org",), "hold tainted-text"),
        (web.FETCH, PAGE | {"host": ("evil.example", FOREIGN)}, ("host:*",), "hold tainted-target"),
        (
            web.FETCH,
            {"host": ("evil.example", READ), "path": ("/?q=secret", PRIVATE)},
            ("host:*",),
            "refuse private-to-unnamed",
        ),
    ],
)
def test_a_call_is_judged_by_its_manifest(
    tool: Tool, given: dict[str, tuple[Any, Label]], to: tuple[str, ...], answer: str
) -> None:
    assert said(tool, given, *to) == answer
