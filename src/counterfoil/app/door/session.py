"""Who has signed in, as this process remembers it; nothing of it is kept on disk."""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from threading import Lock
from typing import Annotated

from fastapi import Depends, HTTPException, Request

from counterfoil.terms.ask import Role, Viewer
from counterfoil.terms.ids import Pseudonym

COOKIE = "counterfoil"
SECURE_COOKIE = f"__Host-{COOKIE}"
"""Its name over HTTPS: a browser then takes it from this host alone, and from no other path."""
LASTS = timedelta(hours=12)
IDLE = timedelta(hours=1)
LINK_LASTS = timedelta(hours=24)
MOST = 100_000
"""Sessions at a time; one more ends the one that was idle for longest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Somebody who signed in: a person, or the operator of this machine."""

    who: Pseudonym | None
    """None for the operator."""
    secret: bytes | None = field(repr=False)
    """Opens the sealed entries about a person; only their own file has it, so not every way in brings it."""
    csrf: str = field(repr=False)
    """What every form has to send along."""
    until: datetime
    role: Role | None = None
    """The role that they look at pages in; None for what they are anyway."""

    def viewer(self, role: Role | None = None) -> Viewer:
        """Who asks, in one of their roles; whether they hold it, the guard judges."""
        plain = Role.OPERATOR if self.who is None else Role.EMPLOYEE
        return Viewer(who=self.who, role=role or self.role or plain)


@dataclass(slots=True)
class _Open:
    """A session that goes on while it is used."""

    signed: SignedIn
    used: datetime


class Sessions:
    """Every session of this process, by the hash of its cookie; the one used last stands last."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._open: OrderedDict[str, _Open] = OrderedDict()
        self._links: dict[str, datetime] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._open)

    def begin(self, who: Pseudonym | None, secret: bytes | None = None, *, role: Role | None = None) -> str:
        """A new session; what its cookie holds."""
        cookie, now = secrets.token_urlsafe(32), self._now()
        signed = SignedIn(
            who=who, secret=secret, csrf=secrets.token_urlsafe(24), until=now + LASTS, role=role
        )
        with self._lock:
            self._open[_hashed(cookie)] = _Open(signed, now)
            while len(self._open) > MOST:
                self._open.popitem(last=False)
        return cookie

    def of(self, cookie: str) -> SignedIn | None:
        """Whose session a cookie is; None where it is none, or over."""
        name, now = _hashed(cookie), self._now()
        with self._lock:
            found = self._open.get(name)
            if found is None:
                return None
            if now >= min(found.signed.until, found.used + IDLE):
                del self._open[name]
                return None
            found.used = now
            self._open.move_to_end(name)
            return found.signed

    def look_as(self, cookie: str, role: Role) -> None:
        """Look at pages in another role from now on; whether it is held, the guard judges each time."""
        with self._lock:
            if (found := self._open.get(_hashed(cookie))) is not None:
                found.signed = replace(found.signed, role=role)

    def end(self, cookie: str) -> None:
        """End a session."""
        with self._lock:
            self._open.pop(_hashed(cookie), None)

    def end_of(self, who: Pseudonym) -> None:
        """End every session of a person."""
        with self._lock:
            for name in [name for name, one in self._open.items() if one.signed.who == who]:
                del self._open[name]

    def link(self) -> str:
        """The last part of a link that signs the operator in, once."""
        token = secrets.token_urlsafe(32)
        self._links[_hashed(token)] = self._now() + LINK_LASTS
        return token

    def used(self, token: str) -> bool:
        """Whether a link may sign in; it never does again."""
        until = self._links.pop(_hashed(token), None)
        return until is not None and self._now() < until


def cookie_of(request: Request) -> str:
    """What a request's session cookie holds; empty where it has none."""
    name: str = getattr(request.app.state, "cookie", COOKIE)
    return request.cookies.get(name, "")


def signed_in(request: Request) -> Iterator[SignedIn]:
    """Whoever asks for a page.

    Raises: HTTPException 401 where nobody has signed in.
    """
    sessions: Sessions = request.app.state.sessions
    found = sessions.of(cookie_of(request))
    if found is None:
        raise HTTPException(401)
    yield found


Who = Annotated[SignedIn, Depends(signed_in)]


def _hashed(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
