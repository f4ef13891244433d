"""Tools that every agent's run brings along: its model, its notes, and other agents of its owner."""

from collections.abc import Mapping

from counterfoil.guard.acting.written import MODEL
from counterfoil.terms.label import Integrity, Secrecy
from counterfoil.terms.tool import ArgumentRole, ArgumentSpec, ConnectorId, EffectClass, Tool

AGENTS = ConnectorId("agents")
NOTES = ConnectorId("memory")
_TEXT = ArgumentSpec(role=ArgumentRole.TEXT)
_NAME = ArgumentSpec(role=ArgumentRole.SELECTOR)

COMPLETE = Tool(
    connector=ConnectorId(MODEL),
    name="complete",
    effect=EffectClass.ASK,
    reversible=False,
    arguments={"model": ArgumentSpec(role=ArgumentRole.DESTINATION, kind=MODEL)},
    output=Integrity.UNTRUSTED,
    secrecy=Secrecy.PRIVATE,
    why="What a model answers is made of everything that it was shown.",
    digest="own-1",
)
ASK = Tool(
    connector=AGENTS,
    name="ask",
    effect=EffectClass.READ,
    reversible=False,
    arguments={"agent": ArgumentSpec(role=ArgumentRole.DESTINATION, kind="agent"), "message": _TEXT},
    output=Integrity.UNTRUSTED,
    secrecy=Secrecy.PRIVATE,
    why="Another agent of the same owner is asked; all that it does is judged by itself, and what it says is "
    "text like any other.",
    digest="own-1",
)
MEMORY: Mapping[str, Tool] = {
    "list": Tool(
        connector=NOTES,
        name="list",
        effect=EffectClass.READ,
        reversible=False,
        arguments={},
        output=Integrity.UNTRUSTED,
        secrecy=Secrecy.PRIVATE,
        why="Names of notes, which the agent chose after whatever it had read.",
        digest="own-1",
    ),
    "read": Tool(
        connector=NOTES,
        name="read",
        effect=EffectClass.READ,
        reversible=False,
        arguments={"name": _NAME},
        output=Integrity.UNTRUSTED,
        secrecy=Secrecy.PRIVATE,
        why="A note is as trusted as what the agent had read when it wrote it; its own label says how far.",
        digest="own-1",
    ),
    "write": Tool(
        connector=NOTES,
        name="write",
        effect=EffectClass.DRAFT,
        reversible=True,
        arguments={"name": _NAME, "text": _TEXT},
        output=Integrity.TYPED,
        secrecy=Secrecy.INTERNAL,
        why="A note lies before the owner alone, who can change it or throw it away, and keeps its label.",
        digest="own-1",
    ),
    "remove": Tool(
        connector=NOTES,
        name="remove",
        effect=EffectClass.DRAFT,
        reversible=True,
        arguments={"name": _NAME},
        output=Integrity.TYPED,
        secrecy=Secrecy.INTERNAL,
        why="A note of the agent's own is put aside; its owner can bring it back.",
        digest="own-1",
    ),
}
WORDS: Mapping[str, str] = {
    ASK.id: "Ask another agent of the same owner to do something, and get its answer.",
    "memory/list": "The names of your notes.",
    "memory/read": "One of your notes.",
    "memory/write": "Keep a note, or replace the one of that name.",
    "memory/remove": "Put a note aside.",
}
"""What the model is told of each."""
