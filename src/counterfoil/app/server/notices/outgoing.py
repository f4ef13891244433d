"""The mail server through which an organisation tells people that something waits for them."""

import os
import smtplib
import ssl
import tomllib
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from counterfoil.guard.directory.addresses import PLAIN
from counterfoil.terms.error import SourceError, ToolError

FILE = "notices.toml"
SECONDS = 20.0
OTHERS = 0o077
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class NoticesTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`notices.toml` in the data directory."""

    sender: str
    """The address that messages are from."""
    host: str
    """The mail server."""
    port: int = 587
    security: Literal["tls", "starttls", "none"] = "starttls"
    """`none` for a server on this machine, or one that takes no password."""
    user: str = ""
    """With which name to sign in; empty where it needs none."""
    password_env: str = ""
    """The environment variable that has the password."""
    password_file: str = ""
    """The file that has it, beside this one; nobody else may be able to read it."""
    address: str = ""
    """Where people reach this server; where it says so itself, where nothing is said."""


class Unsent(ToolError):
    """A message that the mail server did not take."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail server, with what it takes to be let in."""

    told: NoticesTable
    password: str = field(default="", repr=False)

    @classmethod
    def of(cls, folder: Path) -> "Outgoing | None":
        """The one of a data directory; none where nobody set one up.

        Raises: SourceError where the file can't be taken.
        """
        file = folder / FILE
        if not file.exists():
            return None
        try:
            told = msgspec.convert(tomllib.loads(file.read_text("utf-8")), type=NoticesTable)
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
            raise _wrong(file, str(error).splitlines()[0]) from error
        if why := _unsound(told):
            raise _wrong(file, why)
        return cls(told, _password(told, file))

    def send(self, to: str, subject: str, text: str) -> None:
        """Send one message to one person.

        Raises: Unsent where the server did not take it.
        """
        message = EmailMessage(policy=SMTP)
        message["From"], message["To"], message["Subject"] = self.told.sender, to, subject
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        try:
            with self._connected() as server:
                if self.told.user:
                    server.login(self.told.user, self.password)
                server.send_message(message)
        except (OSError, smtplib.SMTPException, ssl.SSLError) as error:
            # What it answers may have the address in it.
            says = f"the mail server {self.told.host} did not take it ({type(error).__name__})"
            raise Unsent("notice-unsent", says, hint=f"look at {FILE}, and at the mail server") from error

    def _connected(self) -> smtplib.SMTP:
        told, trusted = self.told, ssl.create_default_context()
        if told.security == "tls":
            return smtplib.SMTP_SSL(told.host, told.port, timeout=SECONDS, context=trusted)
        server = smtplib.SMTP(told.host, told.port, timeout=SECONDS)
        if told.security == "starttls":
            try:
                server.starttls(context=trusted)
            except (OSError, smtplib.SMTPException):
                server.close()
                raise
        return server


def _unsound(told: NoticesTable) -> str:
    where = urlsplit(told.address)
    if not PLAIN.fullmatch(told.sender):
        return "sender is no plain mail address"
    if told.security == "none" and told.user and told.host not in LOOPBACK:
        return "the password would be sent for all to read; use tls or starttls"
    if told.address and (
        where.scheme not in {"http", "https"} or not where.hostname or where.path.strip("/")
    ):
        return "address is none, such as https://counterfoil.example.org"
    if bool(told.user) != (bool(told.password_env) != bool(told.password_file)):
        return "a user has one password: password_env or password_file"
    return ""


def _password(told: NoticesTable, file: Path) -> str:
    """The password.

    Raises: SourceError where it is not there, or others can read it.
    """
    if not told.user:
        return ""
    if told.password_env:
        return os.environ.get(told.password_env) or _none(told.password_env)
    path = file.parent / told.password_file
    try:
        if path.stat().st_mode & OTHERS:
            raise SourceError("notices-open", f"{path} can be read by others", hint=f"chmod 600 {path}")
        return path.read_text("utf-8").strip() or _none(str(path))
    except (OSError, UnicodeDecodeError):
        return _none(str(path))


def _none(where: str) -> str:
    raise SourceError("notices-password", f"there is no password in {where}", hint="put it there")


def _wrong(file: Path, why: str) -> SourceError:
    return SourceError("notices-wrong", f"{file}: {why}", hint="see docs/reference/agent-notices.md")
