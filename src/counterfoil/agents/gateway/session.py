"""One client under one credential: what it has read, what it waits for, how often it asks."""

import itertools
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from secrets import token_hex

from counterfoil.agents.gateway.asking import Trace
from counterfoil.agents.gateway.credential import Credential, Credentials
from counterfoil.agents.gateway.manifest import Client, Manifest
from counterfoil.agents.gateway.rate import Rate
from counterfoil.agents.gateway.seen import BEGINS, Seen
from counterfoil.terms.agent import RunId
from counterfoil.terms.label import Label, Secrecy

AT_ONCE = 4
"""Times as many as a second."""
MOST_BUSY = 16
MOST_HELD = 256
MOST_SESSIONS = 1000


@dataclass(slots=True)
class Session:
    """What is kept of one credential; a client that connects anew has not forgotten what it read."""

    credential: Credential
    client: Client
    run: RunId
    trace: Trace
    rate: Rate
    busy: int = 0
    """Calls under way."""
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _held: OrderedDict[str, int] = field(default_factory=OrderedDict)

    def number_of(self, call: str) -> int:
        """Which call this is: the one that waits, where it waits, and otherwise a new one."""
        return self._held.get(call) or next(self._numbers)

    def hold(self, call: str, number: int) -> None:
        """From now on the same call is this one."""
        self._held[call] = number
        if len(self._held) > MOST_HELD:
            self._held.popitem(last=False)

    def let_go(self, call: str) -> None:
        """It waits no longer; made again it is another call."""
        self._held.pop(call, None)


class Sessions:
    """Every session; none is reached with another one's credential."""

    def __init__(self, manifest: Manifest, credentials: Credentials, now: Callable[[], datetime]) -> None:
        self._manifest = manifest
        self._credentials = credentials
        self._now = now
        self._began = token_hex(4)
        self._by_token: OrderedDict[bytes, Session] = OrderedDict()
        self._by_id: dict[str, Session] = {}

    def of(self, token: str) -> Session | None:
        """The session of a token; None where it is not ours, has ended, or its agent is unknown."""
        mark = sha256(token.encode("utf-8", "replace")).digest()
        session = self._by_token.get(mark)
        if session is None:
            credential = self._credentials.whose(token)
            session = None if credential is None else self.begun(credential)
            if session is None:
                return None
            self._by_token[mark] = session
            self._trim()
        if self._now() >= session.credential.expires:
            self._forget(mark)
            return None
        return session

    def begun(self, credential: Credential) -> Session | None:
        """The session of a credential, begun where it is new."""
        client = self._manifest.clients.get(credential.agent)
        if client is None:
            return None
        session = self._by_id.get(credential.id)
        if session is None:
            label = BEGINS[client.reads]
            run = RunId(f"gateway-{credential.id}-{self._began}")
            trace = Seen(Label(label.integrity, Secrecy(label.secrecy), label.sources), credential.words)
            rate = Rate(client.per_second, AT_ONCE * client.per_second)
            session = self._by_id[credential.id] = Session(credential, client, run, trace, rate)
        return session

    def _trim(self) -> None:
        while len(self._by_token) > MOST_SESSIONS:
            self._forget(next(iter(self._by_token)))

    def _forget(self, mark: bytes) -> None:
        session = self._by_token.pop(mark)
        self._by_id.pop(session.credential.id, None)
