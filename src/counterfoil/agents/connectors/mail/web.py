"""A mailbox's own service over HTTP, patient where it is busy, with a mailbox's words for what it refuses."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

from counterfoil.agents.connectors.mail.box import gone, signed_out
from counterfoil.agents.connectors.oauth import Tokens
from counterfoil.agents.connectors.service import Missing, Revoked, Service, Unconfirmed, reading

MOST_PATIENCE = 30.0


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
        self._address = address
        self._service = Service(
            "mail",
            base,
            tokens.token,
            _code,
            timeout,
            renewed=lambda stale: tokens.token(stale=stale),
            headers=headers or {},
            patience=MOST_PATIENCE,
            pause=sleep,
        )
        self.onward = self._service.onward

    def json(
        self, method: str, path: str, *, query: Mapping[str, Any] | None = None, body: object = None
    ) -> dict[str, Any]:
        """What it answers.

        Raises: NotDone where surely nothing was changed; ToolError where that is open.
        """
        with self._worded(path), reading() if method == "GET" else nullcontext():
            said = self._service.ask(method, path, params=query, body=body)
            if said is not None and not isinstance(said, dict):
                raise Unconfirmed("mail", "its answer can't be read")
        return said or {}

    def start_of(self, path: str, *, most: int, query: Mapping[str, Any] | None = None) -> tuple[bytes, bool]:
        """The first bytes of something, and whether there are more."""
        with self._worded(path):
            return self._service.start_of(path, most, query)

    @contextmanager
    def _worded(self, path: str) -> Iterator[None]:
        try:
            yield
        except Revoked as error:
            raise signed_out(self._address) from error
        except Missing as error:
            raise gone(path.removeprefix("/messages/").partition("/")[0]) from error


def _code(said: Any) -> object:
    """Gmail's reason, or Graph's code."""
    error = said["error"]
    return error["errors"][0]["reason"] if error.get("errors") else error["code"]
