"""What every system offers to agents, and how it says that something did not happen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Protocol, runtime_checkable

from counterfoil.terms.effect import Effect, Followed
from counterfoil.terms.error import ToolError
from counterfoil.terms.tool import ConnectorId, Tool

REFUSED = frozenset(range(400, 500)) - {HTTPStatus.REQUEST_TIMEOUT} | {307, 308}
"""Statuses of HTTP after which surely nothing happened; a 303, for one, can follow what was done.

Source: RFC 9110 sections 15.4 and 15.5.
"""


class NotDone(ToolError):
    """The system was reached or not, and surely nothing happened there."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a system answered to one call."""

    value: Any
    """As JSON has it; labelled by the tool's manifest, and never trusted beyond that."""
    ref: str = ""
    """What the system calls what was made: a message id, an event id, a revision."""


class Connector(Protocol):
    """One system with the credentials of one owner."""

    @property
    def id(self) -> ConnectorId:
        """Its name in grants."""

    @property
    def tools(self) -> Mapping[str, Tool]:
        """The manifest, by name of the tool."""

    def do(self, tool: str, arguments: Mapping[str, Any], key: str) -> Answer:
        """Make one call; with the same key it happens once, where the system knows keys.

        Raises: NotDone where surely nothing happened; any other error leaves that open.
        """

    def read_back(self, tool: str, arguments: Mapping[str, Any], key: str) -> Answer | None:
        """What the system has of a call that was made; None where it has nothing of it."""

    def needless(self, tool: str, arguments: Mapping[str, Any]) -> str:
        """Why a call would change nothing: `duplicate`, `empty-change`, `same-tree`; empty where it would."""

    def follow(self, effect: Effect, now: datetime) -> Followed:
        """What became of an effect."""


@runtime_checkable
class Normalising(Protocol):
    """A system in which one place can be written in several ways, and is judged by one of them."""

    def normal(self, tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """A call's arguments in the form in which they are judged and made.

        Raises: NotDone where they name no place.
        """


@runtime_checkable
class Closing(Protocol):
    """A system that keeps something open between calls."""

    def close(self) -> None:
        """Let go of it for good."""


@runtime_checkable
class Undoing(Protocol):
    """A system in which something that does not work can be taken back by another call."""

    def undo(self, effect: Effect) -> tuple[str, Mapping[str, Any]] | None:
        """The tool and the arguments that would take an effect back; None where nothing would."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What a system has of agents."""

    marked: Mapping[str, str]
    """By the mark of its effect: what the system calls each thing that agents made in it."""
    standing: Mapping[str, str]
    """By the mark that it should have: what stands there now, whoever made it."""


@runtime_checkable
class Listing(Protocol):
    """A system that can say what agents did in it, without being told what to look for."""

    def listed(self) -> Listed:
        """Everything that lies there with the mark of an agent.

        Raises: ToolError where it can't be asked.
        """

    def mark(self, key: str) -> str:
        """The mark under which an effect lies there."""
