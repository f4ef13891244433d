"""What was made and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from counterfoil.terms.effect import EffectFate
from counterfoil.terms.ids import Pseudonym, SessionId
from counterfoil.terms.tool import EffectClass


class FateKind(StrEnum):
    """Where a change stands today; the first that applies, in this order."""

    REVERTED = "reverted"
    CORRECTED = "corrected"
    REPLACED = "replaced"
    STANDING = "standing"
    TOO_YOUNG = "too_young"


class SpendPart(StrEnum):
    """The parts of a spend; together they are all of it."""

    STANDING = "standing"
    CORRECTED = "corrected"
    REVERTED = "reverted"
    REPLACED = "replaced"
    """Replaced by design: rewritten or removed for a reason that was no correction."""
    TOO_YOUNG = "too_young"
    """Landed less than 30 days ago and not corrected so far."""
    NOTHING_FOUND = "nothing_found"
    """In a repository that was examined, but no change was found; exploring is not waste."""
    NOT_EXAMINED = "not_examined"
    """In a repository or folder that could not be examined."""
    UNKNOWN = "unknown"
    """The log does not say where it was spent."""


class Rewriter(StrEnum):
    """Who rewrote a line, as a class; never a name."""

    SAME_PERSON = "same_person"
    OTHER = "other"
    AGENT = "agent"


class WorkKind(StrEnum):
    """What an agent made, as it is counted."""

    CHANGE = "change"
    DEPLOYMENT = "deployment"
    DRAFT = "draft"
    MAIL = "mail"
    POST = "post"
    FILING = "filing"
    """Something that was moved, marked or arranged for its owner."""
    NEEDLESS = "needless"
    """Nothing: what would have changed nothing, or said the same again, and so was refused."""


BY_AGENT = "agent-"
"""How kinds of work begin that an agent made, so that they are never taken for a person's."""
MADE: Mapping[EffectClass, WorkKind] = {
    EffectClass.CHANGE: WorkKind.CHANGE,
    EffectClass.DEPLOY: WorkKind.DEPLOYMENT,
    EffectClass.DRAFT: WorkKind.DRAFT,
    EffectClass.SEND: WorkKind.MAIL,
    EffectClass.POST: WorkKind.POST,
    EffectClass.ARRANGE: WorkKind.FILING,
}
"""What an effect makes; of any other nothing is left that could be followed."""


class WorkFated(StrEnum):
    """What became of what an agent made, as the system says where it lies."""

    STANDING = "standing"
    CORRECTED = "corrected"
    """A person changed it before it was of use, or put it right."""
    REVERTED = "reverted"
    """A person threw it away or took it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Something that an agent made; its key is that of the effect, so that it is counted once."""

    key: str
    kind: WorkKind
    who: Pseudonym
    """The agent's owner."""
    day: date
    session: SessionId
    """The run that made it."""
    repository: str = ""
    """Of a change: host, owner and name, in small letters."""
    commit: str = ""
    """Of a change: the commit, by which the ordinary examination of the repository finds it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of a work, on the day on which it was so."""

    work: Work
    fate: WorkFated
    day: date


FATED: Mapping[EffectFate, WorkFated] = {
    EffectFate.STANDING: WorkFated.STANDING,
    EffectFate.MERGED: WorkFated.STANDING,
    EffectFate.DEPLOYED: WorkFated.STANDING,
    EffectFate.SENT: WorkFated.STANDING,
    EffectFate.ANSWERED: WorkFated.STANDING,
    EffectFate.EDITED: WorkFated.CORRECTED,
    EffectFate.REVERTED: WorkFated.REVERTED,
    EffectFate.ROLLED_BACK: WorkFated.REVERTED,
    EffectFate.DISCARDED: WorkFated.REVERTED,
    EffectFate.REDACTED: WorkFated.REVERTED,
    EffectFate.MOVED_BACK: WorkFated.REVERTED,
}
"""What became of a work, by what became of the effect; what is too young, or unseen, has none."""
