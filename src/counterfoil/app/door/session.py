"""Who has signed in, as this process remembers it; nothing of it is kept on disk."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Annotated

from fastapi import Depends, HTTPException, Request

from counterfoil.terms.ask import Role, Viewer
from counterfoil.terms.ids import Pseudonym

COOKIE = "counterfoil"
LASTS = timedelta(hours=12)
LINK_LASTS = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Somebody who signed in: a person, or the operator of this machine."""

    who: Pseudonym | None
    """None for the operator."""
    secret: bytes | None
    """Opens the sealed entries about a person; only their own file has it, so not every way in brings it."""
    csrf: str
    """What every form has to send along."""
    until: datetime
    role: Role | None = None
    """The role that they look at pages in; None for what they are anyway."""

    def viewer(self, role: Role | None = None) -> Viewer:
        """Who asks, in one of their roles; whether they hold it, the guard judges."""
        plain = Role.OPERATOR if self.who is None else Role.EMPLOYEE
        return Viewer(who=self.who, role=role or self.role or plain)


class Sessions:
    """Every session of this process, by the hash of its cookie."""

    def __init__(self) -> None:
        self._open: dict[str, SignedIn] = {}
        self._links: dict[str, datetime] = {}

    def begin(self, who: Pseudonym | None, secret: bytes | None = None, *, role: Role | None = None) -> str:
        """A new session; what its cookie holds."""
        cookie = secrets.token_urlsafe(32)
        until = datetime.now(UTC) + LASTS
        self._open[_hashed(cookie)] = SignedIn(
            who=who, secret=secret, csrf=secrets.token_urlsafe(24), until=until, role=role
        )
        return cookie

    def of(self, cookie: str) -> SignedIn | None:
        """Whose session a cookie is; None where it is none, or over."""
        found = self._open.get(_hashed(cookie))
        if found is not None and found.until <= datetime.now(UTC):
            del self._open[_hashed(cookie)]
            return None
        return found

    def end(self, cookie: str) -> None:
        """End a session."""
        self._open.pop(_hashed(cookie), None)

    def link(self) -> str:
        """The last part of a link that signs the operator in, once."""
        token = secrets.token_urlsafe(32)
        self._links[_hashed(token)] = datetime.now(UTC) + LINK_LASTS
        return token

    def used(self, token: str) -> bool:
        """Whether a link may sign in; it never does again."""
        until = self._links.pop(_hashed(token), None)
        return until is not None and datetime.now(UTC) < until


def signed_in(request: Request) -> Iterator[SignedIn]:
    """Whoever asks for a page.

    Raises: HTTPException 401 where nobody has signed in.
    """
    sessions: Sessions = request.app.state.sessions
    found = sessions.of(request.cookies.get(COOKIE, ""))
    if found is None:
        raise HTTPException(401)
    yield found


Who = Annotated[SignedIn, Depends(signed_in)]


def _hashed(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
