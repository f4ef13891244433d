"""What the gateway needs of the gate and of whoever keeps track of labels."""

from collections.abc import Mapping
from typing import Any, Protocol

from counterfoil.terms.effect import Approval, Call, EffectState
from counterfoil.terms.label import Label
from counterfoil.terms.release import Refuse
from counterfoil.terms.tool import Argument, Tool


class Cleared(Protocol):
    """A call that may be made, once, and that is recorded where it has an effect."""

    @property
    def call(self) -> Call:
        """Exactly as it was cleared."""


class Held(Protocol):
    """A call that waits for a person."""

    @property
    def approval(self) -> Approval:
        """What the person is asked."""


class Gate(Protocol):
    """Whoever says yes, not yet, or no, and records it first."""

    def begin(self, call: Call, *, needless: str = "") -> Any:
        """`Cleared`, `Held` or `Refuse`."""

    def finish(self, cleared: Any, *, state: EffectState, ref: str = "", why: str = "") -> None:
        """What became of a call that was cleared."""


class Trace(Protocol):
    """What a session has read, and so where the arguments of its calls come from."""

    @property
    def label(self) -> Label:
        """Of everything it has read; it only grows."""

    def arguments(self, tool: Tool, values: Mapping[str, Any]) -> tuple[Argument, ...]:
        """The arguments of a call, each with where its parts come from."""

    def answered(self, tool: Tool, asked: Mapping[str, Any], value: Any) -> Label:
        """Take in what a tool answered."""


Answer = Cleared | Held | Refuse
