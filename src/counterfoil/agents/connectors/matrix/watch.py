"""Messages that mention an account, by its homeserver's sync."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from counterfoil.agents.connectors.connector import NotDone
from counterfoil.agents.connectors.heard import Heard, Mention, own_words
from counterfoil.agents.connectors.matrix.room import PREFIX, Event, Rooms, body_of, relation

AT_ONCE = 200
"""Events of one room in one go."""
FILTER = json.dumps(
    {
        "presence": {"types": []},
        "account_data": {"types": []},
        "room": {
            "timeline": {"limit": AT_ONCE, "types": ["m.room.message"]},
            "state": {"types": []},
            "ephemeral": {"types": []},
            "account_data": {"types": []},
        },
    }
)


def heard(rooms: Rooms, cursor: str) -> Heard:
    """Mentions since a cursor; an empty one begins now and has none."""
    asked: dict[str, str | int] = {"filter": FILTER, "timeout": 0}
    said = rooms.service.read(f"{PREFIX}/sync", asked | ({"since": cursor} if cursor else {}))
    if not isinstance(said, dict) or not isinstance(said.get("next_batch"), str):
        raise NotDone("matrix-unanswered", "Its answer can't be read.", hint="Try again.")
    joined = said.get("rooms", {}).get("join", {}) if cursor else {}
    return Heard(
        mentions=tuple(_mentions(rooms.me, joined)),
        cursor=said["next_batch"],
        missed=any(room.get("timeline", {}).get("limited") for room in joined.values()),
    )


def _mentions(me: str, joined: Mapping[str, Any]) -> Iterator[Mention]:
    for room, said in joined.items():
        for event in said.get("timeline", {}).get("events", []):
            if event.get("sender") != me and _named(event, me):
                yield Mention(
                    id=f"{room}/{event['event_id']}",
                    place=f"room:{room}",
                    thread=str(event["event_id"]),
                    who=str(event.get("sender", "")),
                    tainted_text=own_words(body_of(event)),
                )


def _named(event: Event, me: str) -> bool:
    """Whether a message means to name the account: no notice of another agent, no mere edit."""
    content = event.get("content", {})
    if content.get("msgtype") != "m.text" or relation(event).get("rel_type") == "m.replace":
        return False
    mentions = content.get("m.mentions")
    named = mentions.get("user_ids") if isinstance(mentions, dict) else None
    return me in (named or []) if mentions is not None else me in str(content.get("body", ""))
