"""Messages that mention an account: asked for channel by channel, or sent by Slack under its signature.

Source: Slack Events API, verifying requests (docs.slack.dev/authentication/verifying-requests-from-slack,
read 2026-11-26).
"""

import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from slack_sdk.signature import Clock, SignatureVerifier

from counterfoil.agents.connectors.connector import NotDone
from counterfoil.agents.connectors.heard import Heard, Mention, own_words
from counterfoil.agents.connectors.slack.channel import CHANNEL, STAMP, Channels, Message, body_of

MOST_CHANNELS = 50
AT_ONCE = 400
MOST_BODY = 1_000_000
REMEMBERED = 4_096
"""Events of the last minutes: Slack sends one again where it heard no answer, and so may others."""


def heard(channels: Channels, cursor: str, now: datetime) -> Heard:
    """Mentions since a cursor; a channel that is new begins now."""
    since = _cursor(cursor)
    start = f"{now.timestamp():.6f}"
    mine = [str(c["id"]) for c in channels.listed() if c.get("is_member")]
    reached: dict[str, str] = {}
    mentions: list[Mention] = []
    missed = len(mine) > MOST_CHANNELS
    for channel in mine[:MOST_CHANNELS]:
        reached[channel] = since.get(channel, start)
        if channel in since:
            said = list(channels.said(channel, "", AT_ONCE, since[channel]))
            missed = missed or len(said) >= AT_ONCE
            reached[channel] = max([since[channel], *(str(m["ts"]) for m in said)])
            mentions += [_mention(channel, m) for m in reversed(said) if _named(channels, m)]
    return Heard(mentions=tuple(mentions), cursor=json.dumps(reached), missed=missed)


class Listener:
    """Takes what Slack sends to us, each event once, and nothing that it did not sign just now."""

    def __init__(
        self, secret: Callable[[], str], me: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """What gives the signing secret, the account's own id, and the time."""
        self._secret = secret
        self._me = me
        self._clock = clock
        self._seen: OrderedDict[str, None] = OrderedDict()

    def take(self, headers: Mapping[str, str], body: bytes) -> Mention | str | None:
        """A mention; or the challenge to send back; or nothing, where it is another event or an old one.

        Raises: NotDone where Slack did not sign it, or not just now.
        """
        if len(body) > MOST_BODY or not self._signed(headers, body):
            raise NotDone("slack-unsigned", "Slack did not sign this.", hint="Look at the signing secret.")
        try:
            said = json.loads(body)
            if said["type"] == "url_verification":
                return str(said["challenge"])[:200]
            event, name = said["event"], str(said["event_id"])
            if event["type"] != "app_mention" or name in self._seen or _by_an_app(event):
                return None
            channel, stamp = str(event["channel"]), str(event["ts"])
            if event["user"] == self._me or not (CHANNEL.fullmatch(channel) and STAMP.fullmatch(stamp)):
                return None
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None
        self._seen[name] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return _mention(channel, event)

    def _signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        try:
            return SignatureVerifier(self._secret(), _At(self._clock)).is_valid_request(body, dict(headers))
        except (ValueError, TypeError):
            return False


class _At(Clock):
    """The vendor's clock, told from ours."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    def now(self) -> float:
        """Seconds since 1970."""
        return self._clock().timestamp()


def _mention(channel: str, message: Message) -> Mention:
    stamp = str(message["ts"])
    return Mention(
        id=f"{channel}/{stamp}",
        place=f"channel:{channel}",
        thread=str(message.get("thread_ts") or stamp),
        who=str(message.get("user", "")),
        tainted_text=own_words(body_of(message)),
    )


def _named(channels: Channels, message: Message) -> bool:
    """Whether a person means to name the account; apps don't, so that two of them do not talk for ever."""
    named = f"<@{channels.me['user_id']}>" in str(message.get("text", ""))
    return named and not _by_an_app(message) and not message.get("subtype") and not channels.mine(message)


def _by_an_app(message: Message) -> bool:
    """Whether an app said it, also in the name of a person."""
    return bool(message.get("bot_id") or message.get("app_id"))


def _cursor(cursor: str) -> Mapping[str, str]:
    try:
        found: Any = json.loads(cursor or "{}")
    except ValueError:
        found = None
    if not isinstance(found, dict) or any(not STAMP.fullmatch(str(one)) for one in found.values()):
        raise NotDone("slack-cursor", "The cursor is not one of ours.", hint="Begin with an empty one.")
    return found
