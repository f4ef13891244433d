"""What fetching a page does to the world, and how far the page can be trusted."""

from collections.abc import Mapping
from types import MappingProxyType

from counterfoil.terms.label import Integrity, Secrecy
from counterfoil.terms.tool import ArgumentRole, ArgumentSpec, ConnectorId, EffectClass, Tool

WEB = ConnectorId("web")
FETCH = Tool(
    connector=WEB,
    name="fetch",
    effect=EffectClass.ASK,
    reversible=True,
    arguments={
        "host": ArgumentSpec(role=ArgumentRole.DESTINATION, kind="host"),
        "path": ArgumentSpec(role=ArgumentRole.TEXT),
        "scheme": ArgumentSpec(role=ArgumentRole.TYPED),
    },
    output=Integrity.UNTRUSTED,
    secrecy=Secrecy.PUBLIC,
    why="Path and query are text that leaves for the host; anybody writes and reads what comes back.",
)
TOOLS: Mapping[str, Tool] = MappingProxyType({FETCH.name: FETCH})
