"""What an agent is told of a message: what the mailbox vouches for, and the rest as its sender wrote it."""

from typing import Any

from counterfoil.agents.connectors.mail.box import Stored
from counterfoil.agents.connectors.mail.plain import (
    MOST_LISTED,
    head_of,
    is_automatic,
    lists,
    people,
    plain,
    value,
)


def listed(message: Stored) -> dict[str, Any]:
    """One line of a list."""
    head = head_of(message.raw)
    return {
        **_vouched(message),
        "size": message.size,
        "from": value(head, "From"),
        "subject": value(head, "Subject"),
    }


def opened(message: Stored) -> dict[str, Any]:
    """A whole message, as plain text."""
    head = head_of(message.raw)
    said = plain(message.raw, cut=message.cut)
    return {
        **_vouched(message),
        "size": message.size,
        "from": value(head, "From"),
        "from_address": next(iter(people(head, "From")), ""),
        "reply_to": list(people(head, "Reply-To")[:MOST_LISTED]),
        "to": _some(people(head, "To")),
        "cc": _some(people(head, "Cc")),
        "subject": value(head, "Subject"),
        "sent": value(head, "Date"),
        "message_id": value(head, "Message-ID"),
        "list": dict(lists(head)),
        "automatic": is_automatic(head),
        "text": said.text,
        "left_out": list(said.left_out),
        "attachments": [{"name": one.name, "type": one.type, "size": one.size} for one in said.attachments],
    }


def _vouched(message: Stored) -> dict[str, Any]:
    return {
        "id": message.id,
        "folder": message.folder,
        "at": message.at.isoformat(),
        "flags": list(message.flags),
    }


def _some(addresses: tuple[str, ...]) -> list[str]:
    more = len(addresses) - MOST_LISTED
    return [*addresses[:MOST_LISTED], *([f"and {more:,} more"] if more > 0 else [])]
