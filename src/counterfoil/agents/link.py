"""The agents' end of the one socket: asks what holds, hands rows on, and answers what pages ask."""

import os
import socket
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from threading import Condition, Lock, Thread

import msgspec

from counterfoil.agents.hearing import Hearing
from counterfoil.agents.outbox import Outbox
from counterfoil.agents.wire import (
    RELEASE,
    SECONDS,
    Answered,
    AnyMessage,
    Asked,
    Beat,
    Failed,
    Hello,
    Kept,
    Later,
    Message,
    Names,
    Nudge,
    State,
    Welcome,
    WireError,
    read,
    written,
)
from counterfoil.ledger.verify import Unverified
from counterfoil.terms.error import CounterfoilError, SourceError, StoreError
from counterfoil.terms.ids import Pseudonym

BEAT_SECONDS = 1.0
FIRST_WAIT, LONGEST_WAIT = 0.2, 2.0
"""Seconds until it is tried again to connect."""
AT_ONCE = 4
"""Questions of pages that are answered at a time."""
CREDENTIALS = struct.Struct("3i")
"""Process, user and group of the other side, as Linux says them."""
Answering = Callable[[Asked], msgspec.Raw]


def user_of(stream: socket.socket) -> int:
    """As which user of this machine the other side of a socket runs.

    Source: unix(7), SO_PEERCRED, read 2026-11-26.
    """
    told = stream.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
    return int(CREDENTIALS.unpack(told)[1])


