"""Where telemetry comes in: from this machine alone, or from whoever has a token."""

import socket
from dataclasses import dataclass

from counterfoil.app.door.fetched import is_here
from counterfoil.app.local import HERE, at_once, bound_to
from counterfoil.terms.error import SourceError, StoreError


@dataclass(frozen=True, slots=True, kw_only=True)
class Inlet:
    """What was asked for; ports of 0 are any that are free."""

    host: str = HERE
    http: int
    grpc: int
    need_token: bool = False
    """Whether a request without a token is turned away."""

    @property
    def is_here_alone(self) -> bool:
        """Whether nobody but this machine can send."""
        return is_here(self.host)

    def check(self) -> None:
        """Stop where anybody could send what somebody else is said to have used.

        Raises: SourceError.
        """
        if not self.is_here_alone and not self.need_token:
            hint = "add --otlp-tokens required, or leave --otlp-host out"
            says = "beyond this machine telemetry is taken with a token alone: without one it is only claimed"
            raise SourceError("otlp-tokens", says, hint=hint)

    def bound(self) -> socket.socket:
        """A socket that listens for OTLP over HTTP.

        Raises: StoreError where it can't.
        """
        return bound_to(self.http) if self.host == HERE else listening_at(self.host, self.http, "--otlp-host")

    def address(self, port: int) -> str:
        """Host and port, as they are written."""
        return f"[{self.host}]:{port}" if ":" in self.host else f"{self.host}:{port}"


def listening_at(host: str, port: int, option: str) -> socket.socket:
    """A socket that listens on an address of this machine, on this port or on none.

    Raises: StoreError where it can't.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        bound = socket.create_server((host, port), family=family, backlog=100)
        at_once(bound)
    except OSError as error:
        hint = f"name an address of this machine with {option}, and a free port"
        raise StoreError("no-port", f"{host} port {port} can't be listened on", hint=hint) from error
    return bound
