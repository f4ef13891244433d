"""What the gateway needs of the gate and of whoever keeps track of labels."""

from collections.abc import Mapping
from typing import Any, Protocol

from counterfoil.agents.gate import Cleared, Held
from counterfoil.terms.effect import Call, EffectState
from counterfoil.terms.label import Label
from counterfoil.terms.release import Refuse
from counterfoil.terms.tool import Argument, Tool


class Gate(Protocol):
    """Whoever says yes, not yet, or no, and records it first."""

    @property
    def is_near(self) -> bool:
        """Whether it records on this machine, so that a lone call can wait for it."""

    def begin(self, call: Call, *, needless: str = "") -> Cleared | Held | Refuse:
        """What is said of a call; where it is cleared, that is on record already."""

    def finish(
        self, cleared: Cleared, *, state: EffectState, ref: str = "", why: str = "", wait: bool = True
    ) -> None:
        """What became of a call that was cleared; recorded before it returns, or in a moment."""


class Trace(Protocol):
    """What a session has read, and so where the arguments of its calls come from."""

    @property
    def label(self) -> Label:
        """Of everything it has read; it only grows."""

    def arguments(self, tool: Tool, values: Mapping[str, Any]) -> tuple[Argument, ...]:
        """The arguments of a call, each with where its parts come from."""

    def answered(self, tool: Tool, asked: Mapping[str, Any], value: Any) -> Label:
        """Take in what a tool answered."""
