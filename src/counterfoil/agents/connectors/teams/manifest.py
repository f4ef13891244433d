"""What each tool of Teams does to the world, and how far its answers can be trusted."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

from counterfoil.agents.connectors.declared import CHOSEN, CLOSED, TEXT, chat_does, chat_reads, place
from counterfoil.agents.connectors.declared import SAYS as SAID
from counterfoil.terms.tool import ConnectorId, EffectClass, Tool

TEAMS = ConnectorId("teams")
CHANNEL, SHARED = place("channel"), place("shared-channel")
SAYS = {"message": CHOSEN, **SAID}
_reads, _does = partial(chat_reads, TEAMS), partial(chat_does, TEAMS)
_TOOLS = (
    _reads(
        "channels",
        {},
        ("channels.*.id",),
        "Members name teams and channels; Microsoft gives each its id.",
    ),
    _reads(
        "read",
        {"channel": CHANNEL, "limit": CLOSED},
        ("messages.*.id", "messages.*.sender"),
        "Members and apps write the messages; Microsoft gives ids to messages and to their authors.",
    ),
    _reads(
        "read_shared",
        {"channel": SHARED, "limit": CLOSED},
        ("messages.*.id", "messages.*.sender"),
        "As `read`, where guests or another organisation write along.",
    ),
    _does(
        "post",
        EffectClass.POST,
        {"channel": CHANNEL, **SAYS},
        "Many read it at once, all of them inside, else it is refused; it can be deleted and brought back.",
        reversible=True,
    ),
    _does(
        "post_shared",
        EffectClass.POST,
        {"channel": SHARED, **SAYS},
        "Guests or another organisation read the channel, so its destination is of another kind.",
        reversible=True,
    ),
    _does(
        "edit",
        EffectClass.CHANGE,
        {"channel": CHANNEL, "message": CHOSEN, "text": TEXT},
        "Others read new words in place of the old, which Graph does not give back; only own messages.",
        reversible=False,
    ),
    _does(
        "redact",
        EffectClass.DELETE,
        {"channel": CHANNEL, "message": CHOSEN},
        "It is taken from sight, and Graph can bring it back (undoSoftDelete); only own messages are taken.",
        reversible=True,
    ),
)
TOOLS: Mapping[str, Tool] = MappingProxyType({tool.name: tool for tool in _TOOLS})
