"""One client under one credential: what it has read, what it waits for, how often it asks."""

import asyncio
import itertools
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_hex
from typing import Protocol

from counterfoil.agents.gateway.asking import Trace
from counterfoil.agents.gateway.manifest import Client, Manifest
from counterfoil.agents.gateway.rate import Rate
from counterfoil.agents.gateway.seen import BEGINS, Seen
from counterfoil.store.agents.sealed import Token
from counterfoil.terms.agent import Cause, CauseKind, RunId
from counterfoil.terms.ids import Pseudonym

USE = "gateway"
"""What a credential is for; one for anything else is none here."""
AT_ONCE = 4
"""Times as many as a second."""
MOST_BUSY = 16
MOST_HELD = 256
MOST_SESSIONS = 1000
LOOK_AGAIN_SECONDS = 2.0
"""How long a credential is believed before it is looked at again."""
LONGEST_CAUSE = 200


class Credentials(Protocol):
    """Whoever knows whose a credential is."""

    def whose(self, text: str, use: str) -> Token | None:
        """The credential, where it is good for this use."""


@dataclass(slots=True)
class Session:
    """What is kept of one credential; a client that connects anew has not forgotten what it read."""

    id: str
    client: Client
    owner: Pseudonym
    run: RunId
    trace: Trace
    rate: Rate
    until: datetime
    looked: float
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

    def cause(self, said: str) -> Cause:
        """What its effects are for: what its configuration says, else the request that the credential is."""
        return cause_of(said) if said else Cause(CauseKind.REQUEST, self.id)


class Sessions:
    """Every session; none is reached with another one's credential."""

    def __init__(self, manifest: Manifest, credentials: Credentials, now: Callable[[], datetime]) -> None:
        self._manifest = manifest
        self._credentials = credentials
        self._now = now
        self._began = token_hex(4)
        self._by_hash: OrderedDict[str, Session] = OrderedDict()
        self._by_text: dict[str, Session] = {}

    async def of(self, text: str) -> Session | None:
        """The session of a credential; None where it is not ours, is over, or its agent is unknown.

        Raises: StoreError where nobody can say.
        """
        at = time.monotonic()
        session = self._by_text.get(text)
        if session is not None and at - session.looked < LOOK_AGAIN_SECONDS and self._now() < session.until:
            return session
        token = await asyncio.to_thread(self._credentials.whose, text, USE)
        client = None if token is None else self._manifest.clients.get(token.agent)
        if token is None or client is None:
            self._by_text.pop(text, None)
            return None
        session = self._by_hash.get(token.hash)
        if session is None:
            session = self._by_hash[token.hash] = self._begun(token, client)
            self._by_text[text] = session
            self._trim()
        session.looked = at
        return session

    def _begun(self, token: Token, client: Client) -> Session:
        name = token.hash[:16]
        return Session(
            id=name,
            client=client,
            owner=token.owner,
            run=RunId(f"gateway-{name}-{self._began}"),
            trace=Seen(BEGINS[client.reads], client.words),
            rate=Rate(client.per_second, AT_ONCE * client.per_second),
            until=token.until,
            looked=0.0,
        )

    def _trim(self) -> None:
        while len(self._by_hash) > MOST_SESSIONS:
            _, gone = self._by_hash.popitem(last=False)
            self._by_text = {text: one for text, one in self._by_text.items() if one is not gone}


def cause_of(text: str) -> Cause:
    """A cause as people write it: `ticket:OPS-12`.

    Raises: ValueError where it is none.
    """
    kind, _, ref = text.partition(":")
    if not ref or len(ref) > LONGEST_CAUSE or not ref.isprintable():
        raise ValueError("a cause is written as its kind and its id, such as ticket:OPS-12")
    return Cause(CauseKind(kind), ref)
