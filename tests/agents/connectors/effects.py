"""Effects as they are followed."""

from datetime import UTC, datetime

from counterfoil.terms.agent import AgentId, Cause, CauseKind
from counterfoil.terms.effect import Effect, EffectState
from counterfoil.terms.ids import Pseudonym


def effect(ref: str, key: str, tool: str) -> Effect:
    """An effect that was done just now."""
    return Effect(
        key=key,
        agent=AgentId("triage"),
        owner=Pseudonym("p"),
        tool=tool,
        cause=Cause(CauseKind.MENTION, "x"),
        at=datetime.now(UTC),
        state=EffectState.DONE,
        to=(),
        ref=ref,
    )
