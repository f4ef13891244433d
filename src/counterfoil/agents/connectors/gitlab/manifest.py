"""What the tools of GitLab do, and how far what they answer can be trusted."""

from collections.abc import Mapping

from counterfoil.terms.label import Integrity, Secrecy
from counterfoil.terms.tool import ArgumentRole, ArgumentSpec, ConnectorId, EffectClass, Tool

GITLAB = ConnectorId("gitlab")
REPO = ArgumentSpec(role=ArgumentRole.DESTINATION, kind="repo")
ENVIRONMENT = ArgumentSpec(role=ArgumentRole.DESTINATION, kind="environment")
BRANCH = ArgumentSpec(role=ArgumentRole.DESTINATION, kind="branch")
CHOSEN = ArgumentSpec(role=ArgumentRole.SELECTOR)
TEXT = ArgumentSpec(role=ArgumentRole.TEXT)
THERE = {"repo": REPO, "environment": ENVIRONMENT}


def _tool(
    name: str,
    effect: EffectClass,
    arguments: Mapping[str, ArgumentSpec],
    *,
    why: str,
    typed: tuple[str, ...] = (),
) -> Tool:
    return Tool(
        connector=GITLAB,
        name=name,
        effect=effect,
        reversible=True,
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
            "deployments",
            EffectClass.READ,
            THERE,
            typed=("*.id", "*.revision", "*.state", "*.at", "*.job"),
            why="Ids, hashes, times and states are GitLab's own; names and messages are left out.",
        ),
        _tool(
            "deploy",
            EffectClass.DEPLOY,
            {**THERE, "branch": BRANCH},
            typed=("pipeline", "revision"),
            why="It starts the pipeline that deploys a branch; an earlier deployment can be run again.",
        ),
        _tool(
            "rollback",
            EffectClass.DEPLOY,
            {**THERE, "job": CHOSEN},
            typed=("job", "revision"),
            why="It runs the job of an earlier deployment again, as GitLab's own button does.",
        ),
        _tool(
            "merge_request",
            EffectClass.READ,
            {"repo": REPO, "number": CHOSEN},
            typed=("number", "state", "revision"),
            why="Anybody who may open one writes its title and text; its state is GitLab's own.",
        ),
        _tool(
            "propose",
            EffectClass.CHANGE,
            {"repo": REPO, "from": BRANCH, "into": BRANCH, "title": TEXT, "body": TEXT},
            typed=("number",),
            why="It opens a merge request, which others read and anybody can close.",
        ),
    )
}
