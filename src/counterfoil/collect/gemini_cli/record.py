"""The parts of a chat that are read; everything else is passed over undecoded."""

from collections.abc import Iterator
from typing import Any

import msgspec

CHATS = "chats"
"""The folder that chats lie in."""


class Origin(msgspec.Struct, array_like=True):
    """Which project a chat belongs to, as far as the chat itself says."""

    project: str = ""
    """SHA-256 of the project's directory, in hex."""
    directory: str = ""


class Message(msgspec.Struct):
    """One message of a chat; only the model's carry tokens."""

    id: Any = None
    type: Any = None
    timestamp: Any = None
    model: Any = None
    tokens: Any = None
    toolCalls: Any = None
    """Named as the client names it."""


class Changed(msgspec.Struct):
    """What a `$set` line replaces."""

    messages: list[msgspec.Raw] | None = None
    directories: Any = None
    sessionId: Any = None


class Line(msgspec.Struct):
    """A line of a chat, or the whole of an older one: facts of the session, a message, or a change."""

    sessionId: Any = None
    projectHash: Any = None
    startTime: Any = None
    kind: Any = None
    directories: Any = None
    id: Any = None
    type: Any = None
    messages: list[msgspec.Raw] | None = None
    change: Changed | None = msgspec.field(default=None, name="$set")


BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
line_of = msgspec.json.Decoder(Line).decode
message_of = msgspec.json.Decoder(Message).decode


def messages_in(line: Line, text: bytes) -> Iterator[msgspec.Raw]:
    """The undecoded messages that a line holds."""
    yield from line.messages or ()
    if line.change is not None:
        yield from line.change.messages or ()
    if isinstance(line.id, str) and isinstance(line.type, str):
        yield msgspec.Raw(text)
