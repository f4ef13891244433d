"""A web server on loopback that serves pages of every kind, and misbehaves where it is asked to."""

import gzip
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PLAIN = (
    "<title>A page</title><p>Hello <b>there</b></p>"
    "<a href='/next?a=1'>next</a><a href='https://x.example/y'>x</a>"
)
HIDING = (
    "<p>seen</p><!-- comment secret --><script>script secret</script><div style='DISPLAY : none'>style secret"
    "<p>nested secret</div><span hidden>attribute secret</span><i aria-hidden=true>aria secret</i>"
    "<div style='position:absolute;left:-9999px'>moved secret</div><b style='font-size:0'>small secret</b>"
    "<style>.gone{display:none}</style><p class=gone>sheet secret</p>"
    "<template>template secret</template><img alt='alt secret' src=x>se\u200ben\U000e0041 again<p>last"
)
BOMB = gzip.compress(b"a" * 20_000_000)
REDIRECTS = {
    "/away": "http://other.test/landing?k=v",
    "/here": "/plain",
    "/loop": "/loop",
    "/downgrade": "http://host.test/plain",
    "/inside": "http://inside.test/secret",
    "/file": "file:///etc/passwd",
    "/port": "http://host.test:22/",
    "/blank": "",
}


@dataclass
class Site:
    """What was asked of it."""

    port: int = 0
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    gone: threading.Event = field(default_factory=threading.Event)


class Handler(BaseHTTPRequestHandler):
    """Serves."""

    site: Site
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.site.asked.append(f"{self.headers['Host']} {self.path}")
        self.site.headers.append(dict(self.headers))
        path = self.path.partition("?")[0]
        if path in REDIRECTS:
            self.answer(b"", "text/html", 302, {"Location": REDIRECTS[path], "Set-Cookie": "a=b"})
        elif path == "/bomb":
            self.answer(BOMB, "text/plain", 200, {"Content-Encoding": "gzip"})
        elif path == "/endless":
            self.endless(b"word " * 20_000, 0)
        elif path == "/trickle":
            self.endless(b"w", 0.05)
        elif path == "/silent":
            self.site.gone.wait(10)
            self.close_connection = True
        elif path == "/garbage":
            self.wfile.write(b"\x00\x01 no http\r\n\r\n")
            self.close_connection = True
        elif path == "/hiding":
            self.answer(HIDING.encode(), "text/html; charset=utf-8")
        elif path == "/latin":
            self.answer("Grüße".encode("latin-1"), "text/plain; charset=iso-8859-1")
        elif path == "/picture":
            self.answer(b"\x89PNG", "image/png")
        elif path == "/packed":
            self.answer(gzip.compress(b"packed"), "text/plain", 200, {"Content-Encoding": "gzip"})
        elif path == "/strange":
            self.answer(b"x", "text/plain", 200, {"Content-Encoding": "br"})
        elif path == "/missing":
            self.answer(b"none", "text/plain", 404)
        else:
            self.answer(PLAIN.encode(), "text/html")

    def endless(self, part: bytes, pause: float) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.close_connection = True
        until = time.monotonic() + 10
        while time.monotonic() < until and not self.site.gone.wait(pause):
            try:
                self.wfile.write(part)
            except OSError:
                return

    def answer(self, body: bytes, kind: str, status: int = 200, more: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (more or {}).items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Says nothing either where the other side went away."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing."""


@contextmanager
def serving(certified: ssl.SSLContext | None = None) -> Iterator[Site]:
    """A running site, over TLS where it has a certificate."""
    site = Site()
    server = Server(("127.0.0.1", 0), type("Bound", (Handler,), {"site": site}))
    if certified:
        server.socket = certified.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    site.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.gone.set()
        server.shutdown()
        server.server_close()
        thread.join()


def certificate(name: str, folder: Path) -> Path:
    """A certificate for a name, signed by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    path = folder / f"{name}.pem"
    path.write_bytes(made.public_bytes(pem) + private)
    return path
