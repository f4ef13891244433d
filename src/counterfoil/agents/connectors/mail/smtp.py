"""Sends one message over SMTP, once: to everybody or to nobody, and says whether it was taken."""

import re
import smtplib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from counterfoil.agents.connectors.connector import NotDone
from counterfoil.agents.connectors.mail.box import not_done, signed_out, unsure
from counterfoil.agents.connectors.oauth import Tokens
from counterfoil.agents.connectors.service import secure
from counterfoil.terms.error import ToolError

GOES_AHEAD, TAKEN, CLASS = 354, 250, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Smtp:
    """A server that takes mail to send."""

    host: str
    port: int
    security: str = "tls"
    """`tls`, `starttls`, or `none`, which is for this machine alone."""
    user: str = ""
    password: str = field(default="", repr=False)
    tokens: Tokens | None = None
    timeout: float = 60.0
    context: ssl.SSLContext | None = None

    def send(self, sender: str, recipients: Sequence[str], raw: bytes, *, name: str = "localhost") -> None:
        """Hand one message over. Raises: NotDone where nobody got it, Unsure where that is open."""
        try:
            server = self._opened(name)
        except (OSError, smtplib.SMTPException) as error:
            raise _refused("The server that sends could not be reached", error) from error
        try:
            self._offered(server, sender, recipients)
            _handed(server, raw)
        finally:
            server.close()

    def _opened(self, name: str) -> smtplib.SMTP:
        context = self.context or secure()
        if self.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, local_hostname=name, timeout=self.timeout, context=context
            )
        else:
            server = smtplib.SMTP(self.host, self.port, local_hostname=name, timeout=self.timeout)
        try:
            server.ehlo()
            if self.security == "starttls":
                server.starttls(context=context)
                server.ehlo()
            self._signed_in(server)
        except (OSError, smtplib.SMTPException, ToolError):
            server.close()
            raise
        return server

    def _signed_in(self, server: smtplib.SMTP) -> None:
        try:
            if self.tokens is not None:
                self.tokens.tried(lambda token: _xoauth2(server, self.user, token))
            elif self.user:
                server.login(self.user, self.password)
        except smtplib.SMTPAuthenticationError as error:
            raise signed_out(self.user) from error

    def _offered(self, server: smtplib.SMTP, sender: str, recipients: Sequence[str]) -> None:
        """Envelope and DATA; until the message itself is under way, nothing can have gone out."""
        try:
            steps: list[Callable[[], tuple[int, bytes]]] = [lambda: server.mail(sender)]
            steps += [lambda one=one: server.rcpt(one) for one in recipients]  # type: ignore[misc]
            for step in steps:
                code, said = step()
                if code // CLASS != TAKEN // CLASS:
                    raise _refused("The server refused the sender or somebody whom it is for", (code, said))
            code, said = server.docmd("DATA")
        except (OSError, smtplib.SMTPException) as error:
            raise _refused("The server went away before the message was handed over", error) from error
        if code != GOES_AHEAD:
            raise _refused("The server did not want the message", (code, said))


def _handed(server: smtplib.SMTP, raw: bytes) -> None:
    try:
        server.send(re.sub(rb"(?m)^\.", b"..", raw.removesuffix(b"\r\n")) + b"\r\n.\r\n")
        code, said = server.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise unsure(type(error).__name__) from error
    if code // CLASS != TAKEN // CLASS:
        if code < 4 * CLASS:
            raise unsure(f"it answered {code}")
        raise _refused("The server did not take the message", (code, said))


def _refused(what: str, why: object) -> NotDone:
    if isinstance(why, NotDone):
        return why
    code = why[0] if isinstance(why, tuple) else getattr(why, "smtp_code", type(why).__name__)
    later = isinstance(code, int) and code // CLASS == 4
    hint = "Try again later." if later else "Look at the addresses and at the server's settings."
    return not_done("mail-not-sent", f"{what} ({code}); nobody got it.", hint)


def _xoauth2(server: smtplib.SMTP, user: str, token: str) -> bool:
    """Source: Google, XOAUTH2 mechanism; Microsoft, authenticate IMAP, POP, SMTP using OAuth."""
    try:
        server.auth("XOAUTH2", lambda challenge=None: _answer(user, token, challenge))
    except smtplib.SMTPAuthenticationError as error:
        if error.smtp_code // CLASS == 4:
            raise
        return False
    return True


def _answer(user: str, token: str, challenge: bytes | None) -> str:
    return "" if challenge else f"user={user}\x01auth=Bearer {token}\x01\x01"
