"""Asks the running server, and through it the agents' process, for a person at the command line."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import msgspec

from counterfoil.agents.link import connected
from counterfoil.agents.wire import (
    AGENTS_SOCKET,
    RELEASE,
    SECONDS,
    Answered,
    AnyMessage,
    Asked,
    Asker,
    Failed,
    Hello,
    Welcome,
    WireError,
    raw,
    read,
    written,
)
from counterfoil.app.printed import Printed
from counterfoil.show.deed import refusal
from counterfoil.terms.error import CounterfoilError, SourceError, StoreError
from counterfoil.terms.release import Refuse

REFUSED = 3
UNASKED = frozenset({"no-secret", "unknown-secret", "no-such-question", "question-malformed"})
"""Codes of what was not asked rightly, so that nobody refused it."""


class Refused(CounterfoilError):
    """Somebody may not do this, or not now: told as a refusal."""


@dataclass(frozen=True, slots=True)
class Console:
    """Where to ask, and as whom."""

    data: Path | None
    socket: Path | None
    secret: Path | None

    @property
    def path(self) -> Path:
        """The server's socket.

        Raises: UsageError where neither it nor a data directory is named.
        """
        if self.socket is None and self.data is None:
            raise click.UsageError(
                "name the data directory with --data, or the server's socket with --socket"
            )
        return self.socket if self.socket is not None else (self.data or Path()) / AGENTS_SOCKET

    def ask(self, name: str, /, **arguments: Any) -> Any:
        """The answer to one question, as JSON has it.

        Raises: Refused where it is refused; StoreError where the server, or the agents' process, is away.
        """
        given = {key: raw(value) for key, value in arguments.items()}
        told = self._told(name, given)
        if isinstance(told, Answered):
            return msgspec.json.decode(told.value)
        if isinstance(told, Failed):
            kind = StoreError if told.broken or told.code in UNASKED else Refused
            raise kind(told.code, told.says, hint=told.hint or "look at it again")
        raise WireError("the server answered something else")

    def _told(self, name: str, given: Mapping[str, msgspec.Raw]) -> AnyMessage | None:
        asked = Asked(number=1, name=name, asker=Asker(who=None), arguments=given, secret=self._secret())
        try:
            with closing(connected(self.path)) as stream:
                # What it asks of the agents' process may take as long as that may take.
                stream.settimeout(3 * SECONDS)
                stream.sendall(written(Hello(release=RELEASE, part="console")))
                first = read(stream)
                if not isinstance(first, Welcome):
                    return first
                stream.sendall(written(asked))
                return read(stream)
        except OSError as error:
            hint = "look whether it still runs"
            raise StoreError("no-answer", "the server does not answer", hint=hint) from error

    def _secret(self) -> str:
        if self.secret is None:
            return ""
        try:
            return self.secret.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            hint = "name the file that you were given when you were enrolled"
            raise SourceError("no-secret", f"{self.secret} can't be read", hint=hint) from error


def said(refused: Refused, *, as_json: bool) -> int:
    """Print a refusal, with its exit code."""
    printed = Printed()
    why = refused.message
    printed.data(refusal(Refuse(refused.code, f"{why[:1].upper()}{why[1:]}."), as_json=as_json))
    if not as_json:
        printed.words(f"hint: {refused.hint}")
    return printed.done(None, REFUSED)
