"""A service that speaks JSON over HTTP: what it did, what it surely did not do, and what nobody knows."""

import json
import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache, partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httpx2

from counterfoil.agents.connectors.connector import REFUSED, NotDone
from counterfoil.terms.error import SourceError, ToolError

MOST = 10_000_000
"""Bytes of one answer."""
SECONDS = 20.0
PAUSES = (0.2, 0.6, 1.5)
"""Seconds between looks at what was just done."""
TRIES = 4
CODE = re.compile(r"[A-Za-z0-9_.-]{1,60}")
BUSY = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded"})
"""Codes that say the same as the status 429. Source: Gmail API, resolve errors (read 2026-11)."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
UNSENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.UnsupportedProtocol,
    httpx2.InvalidURL,
    httpx2.LocalProtocolError,
    httpx2.ProxyError,
)
"""Errors before a byte of the request was sent."""


class Missing(NotDone):
    """The service has no such thing, or no longer, or does not show it."""


class Revoked(NotDone):
    """The service takes the token no longer."""


class Unconfirmed(ToolError):
    """Something was sent, and nobody knows what became of it."""

    def __init__(self, system: str, why: str) -> None:
        super().__init__(
            f"{system}-unconfirmed",
            f"It was sent to {system}, and nobody knows whether it happened: {why}.",
            hint="Look there; it is not tried again by itself.",
        )
        self.system, self.why = system, why


@dataclass(frozen=True, slots=True)
class Said:
    """What came back for one request, whatever it means."""

    status: int
    after: str
    """Its Retry-After."""
    start: bytes
    cut: bool
    """Whether there is more of it."""


@dataclass(frozen=True, slots=True)
class Service:
    """One service with the token of one owner."""

    system: str
    url: str
    """Where it is; nothing is ever asked of another one, whatever an answer says."""
    token: Callable[[], str] = field(repr=False)
    """Gives the token of the moment; it is never kept, shown or written into an error."""
    code_of: Callable[[Any], object]
    """Where the service writes the code of an error in its answers."""
    seconds: float = SECONDS
    renewed: Callable[[str], str] | None = field(default=None, repr=False)
    """Gives another token than one that was refused, where the account has a permission that lasts."""
    headers: Mapping[str, str] = field(default_factory=dict)
    patience: float = 0.0
    """Seconds in all that are waited where it is busy and surely did nothing."""
    pause: Callable[[float], None] = time.sleep

    def __post_init__(self) -> None:
        """See that the token is not sent for all to read.

        Raises: SourceError where it would be.
        """
        secret_at(self.system, self.url)

    def read(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """What the service says of something.

        Raises: NotDone where it says nothing; asking changed nothing.
        """
        with reading():
            return self.ask("GET", path, params=params)

    def start_of(self, path: str, most: int, params: Mapping[str, Any] | None = None) -> tuple[bytes, bool]:
        """The first bytes of something, and whether there are more.

        Raises: NotDone where there are none; asking changed nothing.
        """
        with reading():
            said = self._good("GET", path, params, None, most)
            return said.start, said.cut

    def ask(
        self, method: str, path: str, *, params: Mapping[str, Any] | None = None, body: object = None
    ) -> Any:
        """Ask once, with JSON or plain text.

        Again only where it was surely not done: with a new token, and as far as our patience goes.

        Raises: NotDone where surely nothing happened; ToolError where nobody knows.
        """
        said = self._good(method, path, params, body, MOST)
        if said.cut:
            raise Unconfirmed(self.system, "its answer was too long")
        if not said.start.strip():
            return None
        try:
            return json.loads(said.start)
        except (ValueError, RecursionError):
            raise Unconfirmed(self.system, "its answer can't be read") from None

    def onward(self, link: str) -> str:
        """The path of a link that the service gave.

        Raises: NotDone where it leads elsewhere, which would get the token.
        """
        base = self.url.rstrip("/")
        if not link.startswith(f"{base}/") or "/../" in link:
            raise NotDone(
                f"{self.system}-elsewhere",
                f"{self.system} sent us on to another address.",
                hint="Nothing was asked there; look at who answers in its place.",
            )
        return link.removeprefix(base)

    def _good(
        self, method: str, path: str, params: Mapping[str, Any] | None, body: object, most: int
    ) -> Said:
        once = partial(self._once, method, path, params, body, most)
        token = self.token()
        said = self._waited(method, partial(once, token))
        if said.status == HTTPStatus.UNAUTHORIZED and self.renewed is not None:
            said = self._waited(method, partial(once, self.renewed(token)))
        if said.status not in range(200, 300):
            raise self._failed(said)
        return said

    def _waited(self, method: str, once: Callable[[], Said]) -> Said:
        """What it says once it is not busy any more, or our patience ends."""
        said, left = once(), self.patience
        for _ in range(TRIES - 1):
            away = method == "GET" and said.status == HTTPStatus.SERVICE_UNAVAILABLE
            wait = max(seconds_of(said.after) or 0.0, 1.0)
            if wait > left or not (away or self._busy(said)):
                break
            left -= wait
            self.pause(wait)
            said = once()
        return said

    def _once(
        self, method: str, path: str, params: Mapping[str, Any] | None, body: object, most: int, token: str
    ) -> Said:
        headers = {"Accept-Encoding": "identity", **self.headers}
        headers["Authorization"] = f"Bearer {token}"
        content = body if isinstance(body, bytes) else b""
        if content:
            headers["Content-Type"] = "text/plain"
        elif body is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(body, ensure_ascii=False).encode()
        try:
            with (
                httpx2.Client(timeout=self.seconds, follow_redirects=False, verify=secure()) as client,
                client.stream(
                    method, self.url.rstrip("/") + path, params=params, content=content, headers=headers
                ) as response,
            ):
                start = _start(response, most, time.monotonic() + 3 * self.seconds)
        except UNSENT as e:
            raise NotDone(
                f"{self.system}-unreachable",
                f"{self.system} could not be reached ({type(e).__name__}).",
                hint="Look whether it is up, then try again.",
            ) from None
        except httpx2.HTTPError as e:
            raise Unconfirmed(self.system, f"the line broke ({type(e).__name__})") from None
        return Said(
            response.status_code, response.headers.get("Retry-After", ""), start[:most], len(start) > most
        )

    def _busy(self, said: Said) -> bool:
        return said.status == HTTPStatus.TOO_MANY_REQUESTS or (
            said.status in REFUSED and self._code(said) in BUSY
        )

    def _code(self, said: Said) -> str:
        """The code of a refusal, which is a word; what else the service writes is nobody's to repeat."""
        try:
            found = self.code_of(json.loads(said.start))
        except (ValueError, RecursionError, TypeError, LookupError, AttributeError):
            found = None
        return found if isinstance(found, str) and CODE.fullmatch(found) else f"status {said.status}"

    def _failed(self, said: Said) -> ToolError:
        if said.status not in REFUSED:
            return Unconfirmed(self.system, f"it answered {said.status}")
        if self._busy(said):
            return busy(self.system, said.after)
        if said.status == HTTPStatus.UNAUTHORIZED:
            return revoked(self.system, self._code(said))
        refusal = Missing if said.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE} else NotDone
        return refusal(
            f"{self.system}-refused",
            f"{self.system} refused it: {self._code(said)}.",
            hint="Look at what its account may do there, and connect it again where that is too little.",
        )


