"""What the server and the agents' process say to each other: messages, and the frames they travel in."""

import socket
import struct
from collections.abc import Mapping
from typing import Any

import msgspec

from counterfoil.terms.agent import Ceiling, Stop
from counterfoil.terms.ask import Role
from counterfoil.terms.error import CounterfoilError, SourceError, StoreError, ToolError
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.usage import Usage
from counterfoil.terms.work import Fate, Work

AGENTS_SOCKET = "agents.sock"
"""Where the server listens for the agents' process, in its data directory."""
RELEASE = 2
"""Of what is said here; two sides of different releases do not talk."""
HEAD = struct.Struct(">I")
"""The length of a frame."""
MOST_BYTES = 4 * 2**20
"""Of one frame: nothing larger is read, whatever its head says."""
SECONDS = 10.0
"""How long a frame that was begun may take, and how long one side may be silent."""
MOST_ROWS = 500
"""Rows that are handed on at a time."""
SIGNED = "counterfoil/agents/v1\n"
"""How a signed state begins, so that it can't be taken for anything else that the key signed."""


class WireError(ToolError):
    """What came over the socket is not what is said here; the connection is closed."""

    def __init__(self, says: str) -> None:
        super().__init__("wire", says, hint="let both sides be of one version of counterfoil")


class Message(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag=True):
    """One message."""


class Hello(Message, frozen=True, kw_only=True):
    """The first word of whoever connects."""

    release: int
    part: str
    """`agents` for the process that runs them, `console` for a person at the command line."""
    process: str = ""
    """By chance; tells one agents' process from another."""


class Welcome(Message, frozen=True, kw_only=True):
    """The first word of the server."""

    release: int
    key: str
    """The verifier key of what it signs."""
    same_user: bool
    """Whether both run as one user of the machine, so that nothing keeps the agents from the data."""


class Beat(Message, frozen=True, kw_only=True):
    """What may be done, and are you there?"""

    nonce: str
    """By chance; the answer has it, so that no older answer can stand for it."""
    owners: tuple[Pseudonym, ...] = ()
    """Of whom the agents' process has agents."""


class State(Message, frozen=True, kw_only=True):
    """The answer, signed."""

    note: str


class Nudge(Message, frozen=True, kw_only=True):
    """Something changed: ask now."""


class Rows(Message, frozen=True, kw_only=True):
    """What agents used, made, and what became of it."""

    number: int
    usage: tuple[Usage, ...] = ()
    work: tuple[Work, ...] = ()
    fates: tuple[Fate, ...] = ()


class Kept(Message, frozen=True, kw_only=True):
    """These rows are durable; whoever sent them may forget them."""

    number: int
    rejected: int = 0
    """Rows that were too old, or of somebody whose data were erased."""


class Later(Message, frozen=True, kw_only=True):
    """These rows can't be kept now; they have to be handed on again."""

    number: int


class Names(Message, frozen=True, kw_only=True):
    """Whose pseudonyms are these identities?"""

    number: int
    identities: tuple[str, ...]


class Asker(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who asks: a person, or nobody but the operator of the machine."""

    who: Pseudonym | None
    roles: tuple[Role, ...] = ()


class Asked(Message, frozen=True, kw_only=True):
    """A question of a page or of the command line, by the name of a method of the office."""

    number: int
    name: str
    asker: Asker
    arguments: Mapping[str, msgspec.Raw]
    secret: str = ""
    """From the command line: of the person who asks; the server replaces it by who that is."""


class Answered(Message, frozen=True, kw_only=True):
    """What came of a question."""

    number: int
    value: msgspec.Raw


class Failed(Message, frozen=True, kw_only=True):
    """Why a question or a first word has no answer."""

    number: int = 0
    code: str
    says: str
    hint: str = ""
    broken: bool = False
    """Whether something went wrong, rather than was refused."""

    @classmethod
    def of(cls, error: CounterfoilError, number: int = 0) -> "Failed":
        """An error as it travels."""
        broken = not isinstance(error, SourceError)
        return cls(number=number, code=error.code, says=error.message, hint=error.hint, broken=broken)

    @property
    def error(self) -> CounterfoilError:
        """The error on the other side."""
        return (StoreError if self.broken else SourceError)(self.code, self.says, hint=self.hint)


AnyMessage = Hello | Welcome | Beat | State | Nudge | Rows | Kept | Later | Names | Asked | Answered | Failed
_ENCODER = msgspec.json.Encoder()
_DECODER: msgspec.json.Decoder[AnyMessage] = msgspec.json.Decoder(AnyMessage)


class OwnerState(msgspec.Struct, frozen=True, kw_only=True):
    """What the directory says of the owner of an agent."""

    here: bool
    """Whether they are in the organisation today."""
    ceilings: tuple[str, ...] = ()
    """Units above them that have a ceiling of their own."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What holds right now, as the server signs it."""

    nonce: str
    at: int
    """The server's time. Unit: seconds since 1970."""
    version: int
    """Of the ceilings; it never goes back. 0 where there are none."""
    digest: str
    ceilings: tuple[Ceiling, ...]
    stops: tuple[Stop, ...]
    owners: Mapping[Pseudonym, OwnerState]


def signed_text(standing: Standing) -> str:
    """What is signed."""
    return f"{SIGNED}{_ENCODER.encode(standing).decode()}\n"


def standing_of(text: str) -> Standing:
    """What was signed.

    Raises: WireError where it is something else.
    """
    if not text.startswith(SIGNED):
        raise WireError("what was signed is no state of agents")
    try:
        return msgspec.json.decode(text.removeprefix(SIGNED), type=Standing)
    except (msgspec.DecodeError, ValueError) as error:
        raise WireError("the state of agents can't be read") from error


def raw(value: Any) -> msgspec.Raw:
    """A value as it travels."""
    return msgspec.Raw(_ENCODER.encode(value))


def written(message: Message) -> bytes:
    """A message with its head.

    Raises: WireError where it is too large.
    """
    body = _ENCODER.encode(message)
    if len(body) > MOST_BYTES:
        raise WireError("that is more than one message can have")
    return HEAD.pack(len(body)) + body


def read(stream: socket.socket) -> AnyMessage | None:
    """The next message; None where the other side is done.

    Raises: WireError where it is none; OSError where the other side is gone, or silent for too long.
    """
    head = _exactly(stream, HEAD.size, may_end=True)
    if not head:
        return None
    (length,) = HEAD.unpack(head)
    if not 0 < length <= MOST_BYTES:
        raise WireError("a frame is larger than any message")
    try:
        return _DECODER.decode(_exactly(stream, length))
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise WireError("a frame holds no message") from error


def _exactly(stream: socket.socket, size: int, *, may_end: bool = False) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        some = stream.recv(min(size - len(parts), 65_536))
        if not some:
            if may_end and not parts:
                return b""
            raise WireError("the other side ended in the middle of a frame")
        parts += some
    return bytes(parts)
