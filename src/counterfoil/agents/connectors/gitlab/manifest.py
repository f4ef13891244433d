"""What the tools of GitLab do, and how far what they answer can be trusted."""

from collections.abc import Mapping
from functools import partial

from counterfoil.agents.connectors.declared import BRANCH, CHOSEN, PROPOSAL, REPO, THERE, forge_tool
from counterfoil.terms.tool import ConnectorId, EffectClass, Tool

GITLAB = ConnectorId("gitlab")
_tool = partial(forge_tool, GITLAB)

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
            PROPOSAL,
            typed=("number",),
            why="It opens a merge request, which others read and anybody can close.",
        ),
    )
}
