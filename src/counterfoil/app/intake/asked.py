"""One request over HTTP: what its head says, whether it may come in, and its body within its limits."""

from dataclasses import dataclass, field

from counterfoil.app.intake.answers import JSON, PROTOBUF, Answer, failure, success
from counterfoil.app.intake.senders import Sender, Senders
from counterfoil.app.intake.taking import Export, Outcome, Taken
from counterfoil.collect.otlp.decoded import Malformed
from counterfoil.collect.otlp.read import Signal, TooLarge, unpacked
from counterfoil.terms.error import CounterfoilError

MOST_BODY = 20 * 2**20
"""Bytes of a body, packed or not."""
MOST_WAITING = 96 * 2**20
"""Bytes of all bodies that are read or wait: more is sent back to be tried again."""
MOST_HEAD = 64 * 2**10
"""Bytes of a request's head."""
RETRY = 5
PATHS = {f"/v1/{signal}".encode(): signal for signal in Signal}
BUSY = "too much is waiting; try again"
TOO_LARGE = f"the body is larger than {MOST_BODY} bytes"


class Refused(Exception):
    """A request that gets no further; its answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


@dataclass(slots=True)
class Room:
    """How many bytes of bodies are held at a time, by all requests together."""

    held: int = 0


@dataclass(slots=True)
class Held:
    """The bytes that are held for one request."""

    room: Room
    size: int = 0

    def more(self, size: int) -> bool:
        """Hold so many more; False where there is no room for them."""
        if self.room.held + size > MOST_WAITING:
            return False
        self.room.held += size
        self.size += size
        return True

    def release(self) -> None:
        """Hold nothing any more."""
        self.room.held -= self.size
        self.size = 0


@dataclass(slots=True)
class Asked:
    """A request as it comes in."""

    since: float
    """When it began, by the loop's clock."""
    held: Held
    path: bytes = b""
    headers: dict[bytes, bytes] = field(default_factory=dict)
    head: int = 0
    """Bytes of its head so far."""
    parts: list[bytes] = field(default_factory=list)
    is_whole: bool = False
    keeps: bool = True
    """Whether more may come over the same connection."""
    signal: Signal = Signal.LOGS
    sender: Sender = field(default_factory=Sender)
    refused: Answer | None = None
    answer: Answer | None = None

    @property
    def content(self) -> str:
        """The type of its body."""
        return self.headers.get(b"content-type", b"").partition(b";")[0].strip().lower().decode("latin-1")

    @property
    def kind(self) -> str:
        """The type of its answer."""
        return content if (content := self.content) in {JSON, PROTOBUF} else PROTOBUF

    @property
    def length(self) -> int | None:
        """How long its body says it is."""
        said = self.headers.get(b"content-length")
        return int(said) if said is not None and said.isdigit() else None

    def may_come(self, method: bytes, senders: Senders) -> None:
        """Look at its head.

        Raises: Refused.
        """
        signal = PATHS.get(self.path.partition(b"?")[0])
        if signal is None:
            raise Refused(failure(404, "there is /v1/logs, /v1/traces and /v1/metrics", self.kind))
        if method != b"POST":
            raise Refused(failure(405, "telemetry is posted", self.kind))
        if self.content not in {JSON, PROTOBUF}:
            raise Refused(failure(415, f"send {PROTOBUF} or {JSON}", self.kind))
        sender = senders.of(self.headers.get(b"authorization", b"").decode("latin-1"))
        if sender is None:
            raise Refused(failure(401, "no token of that name may send; My record makes one", self.kind))
        if (self.length or 0) > MOST_BODY:
            raise Refused(failure(413, TOO_LARGE, self.kind))
        self.signal, self.sender = signal, sender

    def more(self, part: bytes) -> None:
        """Another part of its body.

        Raises: Refused.
        """
        if self.held.size + len(part) > MOST_BODY:
            raise Refused(failure(413, TOO_LARGE, self.kind))
        if not self.held.more(len(part)):
            raise Refused(failure(503, BUSY, self.kind, retry_after=RETRY))
        self.parts.append(part)

    def export(self) -> Export:
        """The whole request.

        Raises: Refused.
        """
        packed = self.parts[0] if len(self.parts) == 1 else b"".join(self.parts)
        self.parts = []
        encoding = self.headers.get(b"content-encoding", b"").strip().lower().decode("latin-1")
        try:
            body = unpacked(packed, encoding, most=MOST_BODY)
        except TooLarge as error:
            raise Refused(failure(413, TOO_LARGE, self.kind)) from error
        except Malformed as error:
            raise Refused(failure(400, error.message, self.kind)) from error
        if not self.held.more(len(body) - len(packed)):
            raise Refused(failure(503, BUSY, self.kind, retry_after=RETRY))
        return Export(self.signal, self.content == JSON, body, self.sender)

    def answered(self, outcome: Outcome) -> Answer:
        """What its sender is told."""
        if isinstance(outcome, Taken):
            return success(self.signal, outcome, self.kind)
        if isinstance(outcome, Malformed):
            return failure(400, outcome.message, self.kind)
        if isinstance(outcome, CounterfoilError):
            return failure(503, outcome.message, self.kind, retry_after=RETRY)
        return failure(500, "internal error", self.kind)
