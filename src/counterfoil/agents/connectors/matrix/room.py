"""Rooms as a homeserver has them: who reads along, what was said, and sending under a key.

Source: Matrix specification 1.16, client-server API (spec.matrix.org, read 2026-11-26).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from counterfoil.agents.connectors.connector import NotDone
from counterfoil.agents.connectors.service import Missing, Service, Unconfirmed, awaited, begun, reading

PREFIX = "/_matrix/client/v3"
ROOM = re.compile(r"![^\s/?#]{1,254}")
ALIAS = re.compile(r"#[^\s:/?]{1,200}:[A-Za-z0-9.:\[\]-]{1,200}")
PLACE = re.compile(f"{ROOM.pattern}|{ALIAS.pattern}")
EVENT = re.compile(r"\$[A-Za-z0-9+/_.:=-]{1,254}")
PERSON = re.compile(r"@[A-Za-z0-9._=/+-]{1,200}:[A-Za-z0-9.:\[\]-]{1,200}")
MARK = "org.counterfoil.mark"
"""What a message carries so that it is found again, beside the transaction's id, which servers forget."""
HERE = ("join", "invite")
PAGE = 100

Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Room:
    """What has to be known of a room before something is said there."""

    id: str
    members: frozenset[str]
    encrypted: bool
    readable: bool
    """Whether anybody can read it without being a member."""

    def outside(self, servers: frozenset[str]) -> bool:
        """Whether somebody who is not of these servers reads along."""
        return self.readable or any(one.partition(":")[2] not in servers for one in self.members)


