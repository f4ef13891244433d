"""The fields of a transcript line that are read; all others are passed over undecoded."""

from datetime import datetime
from typing import Annotated

import msgspec

from counterfoil.collect.reading import MAX_COUNT, NONE

Count = Annotated[int, msgspec.Meta(ge=0, le=MAX_COUNT)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Struct(msgspec.Struct, gc=False):
    """A part of a line; fields keep the client's own names."""


class Origin(Struct):
    """When and where a line was written, as every line states it."""

    type: str = ""
    timestamp: datetime | None = None
    sessionId: str | None = None
    uuid: str | None = None
    cwd: str | None = None
    gitBranch: str | None = None
    version: str | None = None
    isSidechain: bool | None = None


class CacheCreation(Struct):
    """Cache writes by lifetime."""

    ephemeral_5m_input_tokens: int | None = None
    ephemeral_1h_input_tokens: int | None = None


class Iteration(Struct):
    """One model call inside a request; only an advisor's is billed apart."""

    type: str = ""
    model: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_creation: CacheCreation | None = None


class Claim(Struct):
    """The usage object of a message."""

    input_tokens: int
    output_tokens: int
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_creation: CacheCreation | None = None
    iterations: list[Iteration] | None = None


class Message(Struct):
    """A message of the model with what it used."""

    id: str | None = None
    model: str | None = None
    stop_reason: str | None = None
    usage: Claim | None = None


class Inner(Struct):
    """What a subagent's progress line repeats."""

    message: Message | None = None
    timestamp: datetime | None = None
    uuid: str | None = None


class Progress(Struct):
    """The payload of a progress line."""

    message: Inner | None = None


class Line(Origin):
    """One line, as far as usage goes."""

    isApiErrorMessage: bool | None = None
    costUSD: float | None = None
    message: Message | None = None
    data: Progress | None = None


class PlainCreation(Struct):
    """Cache writes by lifetime, as sound clients state them."""

    ephemeral_5m_input_tokens: Count = 0
    ephemeral_1h_input_tokens: Count = NONE


class PlainClaim(Struct):
    """A usage object in which every count is a credible number."""

    input_tokens: Count
    output_tokens: Count
    cache_creation_input_tokens: Count = 0
    cache_read_input_tokens: Count = 0
    cache_creation: PlainCreation | None = None
    iterations: list[Iteration] | None = None


class PlainMessage(Struct):
    """A message whose usage is plain, or that has none."""

    id: str | None = None
    model: str | None = None
    stop_reason: str | None = None
    usage: PlainClaim | None = None


class PlainLine(Struct):
    """A line as nearly all are; one that does not fit is decoded again as `Line`, with care."""

    isSidechain: bool | None = None
    message: PlainMessage | None = None
    timestamp: Moment | None = None
    cwd: str | None = None
    sessionId: str | None = None
    version: str | None = None
    gitBranch: str | None = None
    isApiErrorMessage: bool | None = None
    costUSD: float | None = None
    data: Progress | None = None


class Block(Struct):
    """A block of a message's content, as far as evidence goes."""

    type: str = ""
    id: str = ""
    name: str = ""
    input: msgspec.Raw = msgspec.Raw()
    tool_use_id: str = ""
    is_error: bool | None = None
    content: msgspec.Raw = msgspec.Raw()


class Spoken(Struct):
    """A message with its content."""

    content: str | list[Block] | None = None


class SpokenInner(Struct):
    """What a subagent's progress line repeats, with content."""

    message: Spoken | None = None
    timestamp: datetime | None = None


class SpokenProgress(Struct):
    """The payload of a progress line, with content."""

    message: SpokenInner | None = None


class SpokenLine(Origin):
    """One line, as far as evidence goes."""

    isMeta: bool | None = None
    isCompactSummary: bool | None = None
    message: Spoken | None = None
    data: SpokenProgress | None = None


UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""Everything that decoding a hostile line can raise."""
