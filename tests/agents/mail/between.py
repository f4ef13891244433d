"""Stands in front of an IMAP server and, from a command on, refuses others or cuts the line."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

NEVER = re.compile(rb"(?!)")


@dataclass
class Between:
    """What is done to lines on their way."""

    upstream: int
    port: int = 0
    after: re.Pattern[bytes] = re.compile(b"")
    """The command that is let through, and after which the rest begins."""
    refuses: re.Pattern[bytes] = NEVER
    """Commands that are answered with NO, and never reach the server."""
    cuts: re.Pattern[bytes] = NEVER
    """Commands at which the line is cut, before they reach the server."""
    hides: re.Pattern[bytes] = NEVER
    """What is taken out of the server's answers."""
    broke: list[bytes] = field(default_factory=list)

    def asked(self, near: socket.socket, far: socket.socket) -> None:
        """What a client says, line by line."""
        begun = False
        for line in near.makefile("rb"):
            if begun and self.cuts.search(line):
                self.broke.append(line)
                return
            if begun and self.refuses.search(line):
                self.broke.append(line)
                near.sendall(line.split(b" ")[0] + b" NO not now\r\n")
                continue
            begun = begun or bool(self.after.search(line))
            far.sendall(line)

    def answered(self, near: socket.socket, far: socket.socket) -> None:
        """What the server says."""
        with suppress(OSError):
            for line in far.makefile("rb"):
                near.sendall(self.hides.sub(b"", line))

    def both(self, near: socket.socket) -> None:
        """One connection, until either side is done with it."""
        with near, socket.create_connection(("127.0.0.1", self.upstream)) as far:
            back = threading.Thread(target=self.answered, args=(near, far), daemon=True)
            back.start()
            with suppress(OSError):
                self.asked(near, far)
            for side in (near, far):
                with suppress(OSError):
                    side.shutdown(socket.SHUT_RDWR)
            back.join()


@contextmanager
def between(upstream: int) -> Iterator[Between]:
    """Listens on a port of its own."""
    made = Between(upstream)
    with socket.create_server(("127.0.0.1", 0)) as server:
        made.port = server.getsockname()[1]

        def take() -> None:
            with suppress(OSError):
                while True:
                    near, _ = server.accept()
                    threading.Thread(target=made.both, args=(near,), daemon=True).start()

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        try:
            yield made
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()
