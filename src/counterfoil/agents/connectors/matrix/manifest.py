"""What each tool of Matrix does to the world, and how far its answers can be trusted."""

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

MATRIX = ConnectorId("matrix")
ROOM, SHARED = place("room"), place("shared-room")
_reads, _does = partial(chat_reads, MATRIX), partial(chat_does, MATRIX)
_TOOLS = (
    _reads(
        "rooms",
        {},
        ("rooms.*.id", "rooms.*.encrypted"),
        "Whoever may rename a room writes its name; its id and its encryption come from our own server.",
    ),
    _reads(
        "read",
        {"room": ROOM, "limit": CLOSED},
        ("messages.*.id", "messages.*.redacted"),
        "Members of a room write its messages and their own names; the server itself gives each its id.",
    ),
    _reads(
        "read_shared",
        {"room": SHARED, "limit": CLOSED},
        ("messages.*.redacted",),
        "As `read`, where somebody of another server writes along, who in old rooms chooses ids too.",
    ),
    _does(
        "post",
        EffectClass.POST,
        {"room": ROOM, "message": CHOSEN, **SAYS},
        "Many read it at once, all of them inside, else it is refused; it can be redacted.",
    ),
    _does(
        "post_shared",
        EffectClass.POST,
        {"room": SHARED, "message": CHOSEN, **SAYS},
        "Somebody of another server, or anybody, can read the room, so its destination is of another kind.",
    ),
    _does(
        "react",
        EffectClass.POST,
        {"room": ROOM, "message": CHOSEN, "reaction": CLOSED},
        "Everybody in the room sees it; its words are closed, since a reaction could be any text.",
    ),
    _does(
        "edit",
        EffectClass.CHANGE,
        {"room": ROOM, "message": CHOSEN, "text": TEXT},
        "Others read new words in place of the old; the server keeps both, and only own messages are taken.",
    ),
    _does(
        "redact",
        EffectClass.DELETE,
        {"room": ROOM, "message": CHOSEN},
        "The server forgets what was said, and nobody can bring it back; only own messages are taken.",
        reversible=False,
    ),
    _does(
        "direct",
        EffectClass.SEND,
        {"person": PERSON, "text": TEXT},
        "One named person reads it, in a room where nobody else is; it can be redacted.",
    ),
)
TOOLS: Mapping[str, Tool] = MappingProxyType({tool.name: tool for tool in _TOOLS})