class Rooms:
    """The rooms of one account."""

    def __init__(self, service: Service) -> None:
        self.service = service

    @cached_property
    def me(self) -> str:
        """The account's own name."""
        return str(_mapped(self.service.read(f"{PREFIX}/account/whoami")).get("user_id", ""))

    def resolved(self, place: str) -> str:
        """A room's id, also where an alias was given.

        Raises: NotDone where there is no such room.
        """
        if not place.startswith("#"):
            return place
        found = _mapped(self.service.read(f"{PREFIX}/directory/room/{quote(place, safe='')}"))
        if not ROOM.fullmatch(str(found.get("room_id", ""))):
            raise NotDone("matrix-no-room", "There is no such room.", hint="Look at the rooms.")
        return str(found["room_id"])

    def room(self, room: str) -> Room:
        """A room as it is now."""
        members = _mapped(self.service.read(f"{_at(room)}/members")).get("chunk", [])
        visibility = self._state(room, "m.room.history_visibility").get("history_visibility")
        here = (m for m in members if _mapped(m.get("content")).get("membership") in HERE)
        return Room(
            room,
            frozenset(str(m.get("state_key")) for m in here),
            bool(self._state(room, "m.room.encryption")),
            visibility == "world_readable",
        )

    def listed(self) -> Sequence[Mapping[str, Any]]:
        """The rooms that the account has joined."""
        joined = _mapped(self.service.read(f"{PREFIX}/joined_rooms")).get("joined_rooms", [])
        return [
            {
                "id": str(room),
                "name": str(self._state(str(room), "m.room.name").get("name", ""))[:200],
                "encrypted": bool(self._state(str(room), "m.room.encryption")),
            }
            for room in joined[:PAGE]
        ]

    def _state(self, room: str, kind: str) -> Event:
        try:
            return _mapped(self.service.read(f"{_at(room)}/state/{kind}"))
        except Missing:
            return {}

    def said(self, room: str, most: int) -> Iterator[Event]:
        """Messages and reactions of a room, the latest first."""
        start, seen = "", 0
        while seen < most:
            params: dict[str, str | int] = {"dir": "b", "limit": min(PAGE, most - seen)}
            page = _mapped(
                self.service.read(f"{_at(room)}/messages", params | ({"from": start} if start else {}))
            )
            chunk = page.get("chunk") or []
            yield from (_mapped(event) for event in chunk)
            seen += max(len(chunk), 1)
            start = str(page.get("end") or "")
            if not start or not chunk:
                return

    def event(self, room: str, event: str) -> Event:
        """One event.

        Raises: Missing where the server has none of that id.
        """
        return _mapped(self.service.read(f"{_at(room)}/event/{quote(event, safe='')}"))

    def after(self, room: str, event: str) -> Sequence[Event]:
        """What was said just after an event."""
        found = self.service.read(f"{_at(room)}/context/{quote(event, safe='')}", {"limit": PAGE})
        return [_mapped(one) for one in _mapped(found).get("events_after") or []]

    def related(self, room: str, event: str, how: str) -> Sequence[Event]:
        """What refers to an event in one way, such as `m.annotation`."""
        path = f"{_at(room).replace('/v3/', '/v1/')}/relations/{quote(event, safe='')}/{how}"
        return [_mapped(one) for one in _mapped(self.service.read(path, {"limit": PAGE})).get("chunk") or []]

    def send(self, room: str, kind: str, mark: str, content: Mapping[str, Any]) -> str:
        """Send once under a mark, and see that it is there; gives the event's id.

        Raises: NotDone, or ToolError where nobody knows.
        """
        path = f"{_at(room)}/send/{kind}/{mark}"
        return self._there(room, self.service.ask("PUT", path, body={**content, MARK: mark}), mark)

    def redact(self, room: str, event: str, mark: str) -> str:
        """Take back one event, and see that it is gone.

        Raises: NotDone, or ToolError where nobody knows.
        """
        path = f"{_at(room)}/redact/{quote(event, safe='')}/{mark}"
        sent = _mapped(self.service.ask("PUT", path, body={}))
        with begun("matrix"):
            done = awaited(lambda: bool(redaction(self.event(room, event))))
        if not done:
            raise Unconfirmed("matrix", "it says so, and the message is still there")
        return str(sent.get("event_id", ""))

    def _there(self, room: str, answer: Any, mark: str) -> str:
        sent = str(_mapped(answer).get("event_id", ""))
        with begun("matrix"):
            done = EVENT.fullmatch(sent) and awaited(lambda: self._carries(room, sent, mark))
        if not done:
            raise Unconfirmed("matrix", "it says so, and the message is not there")
        return sent

    def _carries(self, room: str, event: str, mark: str) -> bool:
        try:
            return bool(_mapped(self.event(room, event).get("content")).get(MARK) == mark)
        except Missing:
            return False

    def direct(self, person: str) -> Room | None:
        """A room in which the account and one person are alone, where there is one."""
        for room in self._directs().get(person) or []:
            try:
                here = self.room(str(room))
            except NotDone:
                continue
            if here.members == {self.me, person}:
                return here
        return None

    def open_direct(self, person: str) -> str:
        """A new room for the account and one person.

        Raises: NotDone, or ToolError where nobody knows.
        """
        body = {"preset": "private_chat", "is_direct": True, "invite": [person]}
        room = str(_mapped(self.service.ask("POST", f"{PREFIX}/createRoom", body=body)).get("room_id", ""))
        if not ROOM.fullmatch(room):
            raise Unconfirmed("matrix", "it opened a room and does not say which")
        with begun("matrix"):
            known = self._directs()
            path = f"{PREFIX}/user/{quote(self.me, safe='')}/account_data/m.direct"
            self.service.ask("PUT", path, body={**known, person: [*(known.get(person) or []), room]})
        return room

    def _directs(self) -> Mapping[str, Any]:
        path = f"{PREFIX}/user/{quote(self.me, safe='')}/account_data/m.direct"
        with reading():
            try:
                return _mapped(self.service.read(path))
            except Missing:
                return {}


def redaction(event: Event) -> Event:
    """What took an event back, or nothing."""
    return _mapped(_mapped(event.get("unsigned")).get("redacted_because"))


def replaced(event: Event) -> Event:
    """The latest edit of an event, or nothing."""
    relations = _mapped(_mapped(event.get("unsigned")).get("m.relations"))
    return _mapped(relations.get("m.replace"))


def body_of(event: Event) -> str:
    """The words of a message as they are now; the formatted ones are nobody's to read."""
    edit = _mapped(_mapped(replaced(event).get("content")).get("m.new_content"))
    return str((edit or _mapped(event.get("content"))).get("body", ""))


def relation(event: Event) -> Event:
    """What an event says that it belongs to."""
    return _mapped(_mapped(event.get("content")).get("m.relates_to"))


def answered(event: Event) -> str:
    """The event that this one answers."""
    return str(_mapped(relation(event).get("m.in_reply_to")).get("event_id", ""))


def _at(room: str) -> str:
    return f"{PREFIX}/rooms/{quote(room, safe='')}"


def _mapped(value: Any) -> Mapping[str, Any]:
    """An object of the server's, or an empty one where it sent something else."""
    return value if isinstance(value, dict) else {}
