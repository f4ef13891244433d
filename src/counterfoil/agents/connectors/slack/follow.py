"""What became of a message in a channel, as Slack says."""

from datetime import datetime, timedelta

from counterfoil.agents.connectors.outgoing import mark_of
from counterfoil.agents.connectors.slack.channel import CHANNEL, STAMP, Channels, Message, mark_in
from counterfoil.terms.effect import Effect, EffectFate, Followed

YOUNG = timedelta(days=1)
LOOKED_AT = 100


def followed(channels: Channels, effect: Effect, now: datetime) -> Followed:
    """Redacted, edited, answered or standing; by whom it was taken back, Slack does not say.

    Raises: NotDone where Slack can't be asked.
    """
    channel, stamp, thread = (*effect.ref.split("/"), "", "")[:3]
    known = (CHANNEL.fullmatch(channel) or channel.startswith("D")) and STAMP.fullmatch(stamp)
    if not known:
        return _said(effect, now, EffectFate.NOT_EXAMINED, "It is not known which message it was.")
    message = channels.message(channel, stamp, thread)
    tool = effect.tool.rpartition("/")[2]
    if tool == "redact":
        return _said(effect, now, EffectFate.STANDING if message is None else EffectFate.REVERTED, "")
    if message is None:
        return _said(effect, now, EffectFate.REDACTED, "It is not there any more.")
    if tool != "react" and mark_in(message) != mark_of(effect.key):
        return _said(effect, now, EffectFate.EDITED, "It says something else now.")
    if _answered(channels, channel, message, thread):
        return _said(effect, now, EffectFate.ANSWERED, "")
    return _said(effect, now, EffectFate.TOO_YOUNG if now - effect.at < YOUNG else EffectFate.STANDING, "")


def _answered(channels: Channels, channel: str, message: Message, thread: str) -> bool:
    """Whether somebody else answered in words, or with a reaction."""
    me = channels.me["user_id"]
    if any(user != me for r in message.get("reactions") or [] for user in r["users"]):
        return True
    stamp = str(message["ts"])
    said = channels.said(channel, thread or stamp, LOOKED_AT, stamp)
    return any(not channels.mine(m) and str(m["ts"]) > stamp for m in said)


def _said(effect: Effect, now: datetime, fate: EffectFate, why: str) -> Followed:
    return Followed(key=effect.key, fate=fate, at=now, why=why)
