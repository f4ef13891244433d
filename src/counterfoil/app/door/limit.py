"""How often somebody may come: a bucket of tokens for each, in bounded memory."""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from math import ceil
from threading import Lock

from starlette.types import Scope

MOST_KNOWN = 10_000
"""Callers remembered at a time; one more forgets the one who has not come for longest."""
NETWORK = 64
"""Bits of an IPv6 address that one subscriber has: the rest they choose themselves."""


class Limit:
    """Lets each caller in `burst` times at once, and then `per_second`."""

    def __init__(
        self,
        *,
        burst: int,
        per_second: float,
        most: int = MOST_KNOWN,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._burst, self._rate, self._most, self._now = burst, per_second, most, now
        self._known: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._known)

    def wait(self, who: str) -> int:
        """Let somebody in, which is 0; or the seconds after which they may come again."""
        now = self._now()
        with self._lock:
            left, at = self._known.pop(who, (float(self._burst), now))
            left = min(left + (now - at) * self._rate, self._burst)
            let_in = left >= 1
            self._known[who] = (left - 1 if let_in else left, now)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return 0 if let_in else max(1, ceil((1 - left) / self._rate))


def client_of(scope: Scope) -> str:
    """Where a request comes from: an address, or the network of one where its owner has many."""
    client = scope.get("client")
    host = str(client[0]) if client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 6 and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, NETWORK), strict=False))
    return host
