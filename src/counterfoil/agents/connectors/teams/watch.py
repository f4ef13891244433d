"""Messages that mention an account: Graph tells us that there is one, and we read it from Graph itself.

Source: Microsoft Graph (learn.microsoft.com/graph/change-notifications-delivery-webhooks, read 2026-11-26).
"""

import json
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from hmac import compare_digest
from typing import Any

from counterfoil.agents.connectors.connector import NotDone
from counterfoil.agents.connectors.heard import Mention, own_words
from counterfoil.agents.connectors.teams.channel import (
    GUID,
    PLACE,
    THREAD,
    Channels,
    at,
    sender_of,
    words_of,
)

RESOURCE = re.compile(
    rf"/?teams\('({GUID})'\)/channels\('({THREAD})'\)/messages\('([0-9]{{10,16}})'\)(?:/replies\('([0-9]{{10,16}})'\))?"
)
CHALLENGE = re.compile(r"[\x20-\x7e]{1,1000}")
MOST_BODY = 1_000_000
REMEMBERED = 4_096


def subscription(place: str, *, url: str, state: str, until: datetime) -> Mapping[str, Any]:
    """What Graph is asked for: new messages of one channel, without their words."""
    return {
        "changeType": "created",
        "notificationUrl": url,
        "resource": f"{at(place)}/messages",
        "expirationDateTime": until.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "clientState": state,
    }


class Listener:
    """Takes what Graph sends to us: it is not signed, so that nothing in it is believed but where to look."""

    def __init__(self, state: Callable[[], str]) -> None:
        """What gives the secret that subscriptions were made with."""
        self._state = state
        self._seen: OrderedDict[str, None] = OrderedDict()

    def take(self, query: Mapping[str, str], body: bytes) -> str | Sequence[str]:
        """The token to send back as plain text; or the messages to look at, each named once.

        Raises: NotDone where it does not know the secret.
        """
        if token := query.get("validationToken"):
            if not CHALLENGE.fullmatch(token):
                raise _unknown()
            return token
        try:
            items = json.loads(body if len(body) <= MOST_BODY else b"")["value"]
            states = [str(item["clientState"]) for item in items]
            named = [str(item["resource"]) for item in items if item["changeType"] == "created"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise _unknown() from None
        secret = self._state()
        if not secret or not all(compare_digest(one.encode(), secret.encode()) for one in states):
            raise _unknown()
        return [name for name in map(_named, named) if name and self._new(name)]

    def _new(self, name: str) -> bool:
        if name in self._seen:
            return False
        self._seen[name] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return True


def mention_of(channels: Channels, named: str) -> Mention | None:
    """A message, where a person means to name the account in it."""
    place, name = "/".join(named.split("/")[:2]), "/".join(named.split("/")[2:])
    message = channels.message(place, name) if PLACE.fullmatch(place) else None
    if message is None or message.get("deletedDateTime") or sender_of(message) in ("", channels.me):
        return None
    if message.get("messageType") != "message" or (message.get("from") or {}).get("application"):
        return None
    mentioned = [(m.get("mentioned") or {}).get("user") or {} for m in message.get("mentions") or []]
    if all(user.get("id") != channels.me for user in mentioned):
        return None
    return Mention(
        id=named,
        place=f"channel:{place}",
        thread=name.partition("/")[0],
        who=sender_of(message),
        tainted_text=own_words(words_of(message, quotes=False)),
    )


def _named(resource: str) -> str:
    """The name of the message that a resource is; nothing where it is no message in a channel."""
    found = RESOURCE.fullmatch(resource)
    return "/".join(part for part in found.groups() if part) if found else ""


def _unknown() -> NotDone:
    return NotDone(
        "teams-unknown", "Graph did not send this.", hint="Look at the subscription's clientState."
    )
