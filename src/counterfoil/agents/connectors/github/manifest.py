"""What the tools of GitHub do, and how far what they answer can be trusted."""

from collections.abc import Mapping
from functools import partial

from counterfoil.agents.connectors.declared import BRANCH, CHOSEN, PROPOSAL, REPO, THERE, forge_tool, place
from counterfoil.terms.tool import ConnectorId, EffectClass, Tool

GITHUB = ConnectorId("github")
WORKFLOW = place("workflow")
_tool = partial(forge_tool, GITHUB)

TOOLS: Mapping[str, Tool] = {
    tool.name: tool
    for tool in (
        _tool(
            "deployments",
            EffectClass.READ,
            THERE,
            typed=("*.id", "*.revision", "*.state", "*.at"),
            why="Ids, hashes, times and states are GitHub's own; descriptions are left out.",
        ),
        _tool(
            "deploy",
            EffectClass.DEPLOY,
            {**THERE, "revision": CHOSEN},
            typed=("id", "revision"),
            why="It asks for a deployment; an earlier revision can be deployed again.",
        ),
        _tool(
            "rollback",
            EffectClass.DEPLOY,
            {**THERE, "revision": CHOSEN},
            typed=("id", "revision"),
            why="The same as a deployment, of a revision that ran there before.",
        ),
        _tool(
            "runs",
            EffectClass.READ,
            {"repo": REPO, "workflow": WORKFLOW},
            typed=("*.id", "*.revision", "*.state", "*.at"),
            why="Ids, hashes, times and states are GitHub's own; titles are left out.",
        ),
        _tool(
            "dispatch",
            EffectClass.DEPLOY,
            {"repo": REPO, "workflow": WORKFLOW, "branch": BRANCH},
            reversible=False,
            typed=("id",),
            why="A workflow does whatever its file says, which nobody can take back in general.",
        ),
        _tool(
            "pull",
            EffectClass.READ,
            {"repo": REPO, "number": CHOSEN},
            typed=("number", "state", "merged", "revision"),
            why="Anybody who may open one writes its title and body; its state is GitHub's own.",
        ),
        _tool(
            "propose",
            EffectClass.CHANGE,
            PROPOSAL,
            typed=("number",),
            why="It opens a pull request, which others read and anybody can close.",
        ),
    )
}
