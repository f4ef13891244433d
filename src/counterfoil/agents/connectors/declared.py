"""How manifests say what a tool does: those of chat and those of forges each in the same words."""

from collections.abc import Mapping

from counterfoil.terms.label import Integrity, Secrecy
from counterfoil.terms.tool import ArgumentRole, ArgumentSpec, ConnectorId, EffectClass, Tool

CHOSEN = ArgumentSpec(role=ArgumentRole.SELECTOR)
TEXT = ArgumentSpec(role=ArgumentRole.TEXT)
CLOSED = ArgumentSpec(role=ArgumentRole.TYPED)


def place(kind: str) -> ArgumentSpec:
    """An argument that says where something goes."""
    return ArgumentSpec(role=ArgumentRole.DESTINATION, kind=kind)


PERSON, EVERYONE = place("person"), place("everyone")
SAYS = {"text": TEXT, "mention": PERSON, "everyone": EVERYONE}
"""What every message has."""
REPO, ENVIRONMENT, BRANCH = place("repo"), place("environment"), place("branch")
THERE = {"repo": REPO, "environment": ENVIRONMENT}
PROPOSAL = {"repo": REPO, "from": BRANCH, "into": BRANCH, "title": TEXT, "body": TEXT}


def chat_reads(
    connector: ConnectorId,
    name: str,
    arguments: Mapping[str, ArgumentSpec],
    typed: tuple[str, ...],
    why: str,
) -> Tool:
    """A tool by which what people wrote is read: anybody's words, for the owner alone."""
    return Tool(
        connector=connector,
        name=name,
        effect=EffectClass.READ,
        reversible=True,
        arguments=arguments,
        output=Integrity.UNTRUSTED,
        secrecy=Secrecy.PRIVATE,
        typed=typed,
        why=why,
    )


def chat_does(
    connector: ConnectorId,
    name: str,
    effect: EffectClass,
    arguments: Mapping[str, ArgumentSpec],
    why: str,
    *,
    reversible: bool = True,
) -> Tool:
    """A tool by which something is said, whose answer is the system's own."""
    return Tool(
        connector=connector,
        name=name,
        effect=effect,
        reversible=reversible,
        arguments=arguments,
        output=Integrity.TYPED,
        secrecy=Secrecy.INTERNAL,
        why=why,
    )


def forge_tool(
    connector: ConnectorId,
    name: str,
    effect: EffectClass,
    arguments: Mapping[str, ArgumentSpec],
    *,
    why: str,
    typed: tuple[str, ...] = (),
    reversible: bool = True,
) -> Tool:
    """A tool of a place where code lies: whoever can push writes its words."""
    return Tool(
        connector=connector,
        name=name,
        effect=effect,
        reversible=reversible,
        arguments=arguments,
        output=Integrity.UNTRUSTED,
        secrecy=Secrecy.INTERNAL,
        typed=typed,
        why=why,
    )
