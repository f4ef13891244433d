"""Opens the socket to the agents' process beside a server, and signs what it says with a key of its own."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from counterfoil.agents.wire import AGENTS_SOCKET
from counterfoil.app.directory import AGENTS_KEY, signing_key
from counterfoil.app.server.agents.listening import AgentsSocket, Place
from counterfoil.app.server.agents.state import State
from counterfoil.app.server.agents.talk import Talk
from counterfoil.app.server.desk import Desk
from counterfoil.ledger.sign import SignerKey
from counterfoil.store.batches import BatchLog


def agents_key(data: Path) -> SignerKey:
    """The key that signs what agents may do, made where it is missing.

    Raises: StoreError where it can't be read or written.
    """
    name = f"counterfoil.local/agents-{secrets.token_hex(4)}"
    return signing_key(data / AGENTS_KEY, name=name, make=True)


@contextmanager
def agents_open(desk: Desk, log: BatchLog, data: Path, *, path: Path | None, user: str) -> Iterator[Talk]:
    """The socket, until it is closed.

    Raises: StoreError where it can't be listened on; SourceError where there is no such user.
    """
    talk = Talk(desk, log, State(desk, agents_key(data)))
    place = Place(path or data / AGENTS_SOCKET, user)
    listening = AgentsSocket(desk, talk, place)
    talk.path = place.path
    talk.same_user = place.uid() == Place(place.path).uid()
    try:
        yield talk
    finally:
        listening.close()
