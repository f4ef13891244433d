"""From where a server is reached, and by whom: this machine alone, or everybody whom a provider signs in."""

import os
import socket
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from counterfoil.app.door.fetched import is_here
from counterfoil.app.door.oidc import Client, Provider, check_client
from counterfoil.app.intake.inlet import listening_at
from counterfoil.app.local import HERE, bound_to
from counterfoil.terms.error import SourceError

CALLBACK = "/sign-in/callback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What was asked for, checked."""

    host: str = HERE
    public_url: str = ""
    """Where people reach it; empty where it is this machine's own address."""
    issuer: str = ""
    client_id: str = ""
    secret_file: Path | None = None
    claim: str = "email"
    proxy: str = ""
    """The address of a proxy whose word on where a request comes from counts."""

    @property
    def is_here_alone(self) -> bool:
        """Whether nothing of it lets others in."""
        return is_here(self.host) and not (self.public_url or self.issuer or self.proxy)

    def check(self) -> None:
        """Stop where others could reach it without a sign-in of the organisation, or unencrypted.

        Raises: SourceError.
        """
        if bool(self.issuer) != bool(self.client_id):
            hint = "name both, or neither"
            raise SourceError("oidc-half", "--oidc-issuer and --oidc-client-id go together", hint=hint)
        wide = not is_here(self.host) or bool(self.public_url)
        if wide and not self.issuer:
            hint = (
                "name your organisation's sign-in with --oidc-issuer and --oidc-client-id, or leave this out"
            )
            says = "beyond this machine it is served with an organisation's sign-in (OIDC) alone"
            raise SourceError("oidc-missing", says, hint=hint)
        if wide:
            self._check_public()
        self.provider(0)

    def _check_public(self) -> None:
        parts = urlsplit(self.public_url)
        if parts.scheme != "https" or not parts.hostname or parts.path.strip("/") or parts.query:
            hint = "name the address that people open, such as --public-url https://counterfoil.example.org"
            says = "beyond this machine it is reached by https:// alone, at an address without a path"
            raise SourceError("public-url", says, hint=hint)

    def address(self, port: int) -> str:
        """Where people reach it, without a path."""
        if self.public_url:
            parts = urlsplit(self.public_url)
            return f"{parts.scheme}://{parts.netloc.lower()}"
        return f"http://{HERE}:{port}"

    def hosts(self, port: int) -> Collection[str]:
        """The hosts under which it answers pages."""
        if self.public_url:
            return {urlsplit(self.address(port)).netloc}
        return {f"{HERE}:{port}", f"localhost:{port}"}

    def provider(self, port: int) -> Provider | None:
        """Who signs people in, where there is somebody.

        Raises: SourceError where they could not be asked safely.
        """
        if not self.issuer:
            return None
        client = Client(
            issuer=self.issuer,
            id=self.client_id,
            secret=None if self.secret_file is None else _secret_in(self.secret_file),
            claim=self.claim,
            back=f"{self.address(port)}{CALLBACK}",
        )
        check_client(client)
        return Provider(client)

    def bound(self, port: int) -> socket.socket:
        """A socket that listens there; beyond this machine on this port or on none, since a proxy knows it.

        Raises: StoreError where it can't.
        """
        return bound_to(port) if self.host == HERE else listening_at(self.host, port, "--host")


def _secret_in(path: Path) -> str:
    """A client's secret, from a file that nobody else can read.

    Raises: SourceError where it is none, or others can read it.
    """
    try:
        if os.stat(path).st_mode & 0o077:
            raise SourceError("secret-open", f"{path} can be read by others", hint=f"chmod 600 {path}")
        secret = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        hint = "name the file with the secret that the provider gave this client"
        raise SourceError("no-secret", f"{path} can't be read", hint=hint) from error
    if not secret:
        raise SourceError("no-secret", f"{path} is empty", hint="write the client's secret to it")
    return secret
