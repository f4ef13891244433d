"""Channels as Slack has them, by the vendor's own client: who reads along, what was said, and sending once.

Source: Slack Web API methods and errors (docs.slack.dev/reference/methods, read 2026-11-26), slack_sdk 3.48.
"""

import re
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from http.client import HTTPException
from logging import Logger, NullHandler
from typing import Any
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackRequestError

from counterfoil.agents.connectors.connector import NotDone
from counterfoil.agents.connectors.service import (
    Missing,
    Unconfirmed,
    busy,
    reading,
    revoked,
    secret_at,
)

CHANNEL = re.compile(r"[CG][A-Z0-9]{2,20}")
PLACE = re.compile(rf"{CHANNEL.pattern}|#[^\s<>#]{{1,80}}")
PERSON = re.compile(r"[UW][A-Z0-9]{2,20}")
STAMP = re.compile(r"[0-9]{1,12}\.[0-9]{6}")
CODE = re.compile(r"[a-z_]{1,60}")
EVENT = "counterfoil_effect"
PAGE = 200
OPEN = frozenset({"internal_error", "fatal_error", "request_timeout", "service_unavailable"})
"""Errors after which Slack says that a part of it may have happened."""
TOKEN = frozenset({"invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive"})
GONE = frozenset({"message_not_found", "thread_not_found"})
UNSENT = (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError)

Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Channel:
    """What has to be known of a channel before something is said there."""

    id: str
    shared: bool
    """Whether another organisation is in it, or invited."""


