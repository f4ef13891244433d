"""How people make a number up, and what each way leaves in telemetry."""

from dataclasses import dataclass
from enum import StrEnum

REQUEST_TOKENS = 12_000
"""Tokens of a request.

Source: 60e12 tokens in 5e9 requests (goodhart C14; press figures of 2026).
"""


class Way(StrEnum):
    """What a tactic is good for."""

    PAD = "pad"
    """A few calls to be over a line."""
    BURN = "burn"
    """As many tokens as possible."""
    RESIST = "resist"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tactic:
    """One way of making a number up; shares are of its own requests, sessions or artefacts."""

    name: str
    says: str
    way: Way
    weight: float
    """How often it is chosen among those of its way: an assumption."""
    request_tokens: float = REQUEST_TOKENS
    """Unit: tokens of a typical request."""
    output_share: float = 0.05
    """Unit: share of tokens that are output."""
    repeat: float = 0.1
    """Share of prompts that were sent before."""
    metronomic: bool = False
    night: float = 0.1
    """Share of requests between 22 and 6 o'clock, local time."""
    human_turns: float = 0.1
    """Human turns for each request."""
    tool_calls: float = 0.6
    """Tool calls for each request."""
    kept: float = 0.0
    """Share of what it makes that is still there 30 days later."""
    daily: bool = False
    """Whether it is done every day of a week, and not just before its end."""
    logged_only: bool = False
    """Whether no gateway or bill has a record of it."""


TACTICS = (
    Tactic(name="idle-loop", says="an agent loop left running", way=Way.BURN, weight=4, night=0.45,
           human_turns=0.001, metronomic=True, tool_calls=1.0),
    Tactic(name="burner", says="a command that sends the same filler", way=Way.BURN, weight=2,
           request_tokens=10_000, output_share=0.0003, repeat=1.0, human_turns=0.0, tool_calls=0.0,
           metronomic=True, night=0.4),
    Tactic(name="pinger", says="a timed ping from an editor", way=Way.PAD, weight=1, request_tokens=1_500,
           daily=True, output_share=0.01, repeat=0.9, metronomic=True, human_turns=0.0,
           tool_calls=0.0, night=0.35),
    Tactic(name="false-log", says="log rows that no gateway knows", way=Way.BURN, weight=0.3,
           logged_only=True, human_turns=0.0, repeat=0.8),
    Tactic(name="rereading", says="the same files read again and again", way=Way.BURN, weight=2,
           output_share=0.005, repeat=0.6, tool_calls=1.5),
    Tactic(name="padded-context", says="far more context than is used", way=Way.BURN, weight=2,
           request_tokens=120_000, output_share=0.004),
    Tactic(name="rephrasing", says="one question in many words", way=Way.PAD, weight=3, repeat=0.7,
           request_tokens=4_000, human_turns=0.9, tool_calls=0.0),
    Tactic(name="splitting", says="one prompt cut into ten", way=Way.PAD, weight=3, request_tokens=2_500,
           human_turns=1.0, tool_calls=0.1, kept=0.4),
    Tactic(name="empty-deployment", says="deployments of what already runs", way=Way.BURN, weight=1,
           tool_calls=1.0, human_turns=0.02),
    Tactic(name="unread-documents", says="documents and tests that nobody reads", way=Way.BURN, weight=2,
           output_share=0.25, kept=0.5),
    Tactic(name="deadline", says="a burst on the last day", way=Way.PAD, weight=5, request_tokens=3_000,
           human_turns=0.8, tool_calls=0.1),
    Tactic(name="discarded", says="output that is made and deleted", way=Way.BURN, weight=2,
           output_share=0.15),
    Tactic(name="dearest-model", says="the dearest model for everything", way=Way.BURN, weight=1, kept=0.5,
           human_turns=0.15),
    Tactic(name="parallel", says="many agents on one task", way=Way.BURN, weight=2, repeat=0.8, kept=0.1),
    Tactic(name="chatter", says="agents that talk to each other", way=Way.BURN, weight=1, human_turns=0.0,
           tool_calls=0.2, night=0.4),
    Tactic(name="streak", says="one trivial call each day, also on leave", way=Way.PAD, weight=2, daily=True,
           request_tokens=900, human_turns=1.0, tool_calls=0.0),
    Tactic(name="shared-account", says="one account for several people", way=Way.PAD, weight=0.5,
           human_turns=0.5),
    Tactic(name="inflated-marks", says="a tool that claims what it did not write", way=Way.PAD, weight=0.5,
           human_turns=0.5),
    Tactic(name="minimal-use", says="the least that counts, and none of it kept", way=Way.RESIST, weight=1,
           request_tokens=1_000, human_turns=1.0, tool_calls=0.0),
    Tactic(name="adaptive", says="as honest work would look, with a few real results", way=Way.BURN,
           weight=1, repeat=0.2, human_turns=0.1, kept=0.2),
)  # fmt: skip
"""Twenty ways, as reported, published as tools, or inferred; `weight` and the figures are assumptions."""
