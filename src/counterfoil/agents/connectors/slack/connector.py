"""Slack as agents have it: posting with a mark, reading back, following."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from counterfoil.agents.connectors.connector import Answer, NotDone
from counterfoil.agents.connectors.heard import Heard
from counterfoil.agents.connectors.outgoing import (
    mark_of,
    number,
    plain,
    reaction,
    same_words,
    word,
    words_of,
)
from counterfoil.agents.connectors.service import Unconfirmed, awaited, begun, sound
from counterfoil.agents.connectors.slack.channel import (
    PERSON,
    PLACE,
    STAMP,
    Channel,
    Channels,
    Message,
    body_of,
    channel_of,
    escaped,
    mark_in,
    marked,
)
from counterfoil.agents.connectors.slack.follow import followed
from counterfoil.agents.connectors.slack.manifest import SLACK, TOOLS
from counterfoil.agents.connectors.slack.watch import heard
from counterfoil.terms.effect import Effect, EffectFate, Followed
from counterfoil.terms.tool import ConnectorId, Tool

MOST_TEXT = 4_000
"""Characters as sent; Slack takes no more in an edit."""
WINDOW = timedelta(days=1)
LOOKED_AT = 400
SHOWN = 4_000
MASS = ("channel", "here", "everyone")
READS = ("channels", "read", "read_shared")


class Slack:
    """The channels of one account in one workspace."""

    def __init__(
        self,
        token: Callable[[], str],
        *,
        url: str = "https://slack.com/api/",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        seconds: float = 20.0,
    ) -> None:
        """What gives the token of a bot, and where Slack is."""
        self._channels = Channels(url, token, seconds)
        self._clock = clock

    @property
    def id(self) -> ConnectorId:
        """Its name in grants."""
        return SLACK

    @property
    def tools(self) -> Mapping[str, Tool]:
        """The manifest."""
        return TOOLS

    def do(self, tool: str, arguments: Mapping[str, Any], key: str) -> Answer:
        """Make one call.

        Raises: NotDone where surely nothing happened; ToolError where nobody knows.
        """
        with sound("slack", reads=tool in READS):
            if tool == "channels":
                return Answer({"channels": [_listed(c) for c in self._channels.listed()]})
            if tool in READS:
                return self._read(tool, arguments)
            if tool in ("post", "post_shared", "direct"):
                return self._post(tool, arguments, mark_of(key))
            if tool == "react":
                return self._react(arguments)
            if tool in ("edit", "redact"):
                return self._own(tool, arguments, mark_of(key))
            raise NotDone("slack-no-tool", "Slack has no such tool.", hint="Look at the manifest.")

    def read_back(self, tool: str, arguments: Mapping[str, Any], key: str) -> Answer | None:
        """The message that carries the mark of a key, or what was asked for where it is so.

        Raises: NotDone where Slack can't be asked.
        """
        with sound("slack", reads=True):
            channel = self._place(tool, arguments)
            if not channel:
                return None
            if tool in ("post", "post_shared", "direct"):
                thread = str(arguments.get("message", ""))
                for message in self._channels.said(channel, thread, LOOKED_AT):
                    if self._channels.mine(message) and mark_in(message) == mark_of(key):
                        return _answer(channel, str(message["ts"]), thread)
                return None
            stamp = _stamp(arguments)
            thread = self._channels.thread_of(channel, stamp)
            there = self._channels.message(channel, stamp, thread)
            if tool == "redact":
                return _answer(channel, stamp, thread) if there is None else None
            found = there is not None and (
                self._reacted(there, arguments) if tool == "react" else mark_in(there) == mark_of(key)
            )
            return _answer(channel, stamp, thread) if found else None

    def needless(self, tool: str, arguments: Mapping[str, Any]) -> str:
        """Why a call would change nothing; empty where it would.

        Raises: NotDone where Slack can't be asked.
        """
        with sound("slack", reads=True):
            if tool in READS:
                return ""
            if "text" in TOOLS[tool].arguments and not str(arguments.get("text", "")).strip():
                return "empty-change"
            channel = self._place(tool, arguments)
            if not channel:
                return ""
            if tool in ("edit", "redact", "react"):
                stamp = _stamp(arguments)
                message = self._channels.message(channel, stamp, self._channels.thread_of(channel, stamp))
                return self._unchanged(tool, message, arguments)
            since = f"{(self._clock() - WINDOW).timestamp():.6f}"
            for message in self._channels.said(channel, str(arguments.get("message", "")), LOOKED_AT, since):
                if self._channels.mine(message) and same_words(body_of(message), self._said(arguments)):
                    return "duplicate"
            return ""

    def follow(self, effect: Effect, now: datetime) -> Followed:
        """What became of a message, as Slack says."""
        try:
            with sound("slack", reads=True):
                return followed(self._channels, effect, now)
        except NotDone as e:
            return Followed(key=effect.key, fate=EffectFate.NOT_EXAMINED, at=now, why=e.message)

    def watch(self, cursor: str) -> Heard:
        """Messages that mention the account in its channels, since a cursor; an empty one begins now.

        Raises: NotDone where Slack can't be asked.
        """
        with sound("slack", reads=True):
            return heard(self._channels, cursor, self._clock())

    def _post(self, tool: str, arguments: Mapping[str, Any], mark: str) -> Answer:
        text = self._text(arguments)
        thread = word(arguments, "message", STAMP, system="slack") if arguments.get("message") else ""
        if tool == "direct":
            person = word(arguments, "person", PERSON, system="slack")
            self._channels.person(person)
            # Opening a conversation tells nobody: where the words are refused, nothing has happened.
            channel = str(self._channels.ask("conversations.open", users=person)["channel"]["id"])
        else:
            channel = self._open(arguments, shared=tool == "post_shared").id
        sent = self._channels.ask(
            "chat.postMessage",
            channel=channel,
            text=text,
            parse="none",
            link_names=False,
            unfurl_links=False,
            unfurl_media=False,
            metadata=marked(mark),
            **({"thread_ts": thread} if thread else {}),
        )
        stamp = str(sent["ts"])

        def is_there() -> bool:
            there = self._channels.message(channel, stamp, thread)
            return there is not None and mark_in(there) == mark

        with begun("slack"):
            there = awaited(is_there)
        if not there:
            raise Unconfirmed("slack", "it says so, and the message is not there")
        return _answer(channel, stamp, thread)

    def _react(self, arguments: Mapping[str, Any]) -> Answer:
        name = reaction(arguments, system="slack")
        channel, stamp = self._open(arguments, shared=False).id, _stamp(arguments)
        self._channels.ask("reactions.add", channel=channel, name=name, timestamp=stamp)
        return _answer(channel, stamp, "")

    def _own(self, tool: str, arguments: Mapping[str, Any], mark: str) -> Answer:
        """Change or take back a message of its own, and see that it is so."""
        edits = tool == "edit"
        text = escaped(plain(arguments.get("text"), most=MOST_TEXT, system="slack")) if edits else ""
        channel = self._open(arguments, shared=False).id if edits else self._place(tool, arguments)
        stamp = _stamp(arguments)
        thread = self._channels.thread_of(channel, stamp)
        message = self._channels.message(channel, stamp, thread)
        if message is None or not self._channels.mine(message):
            raise NotDone("slack-not-own", "Somebody else said that.", hint="Take a message of its own.")
        if edits:
            how = {"parse": "none", "link_names": False, "metadata": marked(mark)}
            self._channels.ask("chat.update", channel=channel, ts=stamp, text=text, **how)
        else:
            self._channels.ask("chat.delete", channel=channel, ts=stamp)

        def is_so() -> bool:
            there = self._channels.message(channel, stamp, thread)
            return (there is not None and mark_in(there) == mark) if edits else there is None

        with begun("slack"):
            done = awaited(is_so)
        if not done:
            raise Unconfirmed("slack", "it says so, and it is not so")
        return _answer(channel, stamp, thread)

    def _text(self, arguments: Mapping[str, Any]) -> str:
        """The words with who is mentioned before them; each was judged as a destination."""
        everyone = arguments.get("everyone") or ""
        people = words_of(arguments, "mention", PERSON, system="slack")
        for person in people:
            self._channels.person(person)
        if everyone not in ("", *MASS):
            raise NotDone(
                "slack-mention", "There is no such everyone.", hint=f"Take one of {', '.join(MASS)}."
            )
        plain(arguments.get("text"), most=MOST_TEXT, system="slack")
        whole = "".join([*([f"<!{everyone}> "] if everyone else []), *(f"<@{one}> " for one in people)])
        whole += escaped(str(arguments["text"]))
        if len(whole) > MOST_TEXT:
            raise NotDone("slack-too-long", f"It has more than {MOST_TEXT} characters.", hint="Shorten it.")
        return whole

    def _said(self, arguments: Mapping[str, Any]) -> str:
        """What a message with these arguments would say, as it is read back."""
        people = [f"<@{one}> " for one in arguments.get("mention") or []]
        mass = [f"<!{arguments['everyone']}> "] if arguments.get("everyone") else []
        return "".join([*mass, *people]) + str(arguments["text"])

    def _read(self, tool: str, arguments: Mapping[str, Any]) -> Answer:
        channel = self._open(arguments, shared=tool == "read_shared").id
        most = number(arguments, "limit", default=50, most=LOOKED_AT)
        return Answer({"messages": [_shown(m) for m in self._channels.said(channel, "", most)]})

    def _open(self, arguments: Mapping[str, Any], *, shared: bool) -> Channel:
        """A channel that is of the kind that its destination says."""
        place = word(arguments, "channel", PLACE, system="slack")
        channel = self._channels.channel(self._channels.resolved(place))
        if channel.shared and not shared:
            raise NotDone(
                "slack-shared-channel",
                "Another organisation is in this channel.",
                hint="Use the tool for shared channels, whose destination is outside.",
            )
        return channel

    def _place(self, tool: str, arguments: Mapping[str, Any]) -> str:
        if tool == "direct":
            person = word(arguments, "person", PERSON, system="slack")
            return self._channels.direct(person)
        return self._channels.resolved(word(arguments, "channel", PLACE, system="slack"))

    def _unchanged(self, tool: str, message: Message | None, arguments: Mapping[str, Any]) -> str:
        if tool == "react":
            return "duplicate" if message is not None and self._reacted(message, arguments) else ""
        if message is None:
            return "empty-change" if tool == "redact" else ""
        return "empty-change" if tool == "edit" and body_of(message) == arguments.get("text") else ""

    def _reacted(self, message: Message, arguments: Mapping[str, Any]) -> bool:
        name, me = reaction(arguments, system="slack"), self._channels.me["user_id"]
        return any(r["name"] == name and me in r["users"] for r in message.get("reactions") or [])


def _stamp(arguments: Mapping[str, Any]) -> str:
    return word(arguments, "message", STAMP, system="slack")


def _answer(channel: str, stamp: str, thread: str) -> Answer:
    ref = f"{channel}/{stamp}" + (f"/{thread}" if thread else "")
    return Answer({"channel": channel, "id": stamp}, ref=ref)


def _listed(info: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"id": info["id"], "name": str(info.get("name", ""))[:100], "shared": channel_of(info).shared}


def _shown(message: Message) -> Mapping[str, Any]:
    sender = message.get("user") or message.get("bot_id") or ""
    return {
        "id": message["ts"],
        "sender": sender if isinstance(sender, str) and sender.isalnum() else "",
        "text": body_of(message)[:SHOWN],
        "answers": message.get("reply_count", 0),
    }
