"""Matrix as agents have it: posting under a transaction's id, reading back, following."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from counterfoil.agents.connectors.connector import Answer, NotDone
from counterfoil.agents.connectors.heard import Heard
from counterfoil.agents.connectors.matrix.follow import followed
from counterfoil.agents.connectors.matrix.manifest import MATRIX, TOOLS
from counterfoil.agents.connectors.matrix.room import (
    EVENT,
    MARK,
    PERSON,
    PLACE,
    Event,
    Room,
    Rooms,
    answered,
    body_of,
    redaction,
    relation,
    replaced,
)
from counterfoil.agents.connectors.matrix.watch import heard
from counterfoil.agents.connectors.outgoing import (
    REACTIONS,
    mark_of,
    number,
    plain,
    reaction,
    same_words,
    word,
    words_of,
)
from counterfoil.agents.connectors.service import Missing, Service, begun, sound
from counterfoil.terms.effect import Effect, EffectFate, Followed
from counterfoil.terms.tool import ConnectorId, Tool

MOST_TEXT = 7_000
"""Characters; an event has at most 65,536 bytes, and an edit says everything twice."""
WINDOW = timedelta(days=1)
"""Within which the same words in the same room are a duplicate."""
LOOKED_AT = 300
SHOWN = 4_000
READS = ("rooms", "read", "read_shared")


class Matrix:
    """The rooms of one account on one homeserver."""

    def __init__(
        self,
        url: str,
        token: Callable[[], str],
        *,
        inside: frozenset[str] = frozenset(),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        seconds: float = 20.0,
    ) -> None:
        """A homeserver, what gives its token, and the servers whose people are of the organisation."""
        self._rooms = Rooms(Service("matrix", url, token, lambda said: said["errcode"], seconds))
        self._servers = inside
        self._clock = clock

    @property
    def id(self) -> ConnectorId:
        """Its name in grants."""
        return MATRIX

    @property
    def tools(self) -> Mapping[str, Tool]:
        """The manifest."""
        return TOOLS

    def do(self, tool: str, arguments: Mapping[str, Any], key: str) -> Answer:
        """Make one call.

        Raises: NotDone where surely nothing happened; ToolError where nobody knows.
        """
        with sound("matrix", reads=tool in READS):
            return self._done(tool, arguments, key)

    def _done(self, tool: str, arguments: Mapping[str, Any], key: str) -> Answer:
        if tool == "rooms":
            return Answer({"rooms": self._rooms.listed()})
        if tool in READS:
            return self._read(tool, arguments)
        if tool == "direct":
            return self._direct(arguments, mark_of(key))
        if tool == "redact":
            room_id = self._place(tool, arguments)
            self._own(room_id, arguments)
            return _answer(room_id, self._rooms.redact(room_id, _message(arguments), mark_of(key)))
        if tool not in TOOLS:
            raise NotDone("matrix-no-tool", "Matrix has no such tool.", hint="Look at the manifest.")
        room, kind, content = self._content(tool, arguments)
        return _answer(room.id, self._rooms.send(room.id, kind, mark_of(key), content))

    def read_back(self, tool: str, arguments: Mapping[str, Any], key: str) -> Answer | None:
        """The event that carries the mark of a key, or the redaction that was asked for.

        Raises: NotDone where the homeserver can't be asked.
        """
        with sound("matrix", reads=True):
            return self._found(tool, arguments, mark_of(key))

    def _found(self, tool: str, arguments: Mapping[str, Any], mark: str) -> Answer | None:
        room = self._place(tool, arguments)
        if not room:
            return None
        if tool == "redact":
            because = redaction(self._rooms.event(room, _message(arguments)))
            return (
                _answer(room, str(because["event_id"])) if because.get("sender") == self._rooms.me else None
            )
        for event in self._rooms.said(room, LOOKED_AT):
            if event.get("sender") == self._rooms.me and event.get("content", {}).get(MARK) == mark:
                return _answer(room, str(event["event_id"]))
        return None

    def needless(self, tool: str, arguments: Mapping[str, Any]) -> str:
        """Why a call would change nothing; empty where it would.

        Raises: NotDone where the homeserver can't be asked.
        """
        with sound("matrix", reads=True):
            return self._needless(tool, arguments)

    def _needless(self, tool: str, arguments: Mapping[str, Any]) -> str:
        if "text" in TOOLS[tool].arguments and not str(arguments.get("text", "")).strip():
            return "empty-change"
        if tool in ("edit", "redact"):
            return self._unchanged(tool, arguments)
        room = self._place(tool, arguments) if tool in ("post", "post_shared", "react", "direct") else ""
        if not room:
            return ""
        if tool == "react":
            key = REACTIONS[reaction(arguments, system="matrix")]
            found = self._rooms.related(room, _message(arguments), "m.annotation")
            return "duplicate" if any(self._mine(e) and relation(e).get("key") == key for e in found) else ""
        since = (self._clock() - WINDOW).timestamp() * 1000
        target = str(arguments.get("message", ""))
        for event in self._rooms.said(room, LOOKED_AT):
            if event.get("origin_server_ts", 0) < since:
                break
            if not self._mine(event) or event.get("type") != "m.room.message" or answered(event) != target:
                continue
            if not replaced(event) and same_words(body_of(event), str(arguments["text"])):
                return "duplicate"
        return ""

    def follow(self, effect: Effect, now: datetime) -> Followed:
        """What became of a message, as its homeserver says."""
        try:
            with sound("matrix", reads=True):
                return followed(self._rooms, effect, now)
        except NotDone as e:
            return Followed(key=effect.key, fate=EffectFate.NOT_EXAMINED, at=now, why=e.message)

    def watch(self, cursor: str) -> Heard:
        """Messages that mention the account, since a cursor; an empty one begins now.

        Raises: NotDone where the homeserver can't be asked.
        """
        with sound("matrix", reads=True):
            return heard(self._rooms, cursor)

    def _content(self, tool: str, arguments: Mapping[str, Any]) -> tuple[Room, str, Mapping[str, Any]]:
        """Where something goes and what will be sent, its words as they are."""
        if tool == "edit":
            room = self._open(arguments, shared=False)
            self._own(room.id, arguments)
            said = _notice(plain(arguments.get("text"), most=MOST_TEXT, system="matrix"))
            relates = {"rel_type": "m.replace", "event_id": _message(arguments)}
            whole = {**said, "body": f"* {said['body']}", "m.new_content": said, "m.relates_to": relates}
            return room, "m.room.message", whole
        room = self._open(arguments, shared=tool == "post_shared")
        if tool == "react":
            key = REACTIONS[reaction(arguments, system="matrix")]
            relates = {"rel_type": "m.annotation", "event_id": self._there(room, arguments), "key": key}
            return room, "m.reaction", {"m.relates_to": relates}
        content = _notice(plain(arguments.get("text"), most=MOST_TEXT, system="matrix"))
        people = words_of(arguments, "mention", PERSON, system="matrix")
        everyone = arguments.get("everyone") or ""
        if everyone not in ("", "room") or any(one not in room.members for one in people):
            raise NotDone(
                "matrix-mention", "It mentions somebody who is not there.", hint="Look at `mention`."
            )
        mentions = ({"user_ids": [*people]} if people else {}) | ({"room": True} if everyone else {})
        content |= {"m.mentions": mentions}
        if arguments.get("message"):
            content |= {"m.relates_to": {"m.in_reply_to": {"event_id": self._there(room, arguments)}}}
        return room, "m.room.message", content

    def _direct(self, arguments: Mapping[str, Any], mark: str) -> Answer:
        person = word(arguments, "person", PERSON, system="matrix")
        said = _notice(plain(arguments.get("text"), most=MOST_TEXT, system="matrix"))
        if (room := self._rooms.direct(person)) is not None:
            return _answer(room.id, self._rooms.send(_readable(room).id, "m.room.message", mark, said))
        opened = self._rooms.open_direct(person)
        with begun("matrix"):
            here = _readable(self._rooms.room(opened))
            return _answer(opened, self._rooms.send(here.id, "m.room.message", mark, said))

    def _read(self, tool: str, arguments: Mapping[str, Any]) -> Answer:
        room = self._open(arguments, shared=tool == "read_shared")
        events = self._rooms.said(room.id, number(arguments, "limit", default=50, most=LOOKED_AT))
        shown = (e for e in events if e.get("type") == "m.room.message")
        return Answer({"messages": [_shown(e) for e in shown if relation(e).get("rel_type") != "m.replace"]})

    def _open(self, arguments: Mapping[str, Any], *, shared: bool) -> Room:
        """A room in which may be said what its kind of destination says."""
        room = self._rooms.room(self._rooms.resolved(word(arguments, "room", PLACE, system="matrix")))
        if room.outside(self._servers or frozenset({self._rooms.me.partition(":")[2]})) and not shared:
            raise NotDone(
                "matrix-shared-room",
                "Somebody from outside can read this room.",
                hint="Use the tool for shared rooms, whose destination is outside.",
            )
        return _readable(room)

    def _own(self, room: str, arguments: Mapping[str, Any]) -> None:
        """A message of the account's own; others are not touched."""
        if not self._mine(self._rooms.event(room, _message(arguments))):
            raise NotDone("matrix-not-own", "Somebody else said that.", hint="Take a message of its own.")

    def _there(self, room: Room, arguments: Mapping[str, Any]) -> str:
        self._rooms.event(room.id, _message(arguments))
        return _message(arguments)

    def _unchanged(self, tool: str, arguments: Mapping[str, Any]) -> str:
        try:
            event = self._rooms.event(self._place(tool, arguments), _message(arguments))
        except Missing:
            return "empty-change" if tool == "redact" else ""
        if redaction(event):
            return "empty-change"
        same = tool == "edit" and body_of(event) == arguments.get("text")
        return "empty-change" if same else ""

    def _place(self, tool: str, arguments: Mapping[str, Any]) -> str:
        if tool == "direct":
            room = self._rooms.direct(word(arguments, "person", PERSON, system="matrix"))
            return room.id if room else ""
        return self._rooms.resolved(word(arguments, "room", PLACE, system="matrix"))

    def _mine(self, event: Event) -> bool:
        return bool(event.get("sender") == self._rooms.me)


def _readable(room: Room) -> Room:
    """A room that the account can write in."""
    if room.encrypted:
        raise NotDone(
            "matrix-encrypted", "The room is encrypted, and agents are not.", hint="Take one that is not."
        )
    return room


def _message(arguments: Mapping[str, Any]) -> str:
    return word(arguments, "message", EVENT, system="matrix")


def _notice(text: str) -> dict[str, Any]:
    """Words and nothing else: no HTML, nobody mentioned, no preview of a link."""
    return {"msgtype": "m.notice", "body": text, "m.mentions": {}, "com.beeper.linkpreviews": []}


def _answer(room: str, event: str) -> Answer:
    return Answer({"room": room, "id": event}, ref=f"{room}/{event}")


def _shown(event: Event) -> Mapping[str, Any]:
    return {
        "id": event.get("event_id"),
        "sender": event.get("sender"),
        "at": event.get("origin_server_ts"),
        "text": body_of(event)[:SHOWN],
        "answers": answered(event),
        "redacted": bool(redaction(event)),
    }
