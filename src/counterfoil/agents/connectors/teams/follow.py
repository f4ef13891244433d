"""What became of a message in a channel, as Microsoft Graph says."""

import re
from datetime import datetime, timedelta

from counterfoil.agents.connectors.teams.channel import MESSAGE, PLACE, Channels, Message, moment, sender_of
from counterfoil.terms.effect import Effect, EffectFate, Followed

REF = re.compile(rf"({PLACE.pattern})/({MESSAGE.pattern})")
YOUNG = timedelta(days=1)
SLACK = timedelta(minutes=5)
"""By which clocks may differ."""
LOOKED_AT = 100


def followed(channels: Channels, effect: Effect, now: datetime) -> Followed:
    """Redacted, edited, answered or standing; by whom it was taken back, Graph does not say.

    Raises: NotDone where Graph can't be asked.
    """
    known = REF.fullmatch(effect.ref)
    if not known:
        return _said(effect, now, EffectFate.NOT_EXAMINED, "It is not known which message it was.")
    place, name = known[1], known[2]
    message = channels.message(place, name)
    gone = message is None or bool(message.get("deletedDateTime"))
    if effect.tool.endswith("/redact"):
        return _said(effect, now, EffectFate.STANDING if gone else EffectFate.REVERTED, "")
    if message is None or gone:
        return _said(effect, now, EffectFate.REDACTED, "It is not there any more.")
    edited = moment(message.get("lastEditedDateTime"))
    if edited is not None and (not effect.tool.endswith("/edit") or edited > effect.at + SLACK):
        return _said(effect, now, EffectFate.EDITED, "It says something else now.")
    if _answered(channels, place, name, message):
        return _said(effect, now, EffectFate.ANSWERED, "")
    return _said(effect, now, EffectFate.TOO_YOUNG if now - effect.at < YOUNG else EffectFate.STANDING, "")


def _answered(channels: Channels, place: str, name: str, message: Message) -> bool:
    """Whether somebody else answered in words, or with a reaction."""
    reactions = message.get("reactions") or []
    if any(((r.get("user") or {}).get("user") or {}).get("id") != channels.me for r in reactions):
        return True
    said = channels.said(place, name.partition("/")[0], LOOKED_AT)
    at = str(message["id"])
    return any(sender_of(m) not in ("", channels.me) and int(m["id"]) > int(at) for m in said)


def _said(effect: Effect, now: datetime, fate: EffectFate, why: str) -> Followed:
    return Followed(key=effect.key, fate=fate, at=now, why=why)
