"""One connection to an IMAP server, signed in, for as long as one call needs it."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from imapclient import IMAPClient  # type: ignore[import-untyped]
from imapclient.exceptions import (  # type: ignore[import-untyped]
    IMAPClientAbortError,
    IMAPClientError,
)

from counterfoil.agents.connectors.mail.box import not_done, signed_out, unanswered
from counterfoil.agents.connectors.oauth import Tokens
from counterfoil.agents.connectors.service import secure

_LATER = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Imap:
    """A server that keeps mail."""

    host: str
    port: int
    security: str = "tls"
    """`tls`, `starttls`, or `none`, which is for this machine alone."""
    user: str
    password: str = field(default="", repr=False)
    tokens: Tokens | None = None
    timeout: float = 60.0
    context: ssl.SSLContext | None = None

    @contextmanager
    def session(self, change: str = "") -> Iterator[IMAPClient]:
        """A connection; `change` names what is to be made of the mailbox, where anything is.

        Raises: NotDone where surely nothing was changed; ToolError where that is open.
        """
        client = self._connected()
        try:
            self._signed_in(client)
            try:
                yield client
            except (OSError, IMAPClientAbortError) as error:
                raise (unanswered(change) if change else _away(error)) from error
            except IMAPClientError as error:
                raise not_done(
                    "mail-refused",
                    "The mailbox said no, and nothing was changed.",
                    "Look whether it is still there.",
                ) from error
        finally:
            _left(client)

    def _connected(self) -> IMAPClient:
        try:
            client = IMAPClient(
                self.host,
                self.port,
                ssl=self.security == "tls",
                ssl_context=(self.context or secure()) if self.security == "tls" else None,
                timeout=self.timeout,
            )
        except (OSError, IMAPClientError) as error:
            raise _away(error) from error
        client.normalise_times = False
        try:
            if self.security == "starttls":
                client.starttls(self.context or secure())
        except (OSError, IMAPClientError) as error:
            _left(client)
            raise _away(error) from error
        return client

    def _signed_in(self, client: IMAPClient) -> None:
        try:
            if self.tokens is not None:
                self.tokens.tried(lambda token: _with(client, self.user, token))
            else:
                client.login(self.user, self.password)
        except (OSError, IMAPClientAbortError) as error:
            raise _away(error) from error
        except IMAPClientError as error:
            if any(word in str(error) for word in _LATER):
                raise _away(error) from error
            raise signed_out(self.user) from error


def _with(client: IMAPClient, user: str, token: str) -> bool:
    try:
        client.oauth2_login(user, token)
    except IMAPClientAbortError:
        raise
    except IMAPClientError as error:
        if any(word in str(error) for word in _LATER):
            raise
        return False
    return True


def _left(client: IMAPClient) -> None:
    try:
        client.logout()
    except (OSError, IMAPClientError):
        try:
            client.shutdown()
        except (OSError, IMAPClientError):
            return


def _away(error: Exception) -> Exception:
    return not_done(
        "mail-unreachable",
        f"The mailbox can't be reached ({type(error).__name__}); nothing was done.",
        "Try again later.",
    )
