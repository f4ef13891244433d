"""Looks at one place for what came since the last time, in the words of triggers."""

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from counterfoil.agents.connectors.connector import Connector, NotDone
from counterfoil.agents.connectors.heard import Heard, Mention
from counterfoil.agents.connectors.mail.mail import Mail
from counterfoil.agents.connectors.matrix.connector import Matrix
from counterfoil.agents.connectors.slack.connector import Slack
from counterfoil.agents.connectors.teams.connector import Teams
from counterfoil.store.agents.listened import Arrival, Ear

MOST_RUNS = 10
"""Mails of one look that set off a run each; more are one run."""
NEWEST = 50
"""Mails that such a run is told of by name."""
FULL, MOST_LOOKS = 500, 100
"""A look that brings as many is followed by another one, so often at most."""
MOST_MENTIONS = 20
"""Mentions of one look that are taken up; of more, the newest."""
FOR, BEFORE = timedelta(minutes=55), timedelta(minutes=20)
"""How long Teams tells us of messages once it was asked, and when it is asked again."""
Subscribed = Callable[[Ear], tuple[str, str]]
"""Where Teams is to tell us of a place, and under which secret; empty where it can't reach us."""


@dataclass(frozen=True, slots=True)
class Found:
    """What came, and how far was looked."""

    came: tuple[Arrival, ...]
    cursor: str
    passed_over: str = ""
    """What was left out, in words."""


def look(system: Connector, ear: Ear, cursor: str, now: datetime, subscribed: Subscribed) -> Found:
    """What came to a place since a cursor; an empty one begins now.

    Raises: ToolError where its system can't be asked.
    """
    match system:
        case Mail():
            return _mail(system, ear.place, cursor)
        case Slack() | Matrix():
            return _heard(system.watch(cursor))
        case Teams():
            return _subscription(system, ear, cursor, now, subscribed)
    raise NotDone("not-listened", f"{ear.connector} tells of nothing.", hint="Take another trigger.")


def arrival(mention: Mention) -> Arrival:
    """A mention, as a trigger takes it up."""
    return Arrival(
        on="mention",
        name=mention.place.partition(":")[2],
        ref=mention.id,
        said=mention.tainted_text,
        who=mention.who,
    )


def _mail(system: Mail, folder: str, cursor: str) -> Found:
    """Names of new mails, which their mailbox gave them: what is in them is for a tool that is judged."""
    newest, count, reached = deque[str](maxlen=NEWEST), 0, cursor
    for _ in range(MOST_LOOKS):
        found = system.watch(folder, reached)
        reached = found.cursor
        newest.extend(found.ids)
        count += len(found.ids)
        if len(found.ids) < FULL:
            break
    if count > MOST_RUNS:
        told = {"folder": folder, "new": count, "newest": list(newest), "says": _many(count, len(newest))}
        came = Arrival(on="mail", name=folder, ref=f"{newest[-1]} and {count - 1} more", said=_json(told))
        return Found((came,), reached)
    each = [
        Arrival(on="mail", name=folder, ref=id, said=_json({"folder": folder, "id": id})) for id in newest
    ]
    return Found(tuple(each), reached)


def _heard(heard: Heard) -> Found:
    came = [arrival(one) for one in heard.mentions]
    over = len(came) - MOST_MENTIONS
    says = f"{over} mentions were more than are taken up at once" if over > 0 else ""
    if heard.missed:
        says = "more was said than is looked at in one go, so mentions may be missing"
    return Found(tuple(came[-MOST_MENTIONS:]), heard.cursor, says)


def _subscription(system: Teams, ear: Ear, cursor: str, now: datetime, subscribed: Subscribed) -> Found:
    """Teams tells us by itself, for as long as it was asked to."""
    if cursor and datetime.fromisoformat(cursor) - now > BEFORE:
        return Found((), cursor)
    url, state = subscribed(ear)
    if not url:
        hint = "Enter the address of this server into the account."
        raise NotDone("teams-unreached", "Teams tells of mentions only what it can reach.", hint=hint)
    until = (now + FOR).astimezone(UTC).replace(microsecond=0)
    system.subscribe(ear.place, url=url, state=state, until=until)
    return Found((), until.isoformat())


def _many(count: int, named: int) -> str:
    return f"{count:,} mails came at once. The newest {named} are named here; the others lie in the folder."


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
