"""What is remembered between events, so that the rows of later ones can be told: small, and forgotten."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from counterfoil.collect.forge.event import Actor
from counterfoil.terms.ids import Pseudonym

KEPT_FOR = timedelta(days=60)
"""How long something is remembered that nothing came of; a fate is asked for after thirty days."""
EXACT_FOR = timedelta(hours=24)
MOST_EXACT = 50_000
HALF = timedelta(minutes=30)


class State(Protocol):
    """What is remembered, by name. Each of it says its day, by which it is forgotten."""

    def get(self, name: str) -> Mapping[str, Any] | None:
        """What is remembered under a name."""

    def put(self, name: str, value: Mapping[str, Any]) -> None:
        """Remember something instead of what was."""

    def drop(self, name: str) -> None:
        """Remember nothing under a name."""


@dataclass(slots=True)
class Moments:
    """Exact times, in this process alone and for a day; what is kept on disk has the hour.

    A duration of which one end is only known by its hour is reckoned from the middle of that hour.
    """

    _at: dict[str, datetime] = field(default_factory=dict)

    def note(self, name: str, at: datetime) -> str:
        """Remember a time for a day; its hour, to be kept."""
        if len(self._at) >= MOST_EXACT:
            self._at.clear()
        self._at[name] = at
        return at.strftime("%Y-%m-%dT%H")

    def of(self, name: str, hour: str) -> datetime:
        """The time that was noted, or the middle of its hour."""
        at = self._at.get(name)
        if at is not None and at.strftime("%Y-%m-%dT%H") == hour:
            return at
        return datetime.strptime(hour, "%Y-%m-%dT%H").replace(tzinfo=UTC) + HALF

    def forget(self, now: datetime) -> None:
        """Forget those that are a day old."""
        self._at = {name: at for name, at in self._at.items() if now - at < EXACT_FOR}


@dataclass(slots=True)
class Fold:
    """What one event comes to: rows, and what is remembered of it."""

    state: State
    moments: Moments
    pseudonym: Callable[[str], Pseudonym]
    """Of an identity; empty for somebody who had their data erased."""
    rows: list[Any] = field(default_factory=list)

    def who(self, actor: Actor) -> Pseudonym | None:
        """Whoever did something: empty for an agent, None for somebody of whom nothing is kept any more."""
        if actor.is_agent:
            return Pseudonym("")
        return self.pseudonym(actor.identity) or None


def minutes(since: datetime, until: datetime) -> float:
    """How long it took."""
    return (until - since).total_seconds() / 60
