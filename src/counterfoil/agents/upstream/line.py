"""One line to a server: ask and wait, tell and forget; and the words for each way in which it ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from counterfoil.agents.connectors.connector import NotDone
from counterfoil.terms.error import ToolError

MOST_ANSWER_BYTES = 4 << 20
METHOD_NOT_FOUND, INVALID_PARAMS, UNSUPPORTED_VERSION = -32601, -32602, -32022
LIST_CHANGED = "notifications/tools/list_changed"
NOT_PASSED_ON = "the gateway does not pass this on"
encode = msgspec.json.Encoder().encode


class Lost(ToolError):
    """The call went out, and nobody knows what became of it."""


class Said(msgspec.Struct):
    """A message of a server, of which only the frame is believed."""

    id: int | str | None = None
    method: str | None = None
    result: msgspec.Raw = msgspec.Raw()
    error: Mapping[str, Any] | None = None


class Answered(NotDone):
    """The server answered that it does not do this."""

    number: int
    data: Any

    def __init__(self, number: int, data: Any = None) -> None:
        super().__init__("server-refused", f"it refuses, with code {number}", hint="ask whoever runs it")
        self.number = number
        self.data = data


_said = msgspec.json.Decoder(Said)


@dataclass(frozen=True, slots=True)
class Request:
    """A message to a server."""

    id: int
    method: str
    params: Mapping[str, Any]
    headers: Mapping[str, str]
    """Besides those of the line itself, where it has headers."""

    def written(self) -> bytes:
        """As JSON."""
        return encode({"jsonrpc": "2.0", "id": self.id, "method": self.method, "params": self.params})


class Line(Protocol):
    """A line to a server, whatever it is made of."""

    stale: bool
    """Whether the server said that its tools are others now; whoever lists them again resets it."""

    @property
    def alive(self) -> bool:
        """Whether it can still be asked."""

    async def ask(self, request: Request, *, seconds: float) -> msgspec.Raw:
        """The result of one request.

        Raises: NotDone where surely nothing happened; Lost where that is open.
        """

    async def tell(self, method: str) -> None:
        """Tell it something that has no answer."""

    def speaks(self, version: str, *, modern: bool) -> None:
        """From now on both speak this revision."""

    async def close(self) -> None:
        """Hang up; what was started for it ends."""


def heard(text: bytes) -> Said:
    """A message as it came.

    Raises: Lost where it is none.
    """
    try:
        return _said.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise garbage() from error


def result_of(said: Said) -> msgspec.Raw:
    """The result in an answer.

    Raises: Answered where it refuses; Lost where it says nothing that can be read.
    """
    if said.error is not None:
        number = said.error.get("code")
        if not isinstance(number, int):
            raise garbage()
        if number in {METHOD_NOT_FOUND, INVALID_PARAMS, UNSUPPORTED_VERSION}:
            raise Answered(number, said.error.get("data"))
        raise Lost("server-failed", f"it failed, with code {number}", hint="look there before asking again")
    if not bytes(said.result):
        raise garbage()
    return said.result


def refusal(to: int | str) -> bytes:
    """What a server is answered that asks something of the client."""
    error = {"code": METHOD_NOT_FOUND, "message": NOT_PASSED_ON}
    return encode({"jsonrpc": "2.0", "id": to, "error": error})


def garbage() -> Lost:
    """It answered what nobody can read."""
    return Lost("server-garbage", "it answered what is no MCP", hint="look there before asking again")


def hung(seconds: float) -> Lost:
    """It did not answer in time."""
    return Lost(
        "server-hung", f"it did not answer in {seconds:g} seconds", hint="look there before asking again"
    )


def too_long() -> Lost:
    """It answered more than is taken."""
    said = f"its answer is longer than {MOST_ANSWER_BYTES >> 20} MB"
    return Lost("answer-too-long", said, hint="ask for less")


def ended() -> Lost:
    """It ended in the middle of a call."""
    return Lost("server-ended", "it ended before it answered", hint="look there before asking again")


def unreachable(why: str) -> NotDone:
    """It was never reached."""
    return NotDone("server-down", f"it can't be reached: {why}", hint="start it, or ask whoever runs it")