@contextmanager
def reachable(path: Path) -> Iterator[str]:
    """A name for a socket that is short enough, however deep its folder lies."""
    folder = os.open(path.absolute().parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def connected(path: Path) -> socket.socket:
    """A connection to the server's socket.

    Raises: StoreError where nobody answers there.
    """
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    stream.settimeout(SECONDS)
    try:
        with reachable(path) as name:
            stream.connect(name)
    except OSError as error:
        stream.close()
        hint = "start it with: counterfoil serve --data DIR; and name its socket with --socket"
        raise StoreError(
            "no-server-here", f"nobody answers at {path}: {error.strerror}", hint=hint
        ) from error
    return stream


class Link:
    """One connection at a time, made again whenever it ends; what pages ask is answered beside it."""

    def __init__(
        self,
        path: Path,
        hearing: Hearing,
        outbox: Outbox,
        answer: Answering,
        *,
        owners: Callable[[], Sequence[Pseudonym]] = tuple,
    ) -> None:
        """`answer` answers what pages ask; `owners` are those who have agents here."""
        self._path, self._hearing, self._outbox = path, hearing, outbox
        self._answer, self._owners = answer, owners
        self._process = token_hex(8)
        self._stream: socket.socket | None = None
        self._sending = Lock()
        self._woken = Condition()
        self._is_woken = self._ended = False
        self._number, self._waiting = 0, dict[int, "Future[AnyMessage]"]()
        self._answering = ThreadPoolExecutor(AT_ONCE, "office")
        self._thread = Thread(target=self._run, name="link", daemon=True)
        self.same_user = False
        """Whether the server runs as the same user of the machine."""
        self.refused: CounterfoilError | None = None
        """Why the server did not let it in the last time."""
        outbox.put_one = self.wake

    def start(self) -> None:
        """Connect, and go on until it is closed."""
        self._thread.start()

    def close(self) -> None:
        """End the connection."""
        self._ended = True
        self._cut()
        self.wake()
        self._thread.join()
        self._answering.shutdown(cancel_futures=True)

    def wake(self) -> None:
        """Ask, and hand on what waits, at once."""
        with self._woken:
            self._is_woken = True
            self._woken.notify()

    def pseudonyms(self, identities: Sequence[str]) -> Sequence[Pseudonym]:
        """The pseudonym of each identity; it waits for the server.

        Raises: StoreError where the server can't say.
        """
        answered: Future[AnyMessage] = Future()
        with self._woken:
            self._number += 1
            number = self._number
            self._waiting[number] = answered
        try:
            self._send(Names(number=number, identities=tuple(identities)))
            told = answered.result(SECONDS)
        except (OSError, TimeoutError) as error:
            hint = "start the server: counterfoil serve --data DIR"
            raise StoreError("server-away", "the server does not answer", hint=hint) from error
        finally:
            self._waiting.pop(number, None)
        if isinstance(told, Answered):
            return msgspec.json.decode(told.value, type=list[Pseudonym])
        if isinstance(told, Failed):
            raise StoreError(told.code, told.says, hint=told.hint)
        raise StoreError("wire", "the server answered something else", hint="start both anew")

    def _run(self) -> None:
        wait = FIRST_WAIT
        while not self._ended:
            try:
                self._stream = connected(self._path)
                self._greet(self._stream)
                wait = FIRST_WAIT
                self._serve(self._stream)
            except (CounterfoilError, OSError, Unverified) as error:
                self.refused = error if isinstance(error, CounterfoilError) else None
            finally:
                self._cut()
                self._hearing.lost()
            self._sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT)

    def _greet(self, stream: socket.socket) -> None:
        """Say who is there, and see that it is the server that was pinned, or pin it.

        Raises: SourceError where it is another one, or none is pinned and it is another user's.
        """
        self._send(Hello(release=RELEASE, part="agents", process=self._process))
        told = read(stream)
        if isinstance(told, Failed):
            raise StoreError(told.code, told.says, hint=told.hint)
        if not isinstance(told, Welcome) or told.release != RELEASE:
            raise WireError("the other side is no server of this version")
        self.same_user = user_of(stream) == os.getuid()
        # Whoever runs as the same user could change what is pinned; of anybody else it has to be said.
        if not self._hearing.key and not self.same_user:
            hint = "start it once with --key, and what counterfoil agent ceiling key --data DIR prints"
            raise SourceError("no-server-pinned", "which server to believe was never said", hint=hint)
        self._hearing.pin(told.key)
        self.refused = None

    def _serve(self, stream: socket.socket) -> None:
        reading = Thread(target=self._read, args=(stream,), name="link-reader", daemon=True)
        reading.start()
        try:
            while not self._ended and reading.is_alive():
                self._send(Beat(nonce=self._hearing.ask(), owners=tuple(self._owners())))
                if self._handed is None and (rows := self._outbox.next()) is not None:
                    self._handed = rows.number
                    self._send(rows)
                self._sleep(BEAT_SECONDS)
        finally:
            self._handed = None
            self._cut()
            reading.join()

    _handed: int | None = None
    """The number of the rows that are on their way."""

    def _read(self, stream: socket.socket) -> None:
        with suppress(OSError, CounterfoilError):
            while (told := read(stream)) is not None:
                self._take(told)
        with suppress(OSError):
            stream.shutdown(socket.SHUT_RDWR)
        self.wake()

    def _take(self, told: AnyMessage) -> None:
        """Do what a message asks for.

        Raises: WireError where it is none that a server sends.
        """
        match told:
            case State():
                with suppress(WireError):  # it is said by the gate's lifeline, which is not live any more
                    self._hearing.hear(told.note)
            case Nudge():
                self.wake()
            case Kept():
                self._outbox.kept(told.number)
                self._handed = None
                self.wake()
            case Asked():
                self._answering.submit(self._answered, told)
            case Later():
                self._handed = None
            case Answered() | Failed():
                if (waiting := self._waiting.get(told.number)) is not None:
                    waiting.set_result(told)
            case _:
                raise WireError("no server sends this")

    def _answered(self, asked: Asked) -> None:
        reply: Message
        try:
            reply = Answered(number=asked.number, value=self._answer(asked))
        except CounterfoilError as error:
            reply = Failed.of(error, asked.number)
        except (LookupError, TypeError, ValueError) as error:
            says = f"this could not be answered ({type(error).__name__})"
            reply = Failed(number=asked.number, code="office", says=says, broken=True)
        with suppress(OSError):
            try:
                self._send(reply)
            except WireError as error:
                self._send(Failed.of(error, asked.number))

    def _send(self, message: Message) -> None:
        stream = self._stream
        if stream is None:
            raise OSError("not connected")
        data = written(message)
        with self._sending:
            stream.sendall(data)

    def _sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        with self._woken:
            while not self._is_woken and (left := until - time.monotonic()) > 0 and not self._ended:
                self._woken.wait(left)
            self._is_woken = False

    def _cut(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            with suppress(OSError):
                stream.shutdown(socket.SHUT_RDWR)
            stream.close()
