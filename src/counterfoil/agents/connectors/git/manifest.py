"""What the tools of git do, and how far what they answer can be trusted."""

from collections.abc import Mapping
from functools import partial

from counterfoil.agents.connectors.declared import CHOSEN, CLOSED, REPO, THERE, forge_tool
from counterfoil.terms.tool import ConnectorId, EffectClass, Tool

GIT = ConnectorId("git")
_tool = partial(forge_tool, GIT)

TOOLS: Mapping[str, Tool] = {
    tool.name: tool
    for tool in (
        _tool(
            "revisions",
            EffectClass.READ,
            {"repo": REPO, "count": CLOSED},
            typed=("*.revision", "*.at"),
            why="Whoever can push writes messages and names; a revision is git's own hash.",
        ),
        _tool(
            "running",
            EffectClass.READ,
            THERE,
            typed=("revision", "tree"),
            why="Which revision a ref names is git's own word.",
        ),
        _tool(
            "status",
            EffectClass.READ,
            {**THERE, "revision": CHOSEN},
            typed=("state",),
            why="The state is one of four words, whoever wrote it; no text of it is handed on.",
        ),
        _tool(
            "deploy",
            EffectClass.DEPLOY,
            {**THERE, "revision": CHOSEN},
            typed=("revision", "previous", "tree"),
            why="It moves a ref, which can be moved back; what ran before is kept in the answer.",
        ),
        _tool(
            "rollback",
            EffectClass.DEPLOY,
            {**THERE, "revision": CHOSEN},
            typed=("revision", "previous", "tree"),
            why="The same as a deployment, to a revision that ran there before.",
        ),
    )
}
