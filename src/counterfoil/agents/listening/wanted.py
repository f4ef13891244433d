"""Says at which places of whose accounts has to be listened, for the triggers that agents have."""

from collections.abc import Iterator, Mapping, Sequence

from counterfoil.agents.connectors.connector import Connector
from counterfoil.agents.connectors.mail.mail import Mail
from counterfoil.agents.connectors.matrix.connector import Matrix
from counterfoil.agents.connectors.slack.connector import Slack
from counterfoil.agents.connectors.teams.connector import Teams
from counterfoil.agents.definition.load import still_made
from counterfoil.agents.definition.written import Definition, TriggerTable
from counterfoil.agents.keeping import EVERYTHING, Keeping, Known
from counterfoil.agents.runtime.world import Systems
from counterfoil.store.agents import recorded
from counterfoil.store.agents.listened import Ear
from counterfoil.terms.agent import AgentId
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.tool import ConnectorId

INBOX = "INBOX"
"""Where a mail trigger looks that names no folder."""
FROM_OUTSIDE = frozenset({"mail", "mention"})


def definitions(keeping: Keeping, known: Known) -> Iterator[tuple[AgentId, Pseudonym, Definition]]:
    """Every agent that is switched on and has a definition, with its owner."""
    for agent, enrolled in known.agents.items():
        if not known.stops.isdisjoint((EVERYTHING, f"agent:{agent}", f"owner:{enrolled.owner}")):
            continue
        with keeping.database.read() as db:
            version = recorded.latest(db, agent)
        made = None if version is None else still_made(version.text)
        if made is not None:
            yield agent, enrolled.owner, made


def wanted(keeping: Keeping, systems: Systems) -> Mapping[Ear, Sequence[AgentId]]:
    """Each place at which to listen, with the agents that it is for; none of what is switched off.

    Raises: StoreError where the database can't be asked, or an account can't be read.
    """
    known = keeping.known()
    found: dict[Ear, list[AgentId]] = {}
    for agent, owner, made in definitions(keeping, known):
        outside = [one for one in made.triggers if one.on in FROM_OUTSIDE]
        if not outside:
            continue
        for connector, system in systems.of(agent, owner).items():
            if f"connector:{connector}" in known.stops:
                continue
            for place in sorted({place for one in outside for place in _places(system, one)}):
                found.setdefault(Ear(owner, ConnectorId(connector), place), []).append(agent)
    return found


def _places(system: Connector, trigger: TriggerTable) -> Sequence[str]:
    """Where a system is listened to for a trigger."""
    match trigger.on, system:
        case "mail", Mail():
            return [trigger.name or INBOX]
        case "mention", Slack() | Matrix():
            return [""]
        case "mention", Teams() if trigger.name:
            return [trigger.name.removeprefix("channel:")]
    return []
