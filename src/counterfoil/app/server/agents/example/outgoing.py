"""Takes mail that agents of an invented company send, and lets it come to nobody."""

from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

READY, OK, GO_ON, BYE, WHAT = b"220", b"250", b"354", b"221", b"502"
MOST_LINE = 4_096


class _Taking(StreamRequestHandler):
    """One connection, as far as a client that sends plain mail needs it."""

    timeout = 20.0

    def handle(self) -> None:
        """Answer each word of it."""
        self._say(READY, b"invented")
        while line := self.rfile.readline(MOST_LINE):
            match line[:4].strip().upper():
                case b"DATA":
                    self._say(GO_ON, b"go ahead")
                    while (text := self.rfile.readline(MOST_LINE)) and text != b".\r\n":
                        continue
                    self._say(OK, b"taken, and it comes to nobody")
                case b"EHLO" | b"MAIL" | b"RCPT" | b"RSET" | b"NOOP":
                    self._say(OK, b"so be it")
                case b"QUIT":
                    self._say(BYE, b"bye")
                    return
                case _:
                    self._say(WHAT, b"not here")

    def _say(self, code: bytes, words: bytes) -> None:
        self.wfile.write(code + b" " + words + b"\r\n")


class _Server(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


@contextmanager
def taking() -> Iterator[int]:
    """The port at which mail is taken, until it is let go of."""
    with _Server(("127.0.0.1", 0), _Taking) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.2}, name="taking", daemon=True).start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
