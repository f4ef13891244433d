"""What a form has to send along, so that only a page of this server can have sent it."""

import hmac
import secrets
from collections.abc import AsyncIterator
from hashlib import sha256

from fastapi import HTTPException, Request
from starlette.responses import Response

from counterfoil.app.door.session import Sessions, cookie_of
from counterfoil.app.guarded import SAFE

FIELD = "csrf"
BEFORE = "counterfoil-form"
"""Stands for a browser in which nobody has signed in yet."""
KEY = secrets.token_bytes(32)
SECONDS = 3600


async def form_checked(request: Request) -> AsyncIterator[None]:
    """Go on only where a form sends along what the page that showed it had.

    Raises: HTTPException 401 where no page can have shown it, 403 where it is another one's.
    """
    if request.method in SAFE:
        yield
        return
    expected = _expected(request)
    if expected is None:
        raise HTTPException(401)
    try:
        given = (await request.form()).get(FIELD)
        if not isinstance(given, str) or not hmac.compare_digest(_raw(given), _raw(expected)):
            raise HTTPException(403)
        yield
    finally:
        await request.close()


def csrf_for(request: Request) -> tuple[str, str | None]:
    """What a form of this page has to send along, and a new cookie for it where the browser has none."""
    known = _expected(request)
    if known is not None:
        return known, None
    cookie = secrets.token_urlsafe(32)
    return _tied(cookie), cookie


def named(request: Request, name: str) -> str:
    """The name of a cookie: over HTTPS one that a browser takes from this host alone."""
    return f"__Host-{name}" if is_secure(request) else name


def is_secure(request: Request) -> bool:
    """Whether this server is reached over HTTPS."""
    return bool(getattr(request.app.state, "secure", False))


def keep(
    request: Request, answer: Response, name: str, value: str, *, strict: bool = True, seconds: int
) -> None:
    """Set a cookie that no script reads and no other site sends; `seconds` of 0 end with the browser."""
    answer.set_cookie(
        named(request, name),
        value,
        max_age=seconds or None,
        path="/",
        secure=is_secure(request),
        httponly=True,
        samesite="strict" if strict else "lax",
    )


def forget(request: Request, answer: Response, name: str) -> None:
    """Let a browser forget a cookie."""
    answer.delete_cookie(named(request, name), path="/", secure=is_secure(request), httponly=True)


def _expected(request: Request) -> str | None:
    """What a session's forms send along; before there is one, what is tied to a cookie of its own."""
    sessions: Sessions = request.app.state.sessions
    signed = sessions.of(cookie_of(request))
    if signed is not None:
        return signed.csrf
    cookie = request.cookies.get(named(request, BEFORE), "")
    return _tied(cookie) if cookie else None


def _tied(cookie: str) -> str:
    return hmac.new(KEY, _raw(cookie), sha256).hexdigest()


def _raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
