"""The labels are justified, written down, and sound: nothing that a sender chooses is vouched for."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agents.mail.world import Hand, World
from counterfoil.agents.connectors.mail.manifest import REQUIRED, TOOLS
from counterfoil.terms.label import Integrity, Secrecy
from counterfoil.terms.tool import ArgumentRole, EffectClass

PAGE = Path(__file__).parents[3] / "docs/reference/connectors/mail.md"
CANARY = "kanarie"


def test_each_tool_is_on_the_page_as_it_is() -> None:
    rows = dict(re.findall(r"^\| `([a-z_]+)` \| (.*) \|$", PAGE.read_text(), re.M))
    assert sorted(rows) == sorted(TOOLS)
    for name, tool in TOOLS.items():
        effect, arguments, typed, why = rows[name].split(" | ")
        assert effect == tool.effect.value + (
            " (can be taken back)" if tool.reversible and tool.effect.has_effect else ""
        )
        assert re.findall(r"`(\w+)`", arguments) == list(tool.arguments)
        assert tuple(re.findall(r"`([\w.*]+)`", typed)) == tool.typed
        assert why == tool.why


def test_each_label_is_as_strict_as_it_can_be() -> None:
    for name, tool in TOOLS.items():
        assert tool.id == f"mail/{name}"
        assert tool.output is Integrity.UNTRUSTED
        assert tool.why.endswith(".")
        assert len(tool.why) > 40
        assert set(REQUIRED[name]) <= set(tool.arguments)
        if not tool.effect.has_effect:
            assert tool.secrecy is Secrecy.PRIVATE
        for field in ("to", "cc", "bcc"):
            if spec := tool.arguments.get(field):
                assert (spec.role, spec.kind) == (ArgumentRole.DESTINATION, "mail")
        for field in ("subject", "body", "text", "sender"):
            if spec := tool.arguments.get(field):
                assert spec.role is ArgumentRole.TEXT
    sends = [tool for tool in TOOLS.values() if tool.effect is EffectClass.SEND]
    assert all({"to", "cc", "bcc", "subject", "body"} <= set(tool.arguments) for tool in sends)
    assert not any(tool.reversible for tool in sends)
    assert not any(tool.effect is EffectClass.DELETE for tool in TOOLS.values())
    assert not any("attach" in argument for tool in TOOLS.values() for argument in tool.arguments)


def at(value: Any, path: str) -> Iterator[Any]:
    """What a dotted path with `*` finds."""
    first, _, rest = path.partition(".")
    inside = value if first == "*" else [value[first]]
    for one in inside:
        yield from at(one, rest) if rest else [one]


def hostile() -> bytes:
    """Each thing in a mail that its sender chooses has the canary."""
    head = "".join(
        f"{name}: {CANARY}-{name.lower()} <{CANARY}@evil.example>\r\n"
        for name in (
            "From",
            "To",
            "Cc",
            "Reply-To",
            "Sender",
            "Return-Path",
            "X-Counterfoil",
            "Subject",
            "Date",
        )
    )
    head += f"Message-ID: <{CANARY}@evil.example>\r\nIn-Reply-To: <{CANARY}@x.example>\r\n"
    head += f"List-Id: {CANARY}\r\nX-Keywords: {CANARY}\r\nStatus: {CANARY}\r\n"
    head += "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n"
    part = f"--b\r\nContent-Type: text/plain\r\n\r\n{CANARY}\r\n"
    part += f"--b\r\nContent-Type: image/png; name={CANARY}\r\n\r\nx\r\n"
    return f"{head}\r\n{part}--b--\r\n".encode()


def test_labels_are_sound(hand: Hand, world: World) -> None:
    """No typed path reaches the canary; that it comes out elsewhere shows that the test can see."""
    world.arrive(hostile())
    (listed,) = hand.inbox()
    calls: list[tuple[str, dict[str, Any]]] = [
        ("folders", {}),
        ("messages", {"folder": world.inbox}),
        ("search", {"folder": world.inbox, "sender": "evil.example"}),
        ("read", {"id": listed["id"]}),
        ("draft", {"to": [f"{CANARY}@evil.example"], "subject": CANARY, "body": CANARY}),
        (
            "draft_reply",
            {"id": listed["id"], "to": [f"{CANARY}@evil.example"], "subject": CANARY, "body": CANARY},
        ),
        ("send", {"to": [f"{CANARY}@evil.example"], "subject": CANARY, "body": CANARY}),
        ("mark", {"id": listed["id"], "flag": "flagged", "on": True}),
        ("move", {"id": listed["id"], "folder": world.invoices}),
    ]
    seen = 0
    for tool, asked in calls:
        answer = hand.do(tool, **asked)
        seen += CANARY in str(answer.value)
        for path in TOOLS[tool].typed:
            assert not [one for one in at(answer.value, path) if CANARY in str(one)], (tool, path)
        assert CANARY not in answer.ref
    assert seen == 3


def test_what_needs_what_is_in_the_manifest() -> None:
    assert set(REQUIRED) == set(TOOLS)
