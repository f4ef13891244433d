"""Fetches what an identity provider says: over HTTPS, without redirects, in bounded time and size."""

import ipaddress
import json
import time
from collections.abc import Mapping
from http.client import HTTPException
from typing import IO, Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

from counterfoil.terms.error import SourceError

SECONDS = 10
MOST_BYTES = 1_048_576
PART = 65_536


class _Straight(HTTPRedirectHandler):
    """Goes nowhere but where it was sent."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follow nothing: an address that is not in the provider's own description is not its address."""


DIRECT = build_opener(_Straight, ProxyHandler({}))
"""To this machine, past any proxy."""
OUTWARD = build_opener(_Straight)


def fetched(
    address: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
) -> Mapping[str, Any]:
    """The JSON object at an address; a form is sent there where there is one.

    Raises: SourceError where there is none.
    """
    if not is_safe(address):
        raise _away("an address of it is not https://")
    data = None if form is None else urlencode(form).encode()
    sent = {"Accept": "application/json", "User-Agent": "counterfoil", **(headers or {})}
    try:
        # Only https, or http of this machine, comes this far.
        request = Request(address, data, sent)  # noqa: S310
        with _opener(address).open(request, timeout=SECONDS) as answer:
            told = json.loads(_read(answer))
    except HTTPError as error:
        error.close()
        raise _away(f"it answered {error.code}") from error
    except (OSError, HTTPException, ValueError, RecursionError) as error:
        raise _away("it can't be reached, or what it says can't be read") from error
    if not isinstance(told, dict):
        raise _away("what it says can't be read")
    return told


def is_safe(address: str) -> bool:
    """Whether what is sent to an address can be read there alone: HTTPS, or this machine."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_here(host)))


def is_here(host: str) -> bool:
    """Whether a host is this machine.

    Example:
        >>> is_here("127.0.0.1"), is_here("::1"), is_here("0.0.0.0"), is_here("example.org")
        (True, True, False, False)
    """
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _opener(address: str) -> OpenerDirector:
    return DIRECT if is_here(urlsplit(address).hostname or "") else OUTWARD


def _read(answer: IO[bytes]) -> bytes:
    kept, until = bytearray(), time.monotonic() + SECONDS
    while part := answer.read(PART):
        kept += part
        if len(kept) > MOST_BYTES or time.monotonic() > until:
            raise ValueError("too much, or too slow")
    return bytes(kept)


def _away(why: str) -> SourceError:
    hint = "try again; if it stays so, whoever runs this server looks at --oidc-issuer"
    return SourceError(
        "provider-away", f"the identity provider does not answer as it should: {why}", hint=hint
    )
