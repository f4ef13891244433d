"""The way to a public address and to no other one: looked up once, checked, and then connected to as checked.

Source: IANA special-purpose address registries, IPv4 and IPv6 (iana.org, read 2026-11-26).
"""

import ipaddress
import socket
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from ssl import SSLContext
from threading import Thread
from time import monotonic
from typing import Any

import httpcore2

from counterfoil.agents.connectors.connector import NotDone

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Sequence[str]]
CLOSED: Sequence[Network] = tuple(
    ipaddress.ip_network(one)
    for one in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
"""Private, local, multicast, reserved, for documents, and a cloud's own; among IPv6, what carries an IPv4."""
UNICAST = ipaddress.ip_network("2000::/3")
"""All of IPv6 that is public; addresses that hold an IPv4 one lie outside."""


def resolved(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, as this machine looks them up."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def is_public(address: Address, allowed: Iterable[Network] = ()) -> bool:
    """Whether an address is one of the public net, or of a network that was allowed beside it."""
    if any(address in network for network in allowed if network.version == address.version):
        return True
    if address.version == 6 and address not in UNICAST:
        return False
    return not any(address in network for network in CLOSED if network.version == address.version)


class Net(httpcore2.NetworkBackend):
    """Connects to checked addresses only, and gives up at one moment whatever the other side does."""

    def __init__(self, *, resolve: Resolve, allowed: Sequence[Network], until: float, most: int) -> None:
        self._resolve = resolve
        self._allowed = allowed
        self._until = until
        self._most = most
        self._inner = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """A stream to the first address that answers, all of them being public.

        Raises: NotDone where one of them is not, whichever it is.
        """
        addresses = self._checked(host, port)
        for address in addresses[:-1]:
            try:
                return self._to(address, port, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return self._to(addresses[-1], port, local_address, socket_options)

    def _to(self, address: str, port: int, local: str | None, options: Iterable[Any] | None) -> "Timed":
        left = remaining(self._until, httpcore2.ConnectTimeout)
        stream = self._inner.connect_tcp(address, port, left, local, options)
        return Timed(stream, self._until, self._most)

    def _checked(self, host: str, port: int) -> Sequence[str]:
        addresses = self._looked_up(host, port)
        if not addresses:
            raise NotDone("web-no-host", "There is no such host.", hint="Look at the address.")
        if not all(
            is_public(ipaddress.ip_address(one.partition("%")[0]), self._allowed) for one in addresses
        ):
            raise NotDone(
                "web-not-public", "The host is not on the public net.", hint="Agents fetch public pages only."
            )
        return addresses

    def _looked_up(self, host: str, port: int) -> Sequence[str]:
        """The addresses of a name; none where looking it up takes too long."""
        found: list[Sequence[str]] = []

        def look() -> None:
            with suppress(OSError, UnicodeError):
                found.append(self._resolve(host, port))

        thread = Thread(target=look, daemon=True)
        thread.start()
        thread.join(remaining(self._until, httpcore2.ConnectTimeout))
        return found[0] if found else []


class Timed(httpcore2.NetworkStream):
    """A stream that ends at one moment, and after so many bytes."""

    def __init__(self, inner: httpcore2.NetworkStream, until: float, most: int) -> None:
        self._inner = inner
        self._until = until
        self._most = most

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Some bytes, or an error where the time or the size is up."""
        found = self._inner.read(max_bytes, remaining(self._until, httpcore2.ReadTimeout))
        self._most -= len(found)
        if self._most < 0:
            raise httpcore2.ReadError("too long")
        return found

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send bytes."""
        self._inner.write(buffer, remaining(self._until, httpcore2.WriteTimeout))

    def close(self) -> None:
        """Let go of it."""
        self._inner.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        """The same under TLS, for the name that was asked for and not for the address."""
        left = remaining(self._until, httpcore2.ConnectTimeout)
        return Timed(self._inner.start_tls(ssl_context, server_hostname, left), self._until, self._most)

    def get_extra_info(self, info: str) -> Any:
        """What the stream knows of itself."""
        return self._inner.get_extra_info(info)


def remaining(until: float, late: type[Exception]) -> float:
    """Seconds that are left."""
    left = until - monotonic()
    if left <= 0:
        raise late("its time is up")
    return left
