"""The whole gateway: manifest, pins, gate and credentials, put together and let go of together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from counterfoil.agents.connectors.connector import NotDone
from counterfoil.agents.gateway.asking import Gate
from counterfoil.agents.gateway.calls import Calls
from counterfoil.agents.gateway.http import Http
from counterfoil.agents.gateway.manifest import Manifest, read_manifest
from counterfoil.agents.gateway.pins import Pins, pins_beside, read_pins
from counterfoil.agents.gateway.serving import Serving
from counterfoil.agents.gateway.session import Credentials, Sessions
from counterfoil.agents.upstream.connected import connect
from counterfoil.agents.upstream.line import Lost
from counterfoil.agents.upstream.listed import Listed
from counterfoil.agents.upstream.pool import Pool
from counterfoil.terms.error import ToolError
from counterfoil.terms.tool import ConnectorId


@dataclass(slots=True)
class Gateway:
    """A gateway over one manifest."""

    manifest: Manifest
    pins: Pins
    gate: Gate
    credentials: Credentials
    now: Callable[[], datetime]
    environment: Mapping[str, str]
    calls: Calls = field(init=False)

    def __post_init__(self) -> None:
        """Nothing is connected before somebody asks."""
        self.calls = Calls(self.manifest, self.pins, self.gate, Pool(self.environment))

    def app(self, port: int) -> Http:
        """What answers over HTTP at a port of this machine."""
        sessions = Sessions(self.manifest, self.credentials, self.now)
        serving = Serving(self.calls, self.pins)
        hosts, origins = self.manifest.hosts, self.manifest.origins
        return Http(serving, sessions, self.close, port=port, hosts=hosts, origins=origins)

    async def close(self) -> None:
        """Hang up, after everything that was made is recorded."""
        await self.calls.close()


def read(file: Path) -> tuple[Manifest, Pins]:
    """A manifest, with its pins beside it.

    Raises: SourceError where either can't be read.
    """
    return read_manifest(file), read_pins(pins_beside(file))


async def look(
    manifest: Manifest, environment: Mapping[str, str]
) -> Mapping[ConnectorId, Mapping[str, Listed] | ToolError]:
    """What each server says of its tools now, or why it does not."""
    found: dict[ConnectorId, Mapping[str, Listed] | ToolError] = {}
    for server in manifest.servers.values():
        try:
            connected = await connect(server, environment)
        except (NotDone, Lost) as error:
            found[server.id] = error
        else:
            found[server.id] = connected.tools
            await connected.close()
    return found
