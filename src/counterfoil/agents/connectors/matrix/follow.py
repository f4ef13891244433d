"""What became of a message in a room, as its homeserver says."""

from datetime import datetime, timedelta

from counterfoil.agents.connectors.matrix.room import (
    EVENT,
    MARK,
    ROOM,
    Event,
    Rooms,
    answered,
    redaction,
    relation,
    replaced,
)
from counterfoil.agents.connectors.outgoing import mark_of
from counterfoil.terms.effect import Effect, EffectFate, Followed

YOUNG = timedelta(days=1)
"""Within which nobody may have answered yet."""


def followed(rooms: Rooms, effect: Effect, now: datetime) -> Followed:
    """Redacted, edited, answered or standing; never from what the agent says.

    Raises: NotDone where the homeserver can't be asked.
    """
    room, _, rest = effect.ref.partition("/$")
    event = f"${rest}"
    if not ROOM.fullmatch(room) or not EVENT.fullmatch(event):
        return _said(effect, now, EffectFate.NOT_EXAMINED, "It is not known which message it was.")
    found = rooms.event(room, event)
    if because := redaction(found):
        who = "its own account" if because.get("sender") == rooms.me else "somebody else"
        return _said(effect, now, EffectFate.REDACTED, f"Taken back by {who}.")
    if _changed(found, effect, rooms):
        return _said(effect, now, EffectFate.EDITED, "It says something else now.")
    if any(_answers(one, event, rooms.me) for one in rooms.after(room, event)):
        return _said(effect, now, EffectFate.ANSWERED, "")
    fate = EffectFate.TOO_YOUNG if now - effect.at < YOUNG else EffectFate.STANDING
    return _said(effect, now, fate, "")


def _changed(event: Event, effect: Effect, rooms: Rooms) -> bool:
    """Whether a message has other words than the effect gave it."""
    if not effect.tool.endswith("/edit"):
        return bool(replaced(event))
    room = effect.ref.partition("/$")[0]
    original = rooms.event(room, str(relation(event).get("event_id", "")))
    return bool(replaced(original).get("content", {}).get(MARK) != mark_of(effect.key))


def _answers(event: Event, target: str, me: str) -> bool:
    """Whether somebody else answered, in words or with a reaction."""
    return event.get("sender") != me and target in (answered(event), relation(event).get("event_id"))


def _said(effect: Effect, now: datetime, fate: EffectFate, why: str) -> Followed:
    return Followed(key=effect.key, fate=fate, at=now, why=why)
