"""Grants and credentials of those agents that come by the gateway."""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from counterfoil.agents.enrolment import Enrolment
from counterfoil.agents.gateway.manifest import Client, Manifest
from counterfoil.agents.gateway.pins import Pins
from counterfoil.agents.gateway.session import USE
from counterfoil.agents.tokens import HEAD, LONGEST, hashed
from counterfoil.store.agents import granted, sealed
from counterfoil.store.agents.database import Database
from counterfoil.store.agents.granted import Enrolled
from counterfoil.terms.agent import AgentId, Budget, Grant
from counterfoil.terms.error import SourceError
from counterfoil.terms.ids import MicroUsd, Pseudonym
from counterfoil.terms.release import Permit, Refuse

NOTHING = Budget(run=MicroUsd(0), day=MicroUsd(0), month=MicroUsd(0))
"""Models are not asked through the gateway, and so not paid for here."""


def grants_of(client: Client, pins: Pins) -> Sequence[Grant]:
    """What the manifest grants an agent, each tool as it is pinned.

    Raises: SourceError where a tool is granted that nobody pinned.
    """
    if unpinned := [tool for tool in client.grants if tool not in pins.tools]:
        hint = "look at it and pin it: counterfoil agent gateway FILE --check, then --pin"
        raise SourceError("unpinned-tool", f"{client.agent}: {unpinned[0]} is not pinned", hint=hint)
    return [
        Grant(agent=client.agent, tool=tool, digest=pins.tools[tool].digest, to=to)
        for tool, to in client.grants.items()
    ]


def grant(
    enrolment: Enrolment, manifest: Manifest, pins: Pins, whose: Callable[[str], Pseudonym]
) -> dict[AgentId, Permit | Refuse]:
    """Let every agent of the manifest have what the manifest says, and nothing besides.

    Raises: SourceError where a tool is not pinned, or an owner unknown; StoreError where nothing can be kept.
    """
    done: dict[AgentId, Permit | Refuse] = {}
    for client in manifest.clients.values():
        agent = Enrolled(id=client.agent, owner=whose(client.owner), budget=NOTHING)
        done[client.agent] = enrolment.enrol(agent, grants_of(client, pins))
    return done


def issue(folder: Path, agent: AgentId, now: datetime, lasts: timedelta = LONGEST) -> str:
    """A credential for an agent, beside a gateway that runs or not; it is told this once.

    Raises: SourceError where nobody enrolled the agent; StoreError where it can't be kept.
    """
    database = Database.of(folder)
    try:
        with database.write() as db:
            found = granted.enrolled(db).get(agent)
            if found is None or found.gone:
                hint = "start the gateway once with --grant"
                raise SourceError("unknown-agent", f"nobody enrolled {agent}", hint=hint)
            text = HEAD + secrets.token_urlsafe(32)
            until = now + min(lasts, LONGEST)
            sealed.sweep(db, now)
            sealed.put_token(
                db, sealed.Token(hash=hashed(text), agent=agent, owner=found.owner, until=until, use=USE)
            )
    finally:
        database.close()
    return text
