"""A service that speaks JSON over HTTP: what it did, what it surely did not do, and what nobody knows."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlsplit

import httpx2

from counterfoil.agents.connectors.connector import NotDone
from counterfoil.terms.error import SourceError, ToolError

MOST = 10_000_000
"""Bytes of one answer."""
SECONDS = 20.0
PAUSES = (0.2, 0.6, 1.5)
"""Seconds between looks at what was just done."""
CODE = re.compile(r"[A-Za-z0-9_.-]{1,60}")
SERVER_ERROR = 500
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
    """The service has no such thing, or does not show it."""


class Revoked(NotDone):
    """The service takes the token no longer."""


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

    def __post_init__(self) -> None:
        """See that the token is not sent for all to read.

        Raises: SourceError where it would be.
        """
        secret_at(self.system, self.url)

    def read(self, path: str, params: Mapping[str, str | int] | None = None) -> Any:
        """What the service says of something.

        Raises: NotDone where it says nothing; asking changed nothing.
        """
        with reading():
            return self.ask("GET", path, params=params)

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        body: object = None,
    ) -> Any:
        """Ask once, and never again by itself, save with a new token where the service refused the old one.

        Raises: NotDone where surely nothing happened; ToolError where nobody knows.
        """
        url, token = self._own(path), self.token()
        try:
            return self._asked(method, url, token, params, body)
        except Revoked:
            if self.renewed is None:
                raise
        return self._asked(method, url, self.renewed(token), params, body)

    def _asked(
        self, method: str, url: str, token: str, params: Mapping[str, str | int] | None, body: object
    ) -> Any:
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        headers["Accept-Encoding"] = "identity"
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            with (
                httpx2.Client(timeout=self.seconds, follow_redirects=False) as client,
                client.stream(method, url, params=params, content=content, headers=headers) as response,
            ):
                return self._said(response, _bounded(response, monotonic() + 3 * self.seconds))
        except UNSENT as e:
            raise NotDone(
                f"{self.system}-unreachable",
                f"{self.system} could not be reached ({type(e).__name__}).",
                hint="Look whether it is up, then try again.",
            ) from None
        except httpx2.HTTPError as e:
            raise unconfirmed(self.system, f"the line broke ({type(e).__name__})") from None

    def _own(self, path: str) -> str:
        """An address at this service: a path of ours, or a next page that it gave.

        Raises: NotDone where it is at another one, which would get the token.
        """
        if not path.startswith(("https://", "http://")):
            return self.url.rstrip("/") + path
        own, other = urlsplit(self.url), urlsplit(path)
        if (own.scheme, own.netloc) != (other.scheme, other.netloc):
            raise NotDone(
                f"{self.system}-elsewhere",
                f"{self.system} sent us on to another address.",
                hint="Nothing was asked there; look at who answers in its place.",
            )
        return path

    def _said(self, response: httpx2.Response, content: bytes | None) -> Any:
        """The answer, or the error that it is."""
        status = response.status_code
        if status >= SERVER_ERROR or status == httpx2.codes.REQUEST_TIMEOUT:
            raise unconfirmed(self.system, f"it answered {status}")
        if not response.is_success:
            raise self._refused(status, response.headers.get("Retry-After", ""), content or b"")
        if content is None:
            raise unconfirmed(self.system, "its answer was too long")
        if not content.strip():
            return None
        try:
            return json.loads(content)
        except (ValueError, RecursionError):
            raise unconfirmed(self.system, "its answer can't be read") from None

    def _refused(self, status: int, after: str, content: bytes) -> NotDone:
        """Refusals by a code, which is a word; what else the service writes is nobody's to repeat."""
        try:
            found = self.code_of(json.loads(content))
        except (ValueError, RecursionError, TypeError, KeyError, AttributeError):
            found = None
        code = found if isinstance(found, str) and CODE.fullmatch(found) else f"status {status}"
        if status == httpx2.codes.UNAUTHORIZED:
            return revoked(self.system, code)
        if status == httpx2.codes.TOO_MANY_REQUESTS:
            return too_many(self.system, after)
        refusal = Missing if status == httpx2.codes.NOT_FOUND else NotDone
        return refusal(
            f"{self.system}-refused",
            f"{self.system} refused it: {code}.",
            hint="Look at what the agent's account may do there.",
        )


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
    except NotDone:
        raise
    except ToolError as e:
        raise NotDone(e.code.replace("-unconfirmed", "-unanswered"), e.message, hint=e.hint) from None


def awaited(is_so: Callable[[], bool]) -> bool:
    """Whether what was done can be seen, looking again where a system is slow to show what it took."""
    for pause in PAUSES:
        if is_so():
            return True
        sleep(pause)
    return is_so()


@contextmanager
def sound(system: str, *, reads: bool) -> Iterator[None]:
    """Where an answer has another shape than the service's documents say, nothing is known from it."""
    try:
        yield
    except (AttributeError, KeyError, IndexError, TypeError, ValueError):
        with reading() if reads else nullcontext():
            raise unconfirmed(system, "its answer is not what its documents say") from None


@contextmanager
def begun(system: str) -> Iterator[None]:
    """Where a part of it has happened already, what fails later can't be undone by failing."""
    try:
        yield
    except NotDone as e:
        raise unconfirmed(system, f"a part of it was done, then: {e.message}") from None


def unconfirmed(system: str, why: str) -> ToolError:
    """Something was sent, and nobody knows what became of it."""
    return ToolError(
        f"{system}-unconfirmed",
        f"It was sent to {system}, and nobody knows whether it happened: {why}.",
        hint="Look there; it is not tried again by itself.",
    )


def revoked(system: str, code: str) -> Revoked:
    """The account can't be used any more."""
    return Revoked(
        f"{system}-token", f"{system} does not take the token: {code}.", hint="Connect the account again."
    )


def too_many(system: str, after: str) -> NotDone:
    """The service wants us to wait."""
    wait = f"{after} seconds" if after.isascii() and after.isdigit() else "a while"
    return NotDone(f"{system}-too-many", f"{system} takes no more for now.", hint=f"Try again after {wait}.")


def _bounded(response: httpx2.Response, until: float) -> bytes | None:
    """All of an answer, or nothing where it has no end."""
    parts, size = [], 0
    for part in response.iter_bytes(65_536):
        size += len(part)
        if size > MOST or monotonic() > until:
            return None
        parts.append(part)
    return b"".join(parts)
