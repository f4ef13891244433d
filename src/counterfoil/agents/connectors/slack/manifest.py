"""What each tool of Slack does to the world, and how far its answers can be trusted."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

from counterfoil.agents.connectors.declared import (
    CHOSEN,
    CLOSED,
    PERSON,
    SAYS,
    TEXT,
    chat_does,
    chat_reads,
    place,
)
from counterfoil.terms.tool import ConnectorId, EffectClass, Tool

SLACK = ConnectorId("slack")
CHANNEL, SHARED = place("channel"), place("shared-channel")
_reads, _does = partial(chat_reads, SLACK), partial(chat_does, SLACK)
_TOOLS = (
    _reads(
        "channels",
        {},
        ("channels.*.id", "channels.*.shared"),
        "Members name channels; Slack itself gives each its id, and says whether outsiders are in it.",
    ),
    _reads(
        "read",
        {"channel": CHANNEL, "limit": CLOSED},
        ("messages.*.id", "messages.*.sender"),
        "Members and other apps write the messages; Slack itself gives ids to messages and to their authors.",
    ),
    _reads(
        "read_shared",
        {"channel": SHARED, "limit": CLOSED},
        ("messages.*.id", "messages.*.sender"),
        "As `read`, where another organisation writes along.",
    ),
    _does(
        "post",
        EffectClass.POST,
        {"channel": CHANNEL, "message": CHOSEN, **SAYS},
        "Many read it at once, all of them inside, else it is refused; it can be deleted.",
        reversible=True,
    ),
    _does(
        "post_shared",
        EffectClass.POST,
        {"channel": SHARED, "message": CHOSEN, **SAYS},
        "Another organisation reads the channel (Slack Connect), so its destination is of another kind.",
        reversible=True,
    ),
    _does(
        "react",
        EffectClass.POST,
        {"channel": CHANNEL, "message": CHOSEN, "reaction": CLOSED},
        "Everybody in the channel sees it; its words are closed.",
        reversible=True,
    ),
    _does(
        "edit",
        EffectClass.CHANGE,
        {"channel": CHANNEL, "message": CHOSEN, "text": TEXT},
        "Others read new words in place of the old, which Slack does not give back; only own messages.",
        reversible=False,
    ),
    _does(
        "redact",
        EffectClass.DELETE,
        {"channel": CHANNEL, "message": CHOSEN},
        "Slack deletes for good; only own messages are taken.",
        reversible=False,
    ),
    _does(
        "direct",
        EffectClass.SEND,
        {"person": PERSON, "text": TEXT},
        "One named person reads it; guests and people of other organisations are refused; it can be deleted.",
        reversible=True,
    ),
)
TOOLS: Mapping[str, Tool] = MappingProxyType({tool.name: tool for tool in _TOOLS})
