"""A provider on loopback that says whatever a test has it say."""

import base64
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, Key, RSAKey

CLIENT = "counterfoil"


@dataclass
class Lying:
    """What it says next."""

    issuer: str = ""
    key: Key = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}))
    keys: list[dict[str, Any]] = field(default_factory=list)
    """What it publishes."""
    signed_by: Key | None = None
    alg: str = "RS256"
    claims: dict[str, Any] = field(default_factory=dict)
    """What replaces a claim; None leaves it out."""
    header: dict[str, Any] = field(default_factory=dict)
    described: dict[str, Any] = field(default_factory=dict)
    token: str | None = None
    """What is sent instead of a token."""
    body: bytes | None = None
    """What is sent instead of an answer about tokens."""
    redirects: bool = False
    nonce: str = ""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    user: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.keys = [dict(self.key.as_dict(private=False))]

    def id_token(self) -> str:
        now = int(time.time())
        plain = {"iss": self.issuer, "aud": CLIENT, "sub": "s-1", "iat": now, "exp": now + 300}
        plain |= {"nonce": self.nonce, "email": "p00001", "email_verified": True}
        said = {name: value for name, value in (plain | self.claims).items() if value is not None}
        header = {"alg": self.alg, "kid": "one", **self.header}
        if self.alg == "none":
            return ".".join([part(header), part(said), ""])
        if self.alg == "HS256":
            # The old attack: the provider's public key, as everybody has it, as a shared secret.
            assert isinstance(self.key, RSAKey)
            text = f"{part(header)}.{part(said)}"
            made = hmac.digest(self.key.as_pem(private=False), text.encode(), "sha256")
            return f"{text}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"
        key = self.signed_by or self.key
        return jwt.encode(header, said, key, algorithms=[self.alg])

    def answer(self, path: str) -> Any:
        if path == "/.well-known/openid-configuration":
            told = {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys"}
            told |= {
                "authorization_endpoint": f"{self.issuer}/auth",
                "token_endpoint": f"{self.issuer}/token",
            }
            return told | {"userinfo_endpoint": f"{self.issuer}/me"} | self.described
        if path == "/keys":
            return {"keys": self.keys}
        if path == "/me":
            return self.user
        return {"id_token": self.token or self.id_token(), "access_token": "at", "token_type": "Bearer"}


def part(told: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()


class Handler(BaseHTTPRequestHandler):
    lying: Lying

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        form = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
        path = urlsplit(self.path).path
        self.lying.asked.append((path, form))
        if self.lying.redirects and path == "/token":
            self.send_response(302)
            self.send_header("Location", f"{self.lying.issuer}/elsewhere")
            self.end_headers()
            return
        raw = self.lying.body if path == "/token" else None
        body = json.dumps(self.lying.answer(path)).encode() if raw is None else raw
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def lying_provider() -> Iterator[Lying]:
    lying = Lying()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"lying": lying}))
    lying.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield lying
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


OTHER_RSA = RSAKey.generate_key(2048, {"kid": "one"})
EC = ECKey.generate_key("P-256", {"kid": "one"})
