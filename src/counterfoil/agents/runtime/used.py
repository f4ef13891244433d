"""What a run used, as any other tool would say it."""

from datetime import datetime

from pydantic_ai.messages import ModelResponse

from counterfoil.agents.definition.derived import place_of
from counterfoil.agents.runtime.cost import Cost
from counterfoil.agents.runtime.hand import Hand
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import SessionId, SourceId
from counterfoil.terms.usage import NOT_STATED, Credential, Trigger, Usage

SOURCE = SourceId("agents")
TOOL = "counterfoil-agents"
NO_PRICE = Unknown("no price is known for the model")
SET_OFF = {
    "schedule": Trigger.SCHEDULE,
    "mail": Trigger.EVENT,
    "webhook": Trigger.EVENT,
    "mention": Trigger.AGENT,
    "hand": Trigger.AGENT,
    "agent": Trigger.AGENT,
}
"""What set it off. Somebody who asks an agent is not a person at work with a tool, and is not active by it."""


def usage_of(hand: Hand, *, key: str, at: datetime, response: ModelResponse, cost: Cost) -> Usage:
    """One question of a run."""
    used, (_, model, _) = response.usage, place_of(hand.definition)
    parent = hand.run.parent
    return Usage(
        source=SOURCE,
        key=f"{hand.run.id}:{key}",
        at=at,
        session=SessionId(hand.run.id),
        model=response.model_name or model,
        input_uncached=max(0, used.input_tokens - used.cache_read_tokens - used.cache_write_tokens),
        cache_read=used.cache_read_tokens,
        cache_write=used.cache_write_tokens,
        output=used.output_tokens,
        reasoning=used.output_reasoning_tokens or NOT_STATED,
        tool=TOOL,
        who=hand.run.owner,
        cost=NO_PRICE if cost.is_floor else cost.usd,
        parent_session=NOT_STATED if parent is None else SessionId(parent),
        trigger=SET_OFF.get(hand.set_off, Trigger.AGENT),
        credential=Credential.SERVICE,
    )
