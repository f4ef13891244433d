"""GitHub as agents see it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from counterfoil.agents.connectors.connector import Answer, NotDone
from counterfoil.agents.connectors.deployed import Deployed, followed, hashed, previous, ref_of, running
from counterfoil.agents.connectors.github.manifest import GITHUB, TOOLS
from counterfoil.agents.connectors.service import Service
from counterfoil.terms.effect import Effect, EffectFate, Followed
from counterfoil.terms.error import ToolError
from counterfoil.terms.tool import ConnectorId, Tool

REPO = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}")
REVISION = re.compile(r"[0-9a-f]{40}")
STATES = ("error", "failure", "inactive", "in_progress", "queued", "pending", "success", "completed")
MOST = 30
LATEST = 5
"""Deployments whose states are asked for."""


@dataclass(frozen=True, slots=True)
class GitHub:
    """GitHub with the token of one owner."""

    service: Service

    @property
    def id(self) -> ConnectorId:
        """Its name in grants."""
        return GITHUB

    @property
    def tools(self) -> Mapping[str, Tool]:
        """The manifest."""
        return TOOLS

    def do(self, tool: str, arguments: Mapping[str, Any], key: str) -> Answer:
        """Make one call.

        Raises: NotDone where surely nothing happened; ToolError where nobody knows.
        """
        at = _at(arguments)
        match tool:
            case "deployments":
                return Answer([_told(one) for one in self._deployments(at, arguments)])
            case "deploy" | "rollback":
                return self._deploy(tool, at, arguments, key)
            case "runs":
                path = f"{at}/actions/workflows/{_quoted(arguments, 'workflow')}/runs"
                listed = self.service.read(path, {"per_page": MOST})["workflow_runs"]
                return Answer([_run(one) for one in listed])
            case "dispatch":
                path = f"{at}/actions/workflows/{_quoted(arguments, 'workflow')}/dispatches"
                body = {"ref": str(arguments.get("branch", "")), "return_run_details": True}
                made = self.service.ask("POST", path, body=body) or {}
                number = str(made.get("workflow_run_id", ""))
                return Answer({"id": number}, number)
            case "pull":
                return Answer(_pull(self.service.read(f"{at}/pulls/{_number(arguments)}")))
            case "propose":
                body = {
                    "head": str(arguments.get("from", "")),
                    "base": str(arguments.get("into", "")),
                    "title": str(arguments.get("title", "")),
                    "body": str(arguments.get("body", "")),
                }
                number = str(self.service.ask("POST", f"{at}/pulls", body=body)["number"])
                return Answer({"number": number}, number)
        raise NotDone("no-tool", "GitHub has no such tool", hint="name a tool of the manifest")

    def read_back(self, tool: str, arguments: Mapping[str, Any], key: str) -> Answer | None:
        """The deployment that has this key in its payload, or the pull request between the two branches."""
        at = _at(arguments)
        if tool in ("deploy", "rollback"):
            listed = self._deployments(at, arguments, states=False)
            made = next((one for one in listed if one.kept == hashed(key)), None)
            return Answer({"id": made.id, "revision": made.revision}, ref_of(made, None)) if made else None
        if tool == "propose":
            owner = str(arguments.get("repo", "")).split("/")[0]
            asked = {"head": f"{owner}:{arguments.get('from', '')}", "base": str(arguments.get("into", ""))}
            found = self.service.read(f"{at}/pulls", asked)
            return Answer({"number": str(found[0]["number"])}, str(found[0]["number"])) if found else None
        return None

    def needless(self, tool: str, arguments: Mapping[str, Any]) -> str:
        """`same-tree` where just that runs; `empty-change` where two branches are the same."""
        at = _at(arguments)
        if tool in ("deploy", "rollback"):
            now = running(self._deployments(at, arguments))
            wanted = _revision(arguments)
            same = now is not None and (
                now.revision == wanted or self._tree(at, now.revision) == self._tree(at, wanted)
            )
            return "same-tree" if same else ""
        if tool == "propose":
            two = f"{_quoted(arguments, 'into')}...{_quoted(arguments, 'from')}"
            return "" if self.service.read(f"{at}/compare/{two}")["files"] else "empty-change"
        return ""

    def follow(self, effect: Effect, now: datetime) -> Followed:
        """What became of a deployment or a pull request."""
        where = dict(to.split(":", 1) for to in effect.to)
        try:
            if effect.tool in ("github/deploy", "github/rollback"):
                return followed(effect, self._deployments(_at(where), where), now)
            if effect.tool == "github/propose":
                pull = _pull(self.service.read(f"{_at(where)}/pulls/{int(effect.ref)}"))
                return Followed(key=effect.key, fate=_fate(pull), at=now)
        except (ToolError, KeyError, TypeError, ValueError):
            pass
        return Followed(key=effect.key, fate=EffectFate.NOT_EXAMINED, at=now, why="GitHub could not be asked")

    def undo(self, effect: Effect) -> tuple[str, Mapping[str, Any]] | None:
        """A deployment of what ran before, where something did."""
        if effect.tool != "github/deploy" or not previous(effect):
            return None
        where = dict(to.split(":", 1) for to in effect.to)
        return "rollback", {**where, "revision": previous(effect)}

    def _deploy(self, tool: str, at: str, arguments: Mapping[str, Any], key: str) -> Answer:
        before = running(self._deployments(at, arguments))
        body = {
            "ref": _revision(arguments),
            "environment": str(arguments.get("environment", "")),
            "task": tool,
            "auto_merge": False,
            "required_contexts": [],
            "payload": {"counterfoil": hashed(key)},
        }
        made = self.service.ask("POST", f"{at}/deployments", body=body)
        one = Deployed(str(made["id"]), str(made["sha"]), "queued", "")
        return Answer({"id": one.id, "revision": one.revision}, ref_of(one, before))

    def _deployments(
        self, at: str, arguments: Mapping[str, Any], *, states: bool = True
    ) -> Sequence[Deployed]:
        asked = {"environment": str(arguments.get("environment", "")), "per_page": str(MOST)}
        listed = self.service.read(f"{at}/deployments", asked)
        return [
            Deployed(
                str(one["id"]),
                str(one["sha"]),
                self._state(at, one["id"]) if states and place < LATEST else "unknown",
                str(one["created_at"]),
                _kept(one.get("payload")),
            )
            for place, one in enumerate(listed)
        ]

    def _state(self, at: str, number: object) -> str:
        listed = self.service.read(
            f"{at}/deployments/{quote(str(number), safe='')}/statuses", {"per_page": 1}
        )
        return _word(listed[0]["state"]) if listed else "queued"

    def _tree(self, at: str, revision: str) -> str:
        return str(self.service.read(f"{at}/git/commits/{revision}")["tree"]["sha"])


def _at(arguments: Mapping[str, Any]) -> str:
    repo = str(arguments.get("repo", ""))
    if not REPO.fullmatch(repo) or ".." in repo:
        raise NotDone("no-repository", "that is no repository", hint="write it as owner/name")
    return f"/repos/{repo}"


def _quoted(arguments: Mapping[str, Any], name: str) -> str:
    value = str(arguments.get(name, ""))
    if not value or value.startswith((".", "/")):
        raise NotDone("no-name", f"the {name} has no name", hint=f"name the {name}")
    return quote(value, safe="")


def _number(arguments: Mapping[str, Any]) -> int:
    try:
        return int(arguments.get("number", ""))
    except ValueError:
        raise NotDone("no-number", "that is no number", hint="name it by its number") from None


def _revision(arguments: Mapping[str, Any]) -> str:
    revision = str(arguments.get("revision", ""))
    if not REVISION.fullmatch(revision):
        hint = "name a commit by its whole hash; names of branches can be moved by others"
        raise NotDone("no-revision", "that is no revision", hint=hint)
    return revision


def _word(state: object) -> str:
    return str(state) if state in STATES else "unknown"


def _kept(payload: object) -> str:
    return str(payload.get("counterfoil", "")) if isinstance(payload, Mapping) else ""


def _told(one: Deployed) -> Mapping[str, str]:
    return {"id": one.id, "revision": one.revision, "state": one.state, "at": one.at}


def _run(one: Mapping[str, Any]) -> Mapping[str, str]:
    state = _word(one.get("conclusion") or one.get("status"))
    return {
        "id": str(one["id"]),
        "revision": str(one["head_sha"]),
        "state": state,
        "at": str(one["created_at"]),
    }


def _pull(one: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "number": str(one["number"]),
        "state": "open" if one["state"] == "open" else "closed",
        "merged": bool(one.get("merged")),
        "revision": str(one["head"]["sha"]),
        "title": str(one.get("title", "")),
        "body": str(one.get("body") or ""),
    }


def _fate(pull: Mapping[str, Any]) -> EffectFate:
    if pull["merged"]:
        return EffectFate.MERGED
    return EffectFate.TOO_YOUNG if pull["state"] == "open" else EffectFate.DISCARDED
