"""Errors that end a command, each with a code, a message and one thing to do."""


class CounterfoilError(Exception):
    """Something the operator can act on."""

    code: str
    message: str
    hint: str

    def __init__(self, code: str, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


class SourceError(CounterfoilError):
    """A foreign file, repository or service could not be read as a whole."""


class StoreError(CounterfoilError):
    """Our own cache or evidence store could not be opened or written."""


class ToolError(CounterfoilError):
    """A program we call, such as git, is missing or failed."""


class LedgerBroken(CounterfoilError):
    """A promise of the log does not hold: it was rewritten, cut or split; nothing goes on from here."""
