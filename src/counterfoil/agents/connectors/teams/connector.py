"""Teams as agents have it: posting in a channel, reading back, following."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from counterfoil.agents.connectors.connector import Answer, NotDone
from counterfoil.agents.connectors.heard import Mention
from counterfoil.agents.connectors.outgoing import number, plain, same_words, word
from counterfoil.agents.connectors.outgoing import words_of as list_of
from counterfoil.agents.connectors.service import Service, Unconfirmed, awaited, begun, sound
from counterfoil.agents.connectors.teams.channel import (
    MESSAGE,
    PERSON,
    PLACE,
    ROOT,
    Channel,
    Channels,
    Message,
    message_at,
    moment,
    sender_of,
    words_of,
    written,
)
from counterfoil.agents.connectors.teams.follow import followed
from counterfoil.agents.connectors.teams.manifest import TEAMS, TOOLS
from counterfoil.agents.connectors.teams.watch import mention_of, subscription
from counterfoil.terms.effect import Effect, EffectFate, Followed
from counterfoil.terms.tool import ConnectorId, Tool

MOST_TEXT = 10_000
"""Characters; Teams takes about 28 KB."""
WINDOW = timedelta(days=1)
LOOKED_AT = 200
SHOWN = 4_000
READS = ("channels", "read", "read_shared")


class Teams:
    """The channels of one account in one tenant."""

    def __init__(
        self,
        token: Callable[[], str],
        *,
        url: str = "https://graph.microsoft.com/v1.0",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        seconds: float = 20.0,
        renewed: Callable[[str], str] | None = None,
    ) -> None:
        """What gives a delegated token, and another one where it was refused; and where Graph is."""
        service = Service("teams", url, token, lambda said: said["error"]["code"], seconds, renewed)
        self._channels = Channels(service)
        self._clock = clock

    @property
    def id(self) -> ConnectorId:
        """Its name in grants."""
        return TEAMS

    @property
    def tools(self) -> Mapping[str, Tool]:
        """The manifest."""
        return TOOLS

    def do(self, tool: str, arguments: Mapping[str, Any], key: str) -> Answer:
        """Make one call. Graph knows no keys, so that it is made once and looked for by its words.

        Raises: NotDone where surely nothing happened; ToolError where nobody knows.
        """
        with sound("teams", reads=tool in READS):
            if tool == "channels":
                return Answer({"channels": self._channels.listed()})
            if tool in READS:
                return self._read(tool, arguments)
            if tool in ("post", "post_shared"):
                return self._post(tool, arguments)
            if tool in ("edit", "redact"):
                return self._own(tool, arguments)
            raise NotDone("teams-no-tool", "Teams has no such tool.", hint="Look at the manifest.")

    def read_back(self, tool: str, arguments: Mapping[str, Any], key: str) -> Answer | None:
        """What Graph has of a call: own words of the last day, which no other call was let say again.

        Raises: NotDone where Graph can't be asked.
        """
        with sound("teams", reads=True):
            place = _place(arguments)
            if tool in ("post", "post_shared"):
                found = self._same(tool, arguments)
                return _answer(place, found) if found else None
            message = _message(arguments)
            found_there = self._channels.message(place, message)
            return _answer(place, message) if self._is_so(tool, arguments, found_there) else None

    def needless(self, tool: str, arguments: Mapping[str, Any]) -> str:
        """Why a call would change nothing; empty where it would.

        Raises: NotDone where Graph can't be asked.
        """
        with sound("teams", reads=True):
            if tool in READS:
                return ""
            if tool != "redact" and not str(arguments.get("text", "")).strip():
                return "empty-change"
            if tool in ("post", "post_shared"):
                return "duplicate" if self._same(tool, arguments) else ""
            found = self._channels.message(_place(arguments), _message(arguments))
            return "empty-change" if self._is_so(tool, arguments, found) else ""

    def follow(self, effect: Effect, now: datetime) -> Followed:
        """What became of a message, as Graph says."""
        try:
            with sound("teams", reads=True):
                return followed(self._channels, effect, now)
        except NotDone as e:
            return Followed(key=effect.key, fate=EffectFate.NOT_EXAMINED, at=now, why=e.message)

    def subscribe(self, channel: str, *, url: str, state: str, until: datetime) -> str:
        """Have Graph tell us of new messages in a channel, under a secret of ours; gives the subscription.

        Raises: NotDone, or ToolError where nobody knows.
        """
        with sound("teams", reads=False):
            asked = subscription(_place({"channel": channel}), url=url, state=state, until=until)
            return str(self._channels.service.ask("POST", "/subscriptions", body=asked)["id"])

    def mention(self, named: str) -> Mention | None:
        """The message that Graph told us of, where it mentions the account; read from Graph itself.

        Raises: NotDone where Graph can't be asked.
        """
        with sound("teams", reads=True):
            return mention_of(self._channels, named)

    def _post(self, tool: str, arguments: Mapping[str, Any]) -> Answer:
        place, root = _place(arguments), _root(arguments)
        content = self._content(tool, arguments)
        sent = self._channels.send(place, root, content)

        def is_there() -> bool:
            there = self._channels.message(place, sent)
            return there is not None and same_words(words_of(there), words_of(content))

        with begun("teams"):
            done = awaited(is_there)
        if not done:
            raise Unconfirmed("teams", "it says so, and the message is not there")
        return _answer(place, sent)

    def _own(self, tool: str, arguments: Mapping[str, Any]) -> Answer:
        """Change or take back a message of its own, and see that it is so."""
        place, message = _place(arguments), _message(arguments)
        text = plain(arguments.get("text"), most=MOST_TEXT, system="teams") if tool == "edit" else ""
        if tool == "edit":
            self._open(arguments, shared=False)
        found = self._channels.message(place, message)
        if found is None or not self._channels.mine(found):
            raise NotDone("teams-not-own", "Somebody else said that.", hint="Take a message of its own.")
        path = message_at(place, message)
        if tool == "edit":
            body = {"body": {"contentType": "text", "content": text}}
            self._channels.service.ask("PATCH", path, body=body)
        else:
            self._channels.service.ask("POST", f"{path}/softDelete")
        with begun("teams"):
            done = awaited(lambda: self._is_so(tool, arguments, self._channels.message(place, message)))
        if not done:
            raise Unconfirmed("teams", "it says so, and it is not so")
        return _answer(place, message)

    def _content(self, tool: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        channel = self._open(arguments, shared=tool == "post_shared")
        text = plain(arguments.get("text"), most=MOST_TEXT, system="teams")
        people = list_of(arguments, "mention", PERSON, system="teams")
        everyone = arguments.get("everyone") or ""
        if everyone not in ("", "channel") or any(one not in channel.people for one in people):
            raise NotDone(
                "teams-mention", "It mentions somebody who is not there.", hint="Look at `mention`."
            )
        return written(text, channel, people, everyone=bool(everyone))

    def _same(self, tool: str, arguments: Mapping[str, Any]) -> str:
        """The id of a message of its own that says the same, not long ago, in the same place."""
        root, said = _root(arguments), words_of(self._content(tool, arguments))
        since = self._clock() - WINDOW
        for message in self._channels.said(_place(arguments), root, LOOKED_AT):
            at = moment(message.get("createdDateTime"))
            if not self._channels.mine(message) or message.get("deletedDateTime") or at is None or at < since:
                continue
            if same_words(words_of(message), said):
                return f"{root}/{message['id']}" if root else str(message["id"])
        return ""

    def _read(self, tool: str, arguments: Mapping[str, Any]) -> Answer:
        self._open(arguments, shared=tool == "read_shared")
        most = number(arguments, "limit", default=50, most=LOOKED_AT)
        said = self._channels.said(_place(arguments), "", most)
        return Answer({"messages": [_shown(m) for m in said if m.get("messageType") == "message"]})

    def _open(self, arguments: Mapping[str, Any], *, shared: bool) -> Channel:
        """A channel that is of the kind that its destination says."""
        channel = self._channels.channel(_place(arguments))
        if channel.shared and not shared:
            raise NotDone(
                "teams-shared-channel",
                "A guest or another organisation is in this channel.",
                hint="Use the tool for shared channels, whose destination is outside.",
            )
        return channel

    def _is_so(self, tool: str, arguments: Mapping[str, Any], message: Message | None) -> bool:
        gone = message is None or bool(message.get("deletedDateTime"))
        if tool == "redact":
            return gone
        return not gone and message is not None and same_words(words_of(message), str(arguments["text"]))


def _place(arguments: Mapping[str, Any]) -> str:
    return word(arguments, "channel", PLACE, system="teams")


def _message(arguments: Mapping[str, Any]) -> str:
    return word(arguments, "message", MESSAGE, system="teams")


def _root(arguments: Mapping[str, Any]) -> str:
    return word(arguments, "message", ROOT, system="teams") if arguments.get("message") else ""


def _answer(place: str, message: str) -> Answer:
    return Answer({"channel": place, "id": message}, ref=f"{place}/{message}")


def _shown(message: Message) -> Mapping[str, Any]:
    return {
        "id": message["id"],
        "sender": sender_of(message),
        "text": "" if message.get("deletedDateTime") else words_of(message)[:SHOWN],
        "deleted": bool(message.get("deletedDateTime")),
    }
