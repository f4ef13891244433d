"""Channels as Microsoft Graph has them: who reads along, what was said, and sending once.

Graph is asked as plain HTTP: Microsoft's own client brings 26 packages and 242 MB, a second HTTP client,
nothing but async calls, and a handler that posts again by itself. The tests' stand-in is held to that client.

Source: Microsoft Graph v1.0 (learn.microsoft.com/graph/api/resources/chatmessage, read 2026-11-26).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from html import escape
from typing import Any

from counterfoil.agents.connectors.connector import NotDone
from counterfoil.agents.connectors.service import Missing, Service, Unconfirmed
from counterfoil.agents.connectors.web.page import page_of

GUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
THREAD = r"19:[A-Za-z0-9_-]{1,100}@thread\.(?:tacv2|skype)"
PLACE = re.compile(f"{GUID}/{THREAD}")
PERSON = re.compile(GUID)
ROOT = re.compile(r"[0-9]{10,16}")
MESSAGE = re.compile(r"[0-9]{10,16}(/[0-9]{10,16})?")
PAGE = 50
MOST_PAGES = 60

Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Channel:
    """What has to be known of a channel before something is said there."""

    path: str
    id: str
    name: str
    people: Mapping[str, str]
    """Names of the members who are of the organisation, by their ids."""
    shared: bool
    """Whether a guest or another organisation reads it."""


class Channels:
    """The channels of one account."""

    def __init__(self, service: Service) -> None:
        self.service = service

    @cached_property
    def me(self) -> str:
        """The account's own id."""
        return str(self.service.read("/me", {"$select": "id"})["id"])

    def pages(self, path: str, most: int, params: Mapping[str, str | int] | None = None) -> Iterator[Message]:
        """Items of a list that goes on; the next page is taken from Graph itself only."""
        seen = 0
        for _ in range(MOST_PAGES):
            page = self.service.read(path, params)
            for item in page["value"]:
                if seen >= most:
                    return
                seen += 1
                yield item
            if not page.get("@odata.nextLink"):
                return
            path, params = self.service.onward(str(page["@odata.nextLink"])), None
        raise NotDone("teams-too-many", "The list does not end.", hint="Take a smaller channel.")

    def listed(self) -> Sequence[Mapping[str, Any]]:
        """The channels of the teams that the account has joined."""
        return [
            {
                "id": f"{team['id']}/{channel['id']}",
                "name": f"{team.get('displayName')} / {channel.get('displayName')}"[:200],
            }
            for team in self.pages("/me/joinedTeams", 200)
            for channel in self.pages(f"/teams/{team['id']}/channels", 1_000)
        ]

    def channel(self, place: str) -> Channel:
        """A channel as it is now, with everybody who reads it."""
        path = at(place)
        found = self.service.read(path)
        members = list(self.pages(f"{path}/members", 100_000))
        own = {m.get("tenantId") for m in members if m.get("userId") == self.me}
        inside = {
            str(m["userId"]): str(m.get("displayName") or "")
            for m in members
            if "guest" not in (m.get("roles") or []) and m.get("tenantId") in own and m.get("userId")
        }
        shared = found.get("membershipType") not in ("standard", "private") or len(inside) < len(members)
        return Channel(path, str(found["id"]), str(found.get("displayName") or ""), inside, shared)

    def said(self, place: str, root: str, most: int) -> Iterator[Message]:
        """Messages of a channel, or answers to one of them."""
        path = f"{at(place)}/messages" + (f"/{root}/replies" if root else "")
        return self.pages(path, most, {"$top": PAGE})

    def message(self, place: str, message: str) -> Message | None:
        """One message, where it was ever there; a deleted one says when."""
        try:
            found: Message = self.service.read(message_at(place, message))
        except Missing:
            return None
        return found

    def mine(self, message: Message) -> bool:
        """Whether the account itself said it."""
        return sender_of(message) == self.me

    def send(self, place: str, root: str, content: Mapping[str, Any]) -> str:
        """Post, or answer, once; gives the message's id once it is there.

        Raises: NotDone, or ToolError where nobody knows.
        """
        path = f"{at(place)}/messages" + (f"/{root}/replies" if root else "")
        sent = str(self.service.ask("POST", path, body=content)["id"])
        if not ROOT.fullmatch(sent):
            raise Unconfirmed("teams", "it does not say what it made")
        return f"{root}/{sent}" if root else sent


def at(place: str) -> str:
    """The path of a channel."""
    team, _, thread = place.partition("/")
    return f"/teams/{team}/channels/{thread}"


def message_at(place: str, message: str) -> str:
    """The path of a message, or of an answer."""
    root, _, reply = message.partition("/")
    return f"{at(place)}/messages/{root}" + (f"/replies/{reply}" if reply else "")


def written(text: str, channel: Channel, people: Sequence[str], *, everyone: bool) -> Mapping[str, Any]:
    """Words and nothing else; with mentions, the words as HTML in which nothing is left to act."""
    if not people and not everyone:
        return {"body": {"contentType": "text", "content": text}}
    whom: list[tuple[str, Mapping[str, Any]]] = []
    if everyone:
        conversation = {"id": channel.id, "displayName": channel.name, "conversationIdentityType": "channel"}
        whom.append((channel.name, {"conversation": conversation}))
    for one in people:
        user = {"id": one, "displayName": channel.people[one], "userIdentityType": "aadUser"}
        whom.append((channel.people[one], {"user": user}))
    named = " ".join(f'<at id="{n}">{escape(name)}</at>' for n, (name, _) in enumerate(whom))
    mentions = [{"id": n, "mentionText": name, "mentioned": one} for n, (name, one) in enumerate(whom)]
    words = escape(text).replace("\n", "<br>")
    return {"body": {"contentType": "html", "content": f"{named} {words}"}, "mentions": mentions}


def words_of(content: Mapping[str, Any], *, quotes: bool = True) -> str:
    """The words of a message, or of one that would be sent, with or without what it quotes."""
    body = content.get("body") or {}
    text = str(body.get("content") or "")
    return page_of(text, "", quotes=quotes).text if body.get("contentType") == "html" else text


def sender_of(message: Message) -> str:
    """The id of the person who said it, or nothing."""
    user = (message.get("from") or {}).get("user") or {}
    return str(user.get("id") or "")


def moment(value: object) -> datetime | None:
    """A time as Graph writes it."""
    return datetime.fromisoformat(value) if isinstance(value, str) else None
