"""How requests look that a kind of work, or a way of making a number up, leaves behind."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from counterfoil.simulate.company.people import Workload
from counterfoil.simulate.company.tactics import REQUEST_TOKENS, TACTICS, Tactic, Way
from counterfoil.terms.usage import Credential, Trigger

TRIGGERS = tuple(Trigger)
CREDENTIALS = tuple(Credential)
EVEN, UNEVEN = 0.03, 0.6
"""How much the size of requests varies (sigma of its logarithm) where a program repeats itself, and else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How requests look; everything here is an assumption, after the reports that `tactics` names."""

    name: str
    request_tokens: float = REQUEST_TOKENS
    """Unit: tokens of a typical request."""
    output_share: float = 0.05
    repeat: float = 0.1
    """Share of prompts that were sent before."""
    metronomic: bool = False
    night: float = 0.03
    """Share of requests between 22 and 6 o'clock, local time."""
    human_turns: float = 0.1
    """Human turns for each request."""
    tool_calls: float = 0.6
    """Tool calls for each request."""
    session_requests: float = 60
    """Requests of a session."""
    spread: float = UNEVEN
    trigger: Trigger = Trigger.HUMAN
    """What set it off, as far as a tool can know: it can't tell a timer from a hand on the keyboard."""


WORKS = (
    Manner(name="ordinary"),
    Manner(name="evaluation", repeat=0.75, night=0.45, human_turns=0.004, tool_calls=0.1,
           session_requests=2_000, trigger=Trigger.SCHEDULE),
    Manner(name="pipeline", repeat=0.4, metronomic=True, night=0.38, human_turns=0.01, tool_calls=1.2,
           session_requests=40, trigger=Trigger.EVENT),
    Manner(name="migration", repeat=0.6, night=0.4, human_turns=0.01, tool_calls=1.0,
           session_requests=400, trigger=Trigger.SCHEDULE),
    Manner(name="exploration", human_turns=0.3, repeat=0.05),
    Manner(name="learner", human_turns=0.6, repeat=0.45, tool_calls=0.2, request_tokens=6_000),
    Manner(name="irregular-hours", night=0.35, repeat=0.25),
    Manner(name="runaway", metronomic=True, night=0.45, human_turns=0.002, tool_calls=1.0,
           session_requests=6_000),
    Manner(name="best-of-n", repeat=0.8, session_requests=12, trigger=Trigger.AGENT),
    Manner(name="large-context", request_tokens=80_000, output_share=0.01),
)  # fmt: skip
"""What honest work looks like, one for each `Workload`."""
BY_AGENTS = {"chatter", "parallel"}
"""Tactics whose sessions were started by another one, as the tool reports."""


def _of(tactic: Tactic) -> Manner:
    """A tactic's manner: its own figures, and sessions as long as a loop's or as short as a glance."""
    small = tactic.way is not Way.BURN
    return Manner(
        name=tactic.name,
        request_tokens=tactic.request_tokens,
        output_share=tactic.output_share,
        repeat=tactic.repeat,
        metronomic=tactic.metronomic,
        night=tactic.night,
        human_turns=tactic.human_turns,
        tool_calls=tactic.tool_calls,
        session_requests=5_000 if tactic.metronomic else 5 if small else 80,
        spread=EVEN if tactic.metronomic else UNEVEN,
        trigger=Trigger.AGENT if tactic.name in BY_AGENTS else Trigger.HUMAN,
    )


MANNERS = (*WORKS, *(_of(tactic) for tactic in TACTICS))
FIRST_TACTIC = len(Workload)
"""Place in MANNERS of the first tactic."""


def column(name: str, dtype: Any = np.float32) -> NDArray[Any]:
    """One figure of every manner.

    Shape: (manners,).
    """
    return np.array([getattr(manner, name) for manner in MANNERS], dtype)