class Channels:
    """The channels of one account."""

    def __init__(self, url: str, token: Callable[[], str], seconds: float) -> None:
        secret_at("slack", url)
        self._url = url
        self._token = token
        self._seconds = seconds

    @cached_property
    def me(self) -> Message:
        """The account's own ids: `user_id`, `bot_id`, `team_id`."""
        return self.read("auth.test")

    def mine(self, message: Message) -> bool:
        """Whether the account itself said it."""
        bot = self.me.get("bot_id")
        return message.get("user") == self.me["user_id"] or (bool(bot) and message.get("bot_id") == bot)

    def ask(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        """Ask once; the client's own trying again is off, since it would say things twice.

        Raises: NotDone where surely nothing happened; ToolError where nobody knows.
        """
        client = WebClient(
            token=self._token(),
            base_url=self._url,
            timeout=self._seconds,  # type: ignore[arg-type]
            retry_handlers=[],
            logger=_quiet(),
        )
        try:
            data = (
                client.api_call(method, json=arguments).data
                if "metadata" in arguments
                else client.api_call(method, params=arguments).data
            )
        except SlackApiError as e:
            raise _refused(e) from None
        except SlackRequestError:
            raise NotDone("slack-unreachable", "Its address is none.", hint="Look at the address.") from None
        except (OSError, HTTPException) as e:
            if isinstance(e, URLError) and isinstance(e.reason, UNSENT):
                why = f"slack could not be reached ({type(e.reason).__name__})."
                raise NotDone(
                    "slack-unreachable", why, hint="Look whether it is up, then try again."
                ) from None
            raise Unconfirmed("slack", f"the line broke ({type(e).__name__})") from None
        if not isinstance(data, dict):
            raise Unconfirmed("slack", "its answer can't be read")
        return data

    def read(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        """What Slack says of something.

        Raises: NotDone where it says nothing; asking changed nothing.
        """
        with reading():
            return self.ask(method, **arguments)

    def pages(self, method: str, within: str, most: int, **arguments: Any) -> Iterator[Message]:
        """Items of a list that goes on."""
        cursor, seen = "", 0
        while seen < most:
            page = self.read(
                method, limit=min(PAGE, most - seen), **arguments, **({"cursor": cursor} if cursor else {})
            )
            yield from page[within]
            seen += max(len(page[within]), 1)
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return

    def listed(self) -> Sequence[Message]:
        """The channels that the account can see."""
        types = "public_channel,private_channel"
        return list(self.pages("conversations.list", "channels", 2_000, types=types, exclude_archived=True))

    def resolved(self, place: str) -> str:
        """A channel's id, also where a name was given.

        Raises: NotDone where there is no such channel.
        """
        if not place.startswith("#"):
            return place
        found = [str(c["id"]) for c in self.listed() if c.get("name") == place[1:]]
        if len(found) != 1:
            raise NotDone("slack-no-channel", "There is no such channel.", hint="Look at the channels.")
        return found[0]

    def channel(self, channel: str) -> Channel:
        """A channel as it is now."""
        return channel_of(self.read("conversations.info", channel=channel)["channel"])

    def person(self, person: str) -> None:
        """See that somebody is of this organisation.

        Raises: NotDone where they are a guest, of another one, or gone.
        """
        user = self.read("users.info", user=person)["user"]
        guest = user.get("is_restricted") or user.get("is_ultra_restricted") or user.get("is_stranger")
        if guest or user.get("deleted") or user.get("team_id") != self.me["team_id"]:
            raise NotDone(
                "slack-outsider", "They are not of this organisation.", hint="Write to them yourself."
            )

    def direct(self, person: str) -> str:
        """Where the account and one person have spoken before, or nothing: looking opens no conversation."""
        try:
            found = self.read("conversations.open", users=person, prevent_creation=True)
        except NotDone:
            return ""
        return str((found.get("channel") or {}).get("id") or "")

    def said(self, channel: str, thread: str, most: int, oldest: str = "0") -> Iterator[Message]:
        """Messages of a channel, the latest first, or of a thread in it."""
        asked = {"channel": channel, "oldest": oldest, "include_all_metadata": True}
        if thread:
            return self.pages("conversations.replies", "messages", most, ts=thread, **asked)
        return self.pages("conversations.history", "messages", most, **asked)

    def message(self, channel: str, stamp: str, thread: str = "") -> Message | None:
        """One message as it is now, where it is still there."""
        asked = {"channel": channel, "oldest": stamp, "latest": stamp, "inclusive": True, "limit": 10}
        method = "conversations.replies" if thread else "conversations.history"
        asked |= {"include_all_metadata": True} | ({"ts": thread} if thread else {})
        try:
            found = [m for m in self.read(method, **asked)["messages"] if m.get("ts") == stamp]
        except Missing:
            return None
        return found[0] if found and found[0].get("subtype") != "tombstone" else None

    def thread_of(self, channel: str, stamp: str) -> str:
        """The thread in which a message is, where it is an answer; empty where it stands by itself."""
        if self.message(channel, stamp) is not None:
            return ""
        try:
            found = self.read("conversations.replies", channel=channel, ts=stamp, limit=1)["messages"]
        except Missing:
            return ""
        return str(found[0].get("thread_ts", "")) if found else ""


def channel_of(info: Mapping[str, Any]) -> Channel:
    """A channel as Slack describes it; what it does not say is taken as shared."""
    shared = info.get("is_ext_shared", True) or info.get("is_pending_ext_shared", False)
    return Channel(str(info["id"]), bool(shared))


def escaped(text: str) -> str:
    """Words in which nobody is mentioned and nothing is a link with another name."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def body_of(message: Message) -> str:
    """The words of a message."""
    return unescape(str(message.get("text", "")))


def mark_in(message: Message) -> str:
    """The mark that a message carries, or nothing."""
    metadata = message.get("metadata") or {}
    return (
        str(metadata.get("event_payload", {}).get("mark", "")) if metadata.get("event_type") == EVENT else ""
    )


def marked(mark: str) -> Mapping[str, Any]:
    """What a message carries of its mark."""
    return {"event_type": EVENT, "event_payload": {"mark": mark}}


def _refused(e: SlackApiError) -> Exception:
    """What an error of Slack's means; its words are nobody's to repeat unless they are a code."""
    response = e.response
    said = response.data.get("error") if isinstance(response.data, dict) else None
    code = said if isinstance(said, str) and CODE.fullmatch(said) else ""
    if response.status_code == 429 or code in ("ratelimited", "rate_limited"):
        return busy("slack", str(response.headers.get("Retry-After", "")))
    if code in TOKEN or response.status_code == 401:
        return revoked("slack", code or "unauthorized")
    if response.status_code >= 500 or code in OPEN or not code:
        return Unconfirmed("slack", code or f"its answer can't be read (status {response.status_code})")
    refusal = Missing if code in GONE else NotDone
    return refusal(
        "slack-refused", f"slack refused it: {code}.", hint="Look at what its account may do there."
    )


def _quiet() -> Logger:
    """A logger that hears nothing: the client writes what is sent into its own."""
    made = Logger("counterfoil.slack", level=100)
    made.addHandler(NullHandler())
    return made
