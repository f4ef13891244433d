"""What each tool of Slack does to the world, and how far its answers can be trusted."""

from collections.abc import Mapping
from types import MappingProxyType

from counterfoil.terms.label import Integrity, Secrecy
from counterfoil.terms.tool import ArgumentRole, ArgumentSpec, ConnectorId, EffectClass, Tool

SLACK = ConnectorId("slack")
CHANNEL = ArgumentSpec(role=ArgumentRole.DESTINATION, kind="channel")
SHARED = ArgumentSpec(role=ArgumentRole.DESTINATION, kind="shared-channel")
PERSON = ArgumentSpec(role=ArgumentRole.DESTINATION, kind="person")
EVERYONE = ArgumentSpec(role=ArgumentRole.DESTINATION, kind="everyone")
MESSAGE = ArgumentSpec(role=ArgumentRole.SELECTOR)
TEXT = ArgumentSpec(role=ArgumentRole.TEXT)
CLOSED = ArgumentSpec(role=ArgumentRole.TYPED)
SAYS = {"text": TEXT, "mention": PERSON, "everyone": EVERYONE}


def _reads(name: str, arguments: Mapping[str, ArgumentSpec], typed: tuple[str, ...], why: str) -> Tool:
    return Tool(
        connector=SLACK,
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
        connector=SLACK,
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
        {"channel": CHANNEL, "message": MESSAGE, **SAYS},
        "Many read it at once, all of them inside, else it is refused; it can be deleted.",
        reversible=True,
    ),
    _does(
        "post_shared",
        EffectClass.POST,
        {"channel": SHARED, "message": MESSAGE, **SAYS},
        "Another organisation reads the channel (Slack Connect), so its destination is of another kind.",
        reversible=True,
    ),
    _does(
        "react",
        EffectClass.POST,
        {"channel": CHANNEL, "message": MESSAGE, "reaction": CLOSED},
        "Everybody in the channel sees it; its words are closed.",
        reversible=True,
    ),
    _does(
        "edit",
        EffectClass.CHANGE,
        {"channel": CHANNEL, "message": MESSAGE, "text": TEXT},
        "Others read new words in place of the old, which Slack does not give back; only own messages.",
        reversible=False,
    ),
    _does(
        "redact",
        EffectClass.DELETE,
        {"channel": CHANNEL, "message": MESSAGE},
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
