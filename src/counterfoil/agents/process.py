"""The process in which agents live: one folder, one link to the server, and whatever runs between them."""

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import msgspec

from counterfoil.agents.hearing import Hearing
from counterfoil.agents.link import Link
from counterfoil.agents.outbox import Outbox
from counterfoil.agents.wire import Asked
from counterfoil.ledger.verify import Unverified
from counterfoil.terms.error import SourceError, StoreError
from counterfoil.terms.ids import Pseudonym

LOCK = "lock"
OTHERS = 0o077


class Household(Protocol):
    """What lives in the process: the gate, its database, and the runs of agents."""

    def answer(self, asked: Asked) -> msgspec.Raw:
        """What a page asks; whoever may not know it is told so, by an error."""

    def owners(self) -> Sequence[Pseudonym]:
        """Who has agents here."""

    def start(self, process: "Process") -> None:
        """Take up what an earlier process left, then go on with it; the link is there by now."""

    def stop(self) -> None:
        """Begin nothing more, and leave everything so that it can be taken up."""


@dataclass(frozen=True, slots=True)
class Process:
    """What everything in the process shares."""

    folder: Path
    hearing: Hearing
    outbox: Outbox
    link: Link


@contextmanager
def opened(
    folder: Path, socket: Path, household: Callable[[Hearing, Outbox], Household], *, key: str = ""
) -> Iterator[Process]:
    """The process over a folder that is its own, until it is let go of; `key` is the server's, once.

    Nothing waits for the server: until it is heard of, nothing has an effect.

    Raises: StoreError where the folder is open to others, in use, or can't be written; SourceError where
    another server was pinned.
    """
    made_folder(folder)
    with ExitStack() as stack:
        stack.enter_context(_alone(folder))
        hearing = Hearing(folder)
        if key:
            _pin(hearing, key)
        outbox = Outbox(folder)
        stack.callback(outbox.close)
        lived = household(hearing, outbox)
        link = Link(socket, hearing, outbox, lived.answer, owners=lived.owners)
        process = Process(folder, hearing, outbox, link)
        stack.callback(lived.stop)
        link.start()
        stack.callback(link.close)
        lived.start(process)
        yield process


def made_folder(folder: Path) -> None:
    """The agents' folder, made for its owner alone where it is missing.

    Raises: StoreError where it can't be made, or others can look into it.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = folder.stat().st_mode
    except OSError as error:
        hint = "name a folder that you can write, with --agents"
        raise StoreError("agents-folder", f"{folder}: {error.strerror}", hint=hint) from error
    if mode & OTHERS:
        raise StoreError("agents-folder", f"{folder}: others may look in", hint=f"run: chmod 700 {folder}")


def _pin(hearing: Hearing, key: str) -> None:
    try:
        hearing.pin(key)
    except Unverified as error:
        hint = "copy it from: counterfoil agent ceiling key --data DIR"
        raise SourceError("no-verifier-key", str(error), hint=hint) from error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """The folder, for this process alone."""
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            hint = "stop the other one; each agents' process has a folder of its own"
            raise StoreError("agents-in-use", f"another process lives in {folder}", hint=hint) from error
        yield
    finally:
        os.close(lock)
