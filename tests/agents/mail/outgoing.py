"""An SMTP server that fails in each way in which servers fail, and remembers what it took."""

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from agents.mail.servers import free_port


@dataclass
class Outgoing:
    """What it does with the next mails, and what it has taken."""

    port: int = 0
    mode: str = ""
    """`drop-after`, `drop-before`, `refuse-rcpt`, `4xx`, `5xx`, `drop-at-data`; else it takes them."""
    taken: list[Envelope] = field(default_factory=list)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.mode == "refuse-rcpt" and address.startswith("nobody"):
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.mode == "4xx":
            return "451 try later"
        if self.mode == "5xx":
            return "554 not wanted"
        if self.mode != "drop-before":
            self.taken.append(envelope)
        if self.mode.startswith("drop"):
            transport: Any = server.transport
            transport.abort()
            with contextlib.suppress(Exception):
                return "250 lost"
        return "250 OK"


@contextmanager
def outgoing() -> Iterator[Outgoing]:
    """The server on a port of its own."""
    handler = Outgoing()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        handler.port = controller.port
        yield handler
    finally:
        controller.stop()
