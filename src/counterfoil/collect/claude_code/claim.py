"""What the usage object of a message says."""

from datetime import datetime
from typing import Any

from counterfoil.collect.claude_code.record import Claim, Iteration, PlainClaim, PlainCreation
from counterfoil.collect.reading import MAX_COUNT, NONE

MOST_USD = 1_000_000
"""No request costs more; a larger stated cost is not believed."""


def claiming(line: Any) -> dict[str, Any] | None:
    """The message that claims usage in an untyped line."""
    for path in (("message",), ("data", "message", "message")):
        at = line
        for name in path:
            at = at.get(name) if isinstance(at, dict) else None
        if isinstance(at, dict) and isinstance(at.get("usage"), dict):
            return at
    return None


def is_time(stated: Any) -> bool:
    """Whether a stated time is one."""
    try:
        datetime.fromisoformat(stated)
    except (TypeError, ValueError):
        return False
    return True


def is_absurd(claim: Claim | Iteration) -> bool:
    """Whether a count is none that a client makes."""
    made = claim.cache_creation
    stated = (
        claim.input_tokens,
        claim.output_tokens,
        claim.cache_read_input_tokens,
        claim.cache_creation_input_tokens,
        made.ephemeral_5m_input_tokens if made is not None else None,
        made.ephemeral_1h_input_tokens if made is not None else None,
    )
    return any(n is not None and not 0 <= n <= MAX_COUNT for n in stated)


def is_nothing(claim: Claim) -> bool:
    """Whether nothing was used."""
    return not (
        claim.input_tokens
        or claim.output_tokens
        or claim.cache_read_input_tokens
        or claim.cache_creation_input_tokens
    )


def plain(claim: Claim | Iteration) -> PlainClaim:
    """The claim with zero for each count that is not stated."""
    made = claim.cache_creation
    hour = None if made is None else made.ephemeral_1h_input_tokens
    return PlainClaim(
        input_tokens=claim.input_tokens or 0,
        output_tokens=claim.output_tokens or 0,
        cache_read_input_tokens=claim.cache_read_input_tokens or 0,
        cache_creation_input_tokens=claim.cache_creation_input_tokens or 0,
        cache_creation=None
        if made is None
        else PlainCreation(
            ephemeral_5m_input_tokens=made.ephemeral_5m_input_tokens or 0,
            ephemeral_1h_input_tokens=NONE if hour is None else hour,
        ),
    )


def cache_write(claim: PlainClaim) -> int:
    """Tokens written to a cache: the total, or its parts where only they are stated."""
    made, total = claim.cache_creation, claim.cache_creation_input_tokens
    if made is None:
        return total
    # Once for every request: calling max() twice takes longer than all the rest.
    hour = made.ephemeral_1h_input_tokens
    parts = made.ephemeral_5m_input_tokens + (hour if hour > 0 else 0)
    return parts if parts > total else total


def kept_an_hour(claim: PlainClaim) -> int:
    """Tokens written to a cache for an hour; NONE where lifetimes are not stated."""
    return NONE if claim.cache_creation is None else claim.cache_creation.ephemeral_1h_input_tokens


def stated_cost(usd: float) -> int:
    """A stated cost in millionths of a dollar; NONE for one that nobody believes."""
    return round(usd * 1_000_000) if 0 <= usd <= MOST_USD else NONE
