"""What carries a run through crashes: an interface, so that another engine than DBOS can stand behind it."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any, Protocol

from counterfoil.terms.agent import RunId

END = "end"
"""The field of a step's result that says that it ended the run."""


class Carried(StrEnum):
    """Where the engine has a run."""

    UNKNOWN = "unknown"
    """It was never begun there."""
    UNDER_WAY = "under way"
    ENDED = "ended"
    BROKEN = "broken"
    """It will not go on by itself."""


class Journal(Protocol):
    """What a run does through the engine, so that it is done once, or found as done when it is told again."""

    async def step(self, name: str, do: Callable[[], Any]) -> Any:
        """Do something in a thread of its own; after a crash its result is taken from the journal.

        Whatever was under way is done again, so it has to look first whether it was done.
        """

    async def astep(self, name: str, do: Callable[[], Awaitable[Any]]) -> Any:
        """The same for what waits."""

    async def told(self, topic: str, seconds: float) -> bool:
        """Wait until somebody says that something about a topic changed; false where time ran out."""

    async def delegate(self, run: RunId) -> Any:
        """Begin another run below this one, once, and wait for what it ends with."""


Body = Callable[[RunId, Journal], Awaitable[Any]]
"""A whole run, from the beginning; what was done already comes from the journal."""


class Engine(Protocol):
    """Carries runs until they end, over the end of its own process."""

    def begin(self, run: RunId) -> None:
        """Begin a run; it is begun once, however often that is asked."""

    def tell(self, run: RunId, topic: str) -> None:
        """Say that something about a topic changed; kept until the run looks."""

    def cancel(self, run: RunId) -> None:
        """Let a run go no step further."""

    def take_up(self, run: RunId) -> None:
        """Take a run that ended up again at the step that ended it; what it did before stays done."""

    def carried(self, run: RunId) -> Carried:
        """Where a run is."""

    def close(self) -> None:
        """Stop carrying; what is under way goes on when an engine is opened again."""
