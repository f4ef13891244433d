"""A server's side of the agents' socket over an invented organisation, and agents' processes beside it."""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from counterfoil.agents.answering import answer
from counterfoil.agents.link import connected
from counterfoil.agents.process import Process, opened
from counterfoil.agents.wire import AGENTS_SOCKET, RELEASE, Asked, Asker, Hello, Welcome, read, written
from counterfoil.app.server.agents.opened import agents_open
from counterfoil.app.server.agents.talk import Talk
from counterfoil.app.server.desk import Desk
from counterfoil.guard.acting.ceilings import example, read_ceilings
from counterfoil.guard.acting.force import sign
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.roles import give
from counterfoil.store.batches import BatchLog
from counterfoil.terms.ask import Role, Viewer
from counterfoil.terms.error import SourceError, StoreError
from counterfoil.terms.ids import Pseudonym
from guard.organisation import gate, people_rows


class Office:
    """Answers two questions, one of them with an error."""

    def doubled(self, asker: Asker, number: int, *, times: int = 2) -> int:
        """A number, so often."""
        return number * times if asker.who else -1

    def refused(self, asker: Asker) -> str:
        """Nothing."""
        raise SourceError("not-yours", "that is somebody else's", hint="ask them")

    def full(self, asker: Asker) -> str:
        """Nothing, for want of room."""
        raise StoreError("agents-database", "no space left on device", hint="make room")


@dataclass
class Household:
    """Nothing lives in it but its office."""

    people: Sequence[Pseudonym] = ()
    started: list[Process] = field(default_factory=list)
    ended: bool = False

    def answer(self, asked: Asked) -> msgspec.Raw:
        return answer(Office(), asked)

    def owners(self) -> Sequence[Pseudonym]:
        return self.people

    def start(self, process: Process) -> None:
        self.started.append(process)

    def stop(self) -> None:
        self.ended = True


@dataclass
class Place:
    """What both sides are made of."""

    folder: Path
    g: Guarded
    desk: Desk
    log: BatchLog
    who: list[Pseudonym]
    talk: Talk = field(init=False)

    @property
    def path(self) -> Path:
        return self.folder / AGENTS_SOCKET

    @contextmanager
    def server(self) -> Iterator[Talk]:
        with agents_open(self.desk, self.log, self.folder, path=None, user="") as self.talk:
            yield self.talk

    @contextmanager
    def agents(self, name: str = "agents", *, key: str = "") -> Iterator[Process]:
        lived = Household(self.who[:2])
        with opened(self.folder / name, self.path, lambda *_: lived, key=key) as process:
            yield process
        assert lived.ended


def made(folder: Path) -> Path:
    """A folder, made."""
    folder.mkdir(mode=0o700)
    return folder


@contextmanager
def place(folder: Path, *, ceiling: str = example()) -> Iterator[Place]:
    """A data directory of today, in which a ceiling is in force."""
    now = datetime.now(UTC)
    with gate(folder, now=now) as g, BatchLog(folder) as log:
        who = people_rows(g, 24)
        give(g, Role.DPO, who[3])
        for by in (Viewer(who=None, role=Role.OPERATOR), Viewer(who=who[3], role=Role.DPO)):
            sign(g, read_ceilings(ceiling), by)
        yield Place(folder, g, Desk(g), log, who)


def greeted(path: Path, part: str = "console") -> socket.socket:
    """A connection of a program that says hello."""
    stream = connected(path)
    stream.sendall(written(Hello(release=RELEASE, part=part)))
    assert isinstance(read(stream), Welcome)
    return stream
