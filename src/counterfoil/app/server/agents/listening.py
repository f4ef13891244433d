"""The socket on which the agents' process and the command line come in; nothing else of agents is open."""

import os
import pwd
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread

from counterfoil.agents.link import connected, reachable, user_of
from counterfoil.agents.wire import (
    RELEASE,
    SECONDS,
    Failed,
    Hello,
    Message,
    Nudge,
    Welcome,
    WireError,
    read,
    written,
)
from counterfoil.app.server.agents.talk import Talk
from counterfoil.app.server.desk import Desk
from counterfoil.terms.error import CounterfoilError, SourceError, StoreError

MOST_AT_ONCE = 16
"""Connections; more are closed at once."""
REFUSED = "counterfoil_agents_refused_total"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the socket is, and as which user the agents' process comes in."""

    path: Path
    user: str = ""
    """Empty where it is the server's own."""

    def uid(self) -> int:
        """The number of that user.

        Raises: SourceError where there is none.
        """
        return os.getuid() if not self.user else self._known().pw_uid

    def gid(self) -> int:
        """The group that may open the socket; none to be changed where it is the same user."""
        return -1 if not self.user else self._known().pw_gid

    def _known(self) -> pwd.struct_passwd:
        try:
            return pwd.getpwnam(self.user)
        except KeyError as error:
            hint = "name a user of this machine with --agents-account, or leave it out"
            raise SourceError("no-such-user", f"nobody is called {self.user} here", hint=hint) from error


@dataclass(slots=True, eq=False)
class Connection:
    """One side that came in."""

    stream: socket.socket
    uid: int
    part: str = ""
    _sending: Lock = field(default_factory=Lock)
    worker: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "agents-rows"))
    """What waits for the desk is done beside heartbeats, one after the other."""

    def send(self, message: Message) -> None:
        """Send a message.

        Raises: OSError where the other side is gone.
        """
        data = written(message)
        with self._sending:
            self.stream.sendall(data)

    def cut(self) -> None:
        """End it."""
        with suppress(OSError):
            self.stream.shutdown(socket.SHUT_RDWR)


class AgentsSocket:
    """Lets in who may, one agents' process at a time."""

    def __init__(self, desk: Desk, talk: Talk, place: Place) -> None:
        self._desk, self._talk, self._place = desk, talk, place
        self._uid = place.uid()
        self._lock = Lock()
        self._open: set[Connection] = set()
        self._agents: Connection | None = None
        self._ended = False
        self._bound = self._listening()
        self._thread = Thread(target=self._accept, name="agents", daemon=True)
        self._thread.start()
        talk.nudge = self.nudge

    @property
    def path(self) -> Path:
        """Where it is."""
        return self._place.path

    def nudge(self) -> None:
        """Let the agents' process ask at once what holds."""
        agents = self._agents
        if agents is not None:
            with suppress(OSError):
                agents.send(Nudge())

    def close(self) -> None:
        """Let nobody in any more, and end what is open."""
        self._ended = True
        with suppress(OSError):
            self._bound.shutdown(socket.SHUT_RDWR)
        self._bound.close()
        with suppress(OSError):
            self._place.path.unlink(missing_ok=True)
        with self._lock:
            some = list(self._open)
        for connection in some:
            connection.cut()
        self._thread.join()
        until = time.monotonic() + SECONDS
        while self._open and time.monotonic() < until:
            time.sleep(0.01)

    def _listening(self) -> socket.socket:
        path = self._place.path
        if path.is_socket():
            with suppress(StoreError):
                connected(path).close()
                hint = "stop the other server, or name another socket with --agents-socket"
                raise SourceError("socket-in-use", f"another server answers at {path}", hint=hint)
            path.unlink(missing_ok=True)
        bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        mask = os.umask(0o117)
        try:
            with reachable(path) as name:
                bound.bind(name)
                if (group := self._place.gid()) != -1:
                    os.chown(name, -1, group)
            bound.listen(MOST_AT_ONCE)
        except OSError as error:
            bound.close()
            hint = "name a file in a folder that you can write, with --agents-socket"
            raise StoreError("socket-unusable", f"{path}: {error.strerror}", hint=hint) from error
        finally:
            os.umask(mask)
        return bound

    def _accept(self) -> None:
        while not self._ended:
            try:
                stream, _ = self._bound.accept()
            except OSError:
                return
            if len(self._open) >= MOST_AT_ONCE:
                stream.close()
                continue
            stream.settimeout(SECONDS)
            connection = Connection(stream, user_of(stream))
            with self._lock:
                self._open.add(connection)
            Thread(target=self._serve, args=(connection,), name="agents-connection", daemon=True).start()

    def _serve(self, connection: Connection) -> None:
        try:
            self._let_in(connection)
            while (told := read(connection.stream)) is not None:
                self._talk.take(connection, told)
        except WireError:
            self._desk.counters.count(REFUSED, why="garbage")
        except CounterfoilError as error:
            self._desk.counters.count(REFUSED, why=error.code)
            with suppress(OSError):
                connection.send(Failed.of(error))
        except OSError:
            pass
        finally:
            with self._lock:
                if self._agents is connection:
                    self._agents = None
                    self._talk.left(connection)
            connection.cut()
            # What is at the desk comes to its end before anybody takes the desk away.
            connection.worker.shutdown(cancel_futures=True)
            connection.stream.close()
            with self._lock:
                self._open.discard(connection)

    def _let_in(self, connection: Connection) -> None:
        """Hear the first word.

        Raises: SourceError where this user may not say it, or another agents' process is in already.
        """
        first = read(connection.stream)
        if not isinstance(first, Hello) or first.part not in {"agents", "console"}:
            raise WireError("the first word is no greeting")
        if first.release != RELEASE:
            hint = "let the server and the agents' process be of one version of counterfoil"
            raise SourceError("another-version", "the two sides do not speak the same words", hint=hint)
        may = {self._uid} if first.part == "agents" else {0, os.getuid()}
        if connection.uid not in may:
            hint = "name the user of the agents' process with --agents-account"
            raise SourceError("another-user", "this user of the machine may not come in here", hint=hint)
        connection.part = first.part
        if first.part == "agents":
            with self._lock:
                if self._agents is not None:
                    hint = "stop it first; there is one agents' process to a server"
                    raise SourceError("agents-taken", "another agents' process is connected", hint=hint)
                self._agents = connection
        same = self._uid == os.getuid()
        connection.send(Welcome(release=RELEASE, key=self._talk.key, same_user=same))
        if first.part == "agents":
            self._talk.came(connection)
