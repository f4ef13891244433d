"""Tries what foreign code does, whose errors nobody can list."""

from dataclasses import dataclass
from types import TracebackType

from counterfoil.terms.error import CounterfoilError


@dataclass(slots=True)
class Attempt:
    """Whatever a foreign client may raise, kept: what was begun and has no end would be worse."""

    error: Exception | None = None

    def __enter__(self) -> "Attempt":
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """Keep an error; what ends the process ends it."""
        if isinstance(error, Exception):
            self.error = error
        return isinstance(error, Exception)

    @property
    def why(self) -> str:
        """What went wrong, without a word that a system said by itself: that may be anything."""
        if isinstance(self.error, CounterfoilError):
            return self.error.message
        return f"its system answered nothing that can be used ({type(self.error).__name__})"
