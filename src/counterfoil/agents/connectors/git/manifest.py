"""What the tools of git do, and how far what they answer can be trusted."""

from collections.abc import Mapping

from counterfoil.terms.label import Integrity, Secrecy
from counterfoil.terms.tool import ArgumentRole, ArgumentSpec, ConnectorId, EffectClass, Tool

GIT = ConnectorId("git")
REPO = ArgumentSpec(role=ArgumentRole.DESTINATION, kind="repo")
ENVIRONMENT = ArgumentSpec(role=ArgumentRole.DESTINATION, kind="environment")
REVISION = ArgumentSpec(role=ArgumentRole.SELECTOR)
COUNT = ArgumentSpec(role=ArgumentRole.TYPED)


def _tool(
    name: str,
    effect: EffectClass,
    arguments: Mapping[str, ArgumentSpec],
    *,
    typed: tuple[str, ...],
    why: str,
    reversible: bool = True,
) -> Tool:
    return Tool(
        connector=GIT,
        name=name,
        effect=effect,
        reversible=reversible,
        arguments=arguments,
        output=Integrity.UNTRUSTED,
        secrecy=Secrecy.INTERNAL,
        typed=typed,
        why=why,
    )


TOOLS: Mapping[str, Tool] = {
    tool.name: tool
    for tool in (
        _tool(
            "revisions",
            EffectClass.READ,
            {"repo": REPO, "count": COUNT},
            typed=("*.revision", "*.at"),
            why="Whoever can push writes messages and names; a revision is git's own hash.",
        ),
        _tool(
            "running",
            EffectClass.READ,
            {"repo": REPO, "environment": ENVIRONMENT},
            typed=("revision", "tree"),
            why="Which revision a ref names is git's own word.",
        ),
        _tool(
            "status",
            EffectClass.READ,
            {"repo": REPO, "environment": ENVIRONMENT, "revision": REVISION},
            typed=("state",),
            why="The state is one of four words, whoever wrote it; no text of it is handed on.",
        ),
        _tool(
            "deploy",
            EffectClass.DEPLOY,
            {"repo": REPO, "environment": ENVIRONMENT, "revision": REVISION},
            typed=("revision", "previous", "tree"),
            why="It moves a ref, which can be moved back; what ran before is kept in the answer.",
        ),
        _tool(
            "rollback",
            EffectClass.DEPLOY,
            {"repo": REPO, "environment": ENVIRONMENT, "revision": REVISION},
            typed=("revision", "previous", "tree"),
            why="The same as a deployment, to a revision that ran there before.",
        ),
    )
}
