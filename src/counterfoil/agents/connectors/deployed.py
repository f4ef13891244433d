"""What forges say of deployments, and what became of one, however a forge says it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from counterfoil.terms.effect import Effect, EffectFate, Followed

RAN = frozenset({"success", "inactive"})
"""States of deployments that ran, those that another one replaced among them."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """One deployment, as its forge has it."""

    id: str
    revision: str
    state: str
    """In the forge's words, of a closed set; `unknown` for any other."""
    at: str
    kept: str = ""
    """What was kept with it, where an agent made it."""


def hashed(key: str) -> str:
    """The key of an effect as it is kept at a forge, where it says nothing of its run."""
    return sha256(key.encode()).hexdigest()[:32]


def running(newest_first: Sequence[Deployed]) -> Deployed | None:
    """The deployment that runs: the newest that succeeded."""
    return next((one for one in newest_first if one.state == "success"), None)


def ref_of(made: Deployed, before: Deployed | None) -> str:
    """What is kept of a deployment to follow it: its id, its revision and what ran before."""
    return f"{made.id}:{made.revision}:{before.revision if before else ''}"


def previous(effect: Effect) -> str:
    """What ran before a deployment; empty where nothing did."""
    return effect.ref.rpartition(":")[2]


def followed(effect: Effect, newest_first: Sequence[Deployed], now: datetime) -> Followed:
    """What became of a deployment: it runs, it failed, another came after it, or the earlier one did."""
    made, _, rest = effect.ref.partition(":")
    revision, _, previous = rest.partition(":")
    place = next((n for n, one in enumerate(newest_first) if one.id == made), None)
    if place is None:
        return Followed(key=effect.key, fate=EffectFate.NOT_EXAMINED, at=now, why="it is not listed there")
    own = newest_first[place]
    later = running(newest_first[:place])
    if later is not None and later.revision != revision:
        fate = EffectFate.ROLLED_BACK if later.revision == previous else EffectFate.STANDING
        return Followed(key=effect.key, fate=fate, at=now)
    if own.state in RAN:
        return Followed(key=effect.key, fate=EffectFate.DEPLOYED, at=now)
    if own.state in ("error", "failure", "failed", "canceled"):
        return Followed(key=effect.key, fate=EffectFate.REVERTED, at=now, why="it failed", failing=True)
    return Followed(key=effect.key, fate=EffectFate.TOO_YOUNG, at=now)