@cache
def secure() -> ssl.SSLContext:
    """How every connection checks whom it talks to; made once, since that takes longer than most answers."""
    return httpx2.create_ssl_context()


def secret_at(system: str, url: str) -> None:
    """See that nobody on the way reads what is sent to an address.

    Raises: SourceError where it is neither https nor on this machine.
    """
    where = urlsplit(url)
    if where.scheme != "https" and (where.scheme != "http" or where.hostname not in LOOPBACK):
        raise SourceError(
            f"{system}-not-https", f"{system} is not asked over https.", hint="Give its https address."
        )


@contextmanager
def reading() -> Iterator[None]:
    """Where asking changes nothing, an answer that is missing left nothing open."""
    try:
        yield
    except Unconfirmed as e:
        raise NotDone(
            f"{e.system}-unanswered", f"{e.system} gave no proper answer: {e.why}.", hint="Try again later."
        ) from None


def awaited(is_so: Callable[[], bool]) -> bool:
    """Whether what was done can be seen, looking again where a system is slow to show what it took."""
    for pause in PAUSES:
        if is_so():
            return True
        time.sleep(pause)
    return is_so()


@contextmanager
def sound(system: str, *, reads: bool) -> Iterator[None]:
    """Where an answer has another shape than the service's documents say, nothing is known from it."""
    try:
        yield
    except (AttributeError, KeyError, IndexError, TypeError, ValueError):
        with reading() if reads else nullcontext():
            raise Unconfirmed(system, "its answer is not what its documents say") from None


@contextmanager
def begun(system: str) -> Iterator[None]:
    """Where a part of it has happened already, what fails later can't be undone by failing."""
    try:
        yield
    except NotDone as e:
        raise Unconfirmed(system, f"a part of it was done, then: {e.message}") from None


def revoked(system: str, code: str) -> Revoked:
    """The account can't be used any more."""
    return Revoked(
        f"{system}-token", f"{system} does not take the token: {code}.", hint="Connect the account again."
    )


def busy(system: str, after: str) -> NotDone:
    """The service wants us to wait."""
    seconds = seconds_of(after)
    wait = "a while" if seconds is None else f"{seconds:.0f} seconds"
    return NotDone(f"{system}-busy", f"{system} takes no more for now.", hint=f"Try again after {wait}.")


def seconds_of(after: str) -> float | None:
    """What a Retry-After asks for; None where it says nothing.

    Source: RFC 9110 section 10.2.3.
    """
    if after.isascii() and after.isdigit():
        return float(after)
    try:
        return max((parsedate_to_datetime(after) - datetime.now(UTC)).total_seconds(), 0.0)
    except (TypeError, ValueError, OverflowError):
        return None


def _start(response: httpx2.Response, most: int, until: float) -> bytes:
    """The first bytes of an answer: one more than `most`, where there are more.

    Raises: ReadTimeout where they do not come.
    """
    data = bytearray()
    for part in response.iter_bytes(65_536):
        data += part
        if len(data) > most:
            break
        if time.monotonic() > until:
            raise httpx2.ReadTimeout("it does not end")
    return bytes(data[: most + 1])
