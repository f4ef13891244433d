"""How a run ends, in a state and words that a person can act on."""

from dataclasses import dataclass
from typing import Any

from counterfoil.agents.runtime.engine import END
from counterfoil.terms.effect import RunState

RESUMABLE = (RunState.FAILED, RunState.STOPPED, RunState.OUT_OF_BUDGET, RunState.UNCONFIRMED)
"""States from which a person can let a run go on, at the step that ended it."""


class Ended(BaseException):
    """A run ends here; no error of a tool, so that nothing on its way takes it for one."""

    def __init__(self, state: RunState, why: str) -> None:
        super().__init__(why)
        self.state = state
        self.why = why


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run ended with."""

    state: RunState
    why: str = ""
    said: str = ""
    """What the agent said at last; shown as its words, never as fact."""


def end(state: RunState, why: str) -> dict[str, Any]:
    """A step's result that ends its run."""
    return {END: state.value, "why": why}


def must_go_on(result: dict[str, Any]) -> dict[str, Any]:
    """A step's result, unless it ends the run.

    Raises: Ended.
    """
    if END in result:
        raise Ended(RunState(result[END]), str(result.get("why", "")))
    return result
