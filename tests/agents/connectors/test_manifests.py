"""Manifests of chat and web: each label justified, written down, and sound where somebody else writes."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from agents.connectors import tenant, workspace
from agents.connectors.homeserver import Homeserver
from counterfoil.agents.connectors.matrix import manifest as matrix
from counterfoil.agents.connectors.matrix.connector import Matrix
from counterfoil.agents.connectors.slack import manifest as slack
from counterfoil.agents.connectors.slack.connector import Slack
from counterfoil.agents.connectors.teams import manifest as teams
from counterfoil.agents.connectors.teams.connector import Teams
from counterfoil.agents.connectors.web import manifest as web
from counterfoil.terms.label import Integrity
from counterfoil.terms.tool import ArgumentRole, EffectClass, Tool

PAGES = Path(__file__).parents[3] / "docs" / "reference" / "connectors"
MANIFESTS: Mapping[str, Mapping[str, Tool]] = {
    "chat.md": {
        f"{m}/{name}": tool
        for m, tools in (("matrix", matrix.TOOLS), ("slack", slack.TOOLS), ("teams", teams.TOOLS))
        for name, tool in tools.items()
    },
    "web.md": {f"web/{name}": tool for name, tool in web.TOOLS.items()},
}
TOOLS = [tool for tools in MANIFESTS.values() for tool in tools.values()]
CANARY = "canary93ac"


def row(tool: Tool) -> str:
    """A tool's line in the page."""
    arguments = ", ".join(f"`{name}`" for name in tool.arguments)
    vouched = "all" if tool.output is Integrity.TYPED else ", ".join(f"`{path}`" for path in tool.typed)
    back = "yes" if tool.reversible else "no"
    return f"| `{tool.id}` | {tool.effect.value} | {back} | {arguments} | {vouched} | {tool.why} |"


@pytest.mark.parametrize("page", MANIFESTS)
def test_every_tool_stands_in_the_page_as_it_is(page: str) -> None:
    lines = (PAGES / page).read_text("utf-8").splitlines()
    written = [line for line in lines if line.startswith("| `") and line.count("|") == 7]
    assert sorted(written) == sorted(map(row, MANIFESTS[page].values()))


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.id)
def test_a_tool_says_where_it_goes_and_why_it_is_labelled_so(tool: Tool) -> None:
    assert tool.why.endswith(".")
    roles = [spec.role for spec in tool.arguments.values()]
    if tool.effect is not EffectClass.READ:
        assert ArgumentRole.DESTINATION in roles
    assert all(spec.kind for spec in tool.arguments.values() if spec.role is ArgumentRole.DESTINATION)
    if tool.effect is EffectClass.READ:
        assert tool.output is Integrity.UNTRUSTED


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value with its path, `*` for items of a list."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, f"{path}.*")
    else:
        yield path, value


def sound(tool: Tool, value: Any) -> None:
    """What somebody else wrote is in the answer, and in no field that the system vouches for."""
    told = list(leaves(value))
    assert any(CANARY in str(leaf) for _, leaf in told)
    assert {path for path, _ in told} >= set(tool.typed)
    assert not [path for path, leaf in told if path in tool.typed and CANARY in str(leaf)]


def test_what_others_write_in_slack_is_vouched_for_nowhere() -> None:
    with workspace.serving() as made:
        made.channels["C0OPS"] = workspace.a_channel(f"ops-{CANARY}", topic={"value": CANARY})
        made.say("C0OPS", CANARY, username=CANARY, bot_id=f"B0 {CANARY}", user=None)  # type: ignore[arg-type]
        made.say("C0SHARED", CANARY)
        client = Slack(lambda: made.token, url=made.url)
        sound(slack.TOOLS["channels"], client.do("channels", {}, "run:1").value)
        sound(slack.TOOLS["read"], client.do("read", {"channel": "C0OPS"}, "run:2").value)
        sound(slack.TOOLS["read_shared"], client.do("read_shared", {"channel": "C0SHARED"}, "run:3").value)
        assert CANARY not in str(client.do("post", {"channel": "C0OPS", "text": "Hello"}, "run:4").value)


def test_what_others_write_in_teams_is_vouched_for_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    user = {**tenant.user_of(tenant.PERSON), "displayName": CANARY}
    with tenant.serving() as made:
        monkeypatch.setattr(
            tenant,
            "channel_of",
            lambda name: {"id": name, "displayName": CANARY, "membershipType": "standard"},
        )
        for channel in (tenant.OPS, tenant.GUESTS):
            made.say(channel, CANARY, subject=CANARY)
            made.messages[channel][0]["from"] = {"user": user, "application": None}
        client = Teams(lambda: made.token, url=made.url)
        sound(teams.TOOLS["channels"], client.do("channels", {}, "run:1").value)
        for tool, channel in (("read", tenant.OPS), ("read_shared", tenant.GUESTS)):
            sound(teams.TOOLS[tool], client.do(tool, {"channel": f"{tenant.TEAM}/{channel}"}, "run:2").value)


def test_what_others_write_in_matrix_is_vouched_for_nowhere(homeserver: Homeserver) -> None:
    agent, person = homeserver.account("reader"), homeserver.account(CANARY)
    made = {"preset": "private_chat", "invite": [agent.name], "name": CANARY, "topic": CANARY}
    room = person("POST", "/createRoom", made)["room_id"]
    agent("POST", f"/join/{room}")
    person.say(room, body=CANARY, formatted_body=f"<b>{CANARY}</b>", **{"org.example.id": CANARY})
    client = Matrix(homeserver.url, lambda: agent.token)
    sound(matrix.TOOLS["rooms"], client.do("rooms", {}, "run:1").value)
    sound(matrix.TOOLS["read"], client.do("read", {"room": room}, "run:2").value)
    sound(matrix.TOOLS["read_shared"], client.do("read_shared", {"room": room}, "run:3").value)
