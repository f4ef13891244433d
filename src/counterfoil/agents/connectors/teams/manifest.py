"""What each tool of Teams does to the world, and how far its answers can be trusted."""

from collections.abc import Mapping
from types import MappingProxyType

from counterfoil.terms.label import Integrity, Secrecy
from counterfoil.terms.tool import ArgumentRole, ArgumentSpec, ConnectorId, EffectClass, Tool

TEAMS = ConnectorId("teams")
CHANNEL = ArgumentSpec(role=ArgumentRole.DESTINATION, kind="channel")
SHARED = ArgumentSpec(role=ArgumentRole.DESTINATION, kind="shared-channel")
PERSON = ArgumentSpec(role=ArgumentRole.DESTINATION, kind="person")
EVERYONE = ArgumentSpec(role=ArgumentRole.DESTINATION, kind="everyone")
MESSAGE = ArgumentSpec(role=ArgumentRole.SELECTOR)
TEXT = ArgumentSpec(role=ArgumentRole.TEXT)
CLOSED = ArgumentSpec(role=ArgumentRole.TYPED)
SAYS = {"message": MESSAGE, "text": TEXT, "mention": PERSON, "everyone": EVERYONE}


def _reads(name: str, arguments: Mapping[str, ArgumentSpec], typed: tuple[str, ...], why: str) -> Tool:
    return Tool(
        connector=TEAMS,
        name=name,
        effect=EffectClass.READ,
        reversible=True,
        arguments=arguments,
        output=Integrity.UNTRUSTED,
        secrecy=Secrecy.PRIVATE,
        typed=typed,
        why=why,
    )


def _does(
    name: str, effect: EffectClass, arguments: Mapping[str, ArgumentSpec], why: str, *, reversible: bool
) -> Tool:
    return Tool(
        connector=TEAMS,
        name=name,
        effect=effect,
        reversible=reversible,
        arguments=arguments,
        output=Integrity.TYPED,
        secrecy=Secrecy.INTERNAL,
        why=why,
    )


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
        {"channel": CHANNEL, "message": MESSAGE, "text": TEXT},
        "Others read new words in place of the old, which Graph does not give back; only own messages.",
        reversible=False,
    ),
    _does(
        "redact",
        EffectClass.DELETE,
        {"channel": CHANNEL, "message": MESSAGE},
        "It is taken from sight, and Graph can bring it back (undoSoftDelete); only own messages are taken.",
        reversible=True,
    ),
)
TOOLS: Mapping[str, Tool] = MappingProxyType({tool.name: tool for tool in _TOOLS})
