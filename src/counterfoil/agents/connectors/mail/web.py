"""A mailbox's own service over HTTP: bounded answers, patience where it is busy, tokens that run out."""

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httpx2

from counterfoil.agents.connectors.connector import NotDone
from counterfoil.agents.connectors.mail.box import gone, not_done, signed_out, unanswered
from counterfoil.agents.connectors.oauth import Tokens, secure
from counterfoil.agents.connectors.service import secret_at
from counterfoil.terms.error import ToolError

MOST_JSON = 4 * 2**20
TRIES = 4
MOST_PATIENCE = 30.0
_BUSY = {"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded"}


class Expired(NotDone):
    """The service no longer knows the place from which it was asked to go on."""


class Web:
    """One service, for one owner."""

    def __init__(
        self,
        base: str,
        tokens: Tokens,
        *,
        address: str,
        headers: Mapping[str, str] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        timeout: float = 60.0,
    ) -> None:
        secret_at("mail", base)
        self._base, self._tokens, self._address = base.rstrip("/"), tokens, address
        self._headers, self._sleep, self._timeout = dict(headers or {}), sleep, timeout

    def json(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: object = None,
        text: bytes | None = None,
        change: str = "",
    ) -> dict[str, Any]:
        """What it answers. `change` names what is to be made, where anything is.

        Raises: NotDone where surely nothing was; ToolError where that is open.
        """
        headers = {"Accept": "application/json"}
        content = text
        if body is not None:
            headers["Content-Type"], content = "application/json", json.dumps(body).encode()
        elif text is not None:
            headers["Content-Type"] = "text/plain"
        data, cut = self._asked(method, path, query, content, headers, MOST_JSON, change)
        try:
            said = json.loads(data) if data and not cut else {}
        except ValueError:
            said = None
        if cut or not isinstance(said, dict):
            raise unanswered(change) if change else _strange("it can't be read")
        return said

    def start_of(self, path: str, *, most: int, query: Mapping[str, Any] | None = None) -> tuple[bytes, bool]:
        """The first bytes of something, and whether there are more."""
        return self._asked("GET", path, query, None, {}, most, "")

    def own(self, url: str) -> str:
        """The path of a link that the service gave: followed nowhere else, since the token goes along."""
        if not url.startswith(self._base + "/") or "/../" in url or "@" in urlsplit(url).netloc:
            raise not_done(
                "mail-foreign-link", "The page to go on from is not of this mailbox.", "Begin again."
            )
        return url.removeprefix(self._base)

    def _asked(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None,
        content: bytes | None,
        headers: Mapping[str, str],
        most: int,
        change: str,
    ) -> tuple[bytes, bool]:
        token, stale, waited = self._tokens.token(), "", 0.0
        for _ in range(TRIES):
            try:
                status, said, data, cut = self._once(method, path, query, content, headers, most, token)
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                raise not_done(
                    "mail-unreachable", "The mailbox can't be reached; nothing was done.", "Try again later."
                ) from error
            except httpx2.HTTPError as error:
                raise (unanswered(change) if change else _strange(type(error).__name__)) from error
            if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
                return data, cut
            if status == HTTPStatus.UNAUTHORIZED and not stale:
                stale, token = token, self._tokens.token(stale=token)
                continue
            pause = _pause(status, said, data, change)
            if pause is None:
                raise self._failed(status, path, data, change)
            waited += pause
            if waited > MOST_PATIENCE:
                break
            self._sleep(pause)
        raise _busy(waited)

    def _once(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None,
        content: bytes | None,
        headers: Mapping[str, str],
        most: int,
        token: str,
    ) -> tuple[int, Mapping[str, str], bytes, bool]:
        sent = {**self._headers, **headers, "Authorization": f"Bearer {token}"}
        with (
            httpx2.Client(timeout=self._timeout, follow_redirects=False, verify=secure()) as http,
            http.stream(method, self._base + path, params=query, content=content, headers=sent) as answer,
        ):
            data = bytearray()
            for piece in answer.iter_bytes(2**16):
                data += piece
                if len(data) > most:
                    break
            return answer.status_code, answer.headers, bytes(data[:most]), len(data) > most

    def _failed(self, status: int, path: str, data: bytes, change: str) -> ToolError:
        if status == HTTPStatus.UNAUTHORIZED:
            return signed_out(self._address)
        if status == HTTPStatus.NOT_FOUND:
            return gone(path.rpartition("/")[2])
        if status == HTTPStatus.GONE:
            return Expired("mail-expired", "The service no longer knows where that was.", hint="Begin again.")
        if status == HTTPStatus.FORBIDDEN:
            return not_done(
                "mail-not-allowed",
                "The permission that the owner gave does not cover this; nothing was done.",
                "Sign in to this mailbox again, and allow it.",
            )
        if change and (status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT):
            return unanswered(change)
        return _strange(str(status))


def _pause(status: int, said: Mapping[str, str], data: bytes, change: str) -> float | None:
    """How long to wait before it is asked again; None where asking again is of no use, or not safe."""
    busy = status == HTTPStatus.TOO_MANY_REQUESTS or (
        status == HTTPStatus.FORBIDDEN and any(word.encode() in data for word in _BUSY)
    )
    if not busy and (change or status != HTTPStatus.SERVICE_UNAVAILABLE):
        return None
    return max(_seconds(said.get("Retry-After", "")), 1.0)


def _seconds(text: str) -> float:
    """Source: RFC 9110 section 10.2.3."""
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        return (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
    except (TypeError, ValueError):
        return 1.0


def _busy(seconds: float) -> NotDone:
    return not_done(
        "mail-busy",
        "The mailbox asks to be left alone for a while; nothing was done.",
        f"Try again in {seconds:.0f} s.",
    )


def _strange(why: str) -> NotDone:
    return not_done(
        "mail-strange", f"The mailbox gave no proper answer ({why}); nothing was done.", "Try again later."
    )
