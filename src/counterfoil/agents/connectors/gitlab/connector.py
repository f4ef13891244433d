"""GitLab as agents see it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from counterfoil.agents.connectors.connector import Answer, NotDone
from counterfoil.agents.connectors.deployed import Deployed, followed, hashed, previous, ref_of, running
from counterfoil.agents.connectors.gitlab.manifest import GITLAB, TOOLS
from counterfoil.agents.connectors.service import Service
from counterfoil.terms.effect import Effect, EffectFate, Followed
from counterfoil.terms.error import ToolError
from counterfoil.terms.tool import ConnectorId, Tool

REPO = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]{1,250}")
STATES = ("created", "running", "success", "failed", "canceled", "blocked", "skipped")
MOST = 30
KEY = "COUNTERFOIL_KEY"
"""The variable of a pipeline that says which call started it."""
ENVIRONMENT = "COUNTERFOIL_ENVIRONMENT"


@dataclass(frozen=True, slots=True)
class GitLab:
    """GitLab with the token of one owner."""

    service: Service

    @property
    def id(self) -> ConnectorId:
        """Its name in grants."""
        return GITLAB

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
                return Answer(self._listed(at, arguments))
            case "deploy":
                return self._deploy(at, arguments, key)
            case "rollback":
                job = _number(arguments, "job")
                before = self._running(at, arguments)
                made = self.service.ask("POST", f"{at}/jobs/{job}/retry")
                one = Deployed(str(made["id"]), str(made["commit"]["id"]), "created", "")
                return Answer({"job": one.id, "revision": one.revision}, ref_of(one, before))
            case "merge_request":
                found = self.service.read(f"{at}/merge_requests/{_number(arguments, 'number')}")
                return Answer(_request(found))
            case "propose":
                body = {
                    "source_branch": str(arguments.get("from", "")),
                    "target_branch": str(arguments.get("into", "")),
                    "title": str(arguments.get("title", "")),
                    "description": str(arguments.get("body", "")),
                }
                number = str(self.service.ask("POST", f"{at}/merge_requests", body=body)["iid"])
                return Answer({"number": number}, number)
        raise NotDone("no-tool", "GitLab has no such tool", hint="name a tool of the manifest")

    def read_back(self, tool: str, arguments: Mapping[str, Any], key: str) -> Answer | None:
        """The pipeline that has this key among its variables, or the merge request between two branches."""
        at = _at(arguments)
        if tool == "deploy":
            branch = str(arguments.get("branch", ""))
            asked = {"ref": branch, "source": "api", "per_page": str(MOST)}
            for one in self.service.read(f"{at}/pipelines", asked):
                variables = self.service.read(f"{at}/pipelines/{int(one['id'])}/variables")
                if {"key": KEY, "value": hashed(key)}.items() <= _variable(variables, KEY).items():
                    made = Deployed(str(one["id"]), str(one["sha"]), "created", "")
                    return Answer({"pipeline": made.id, "revision": made.revision}, ref_of(made, None))
        if tool == "propose":
            asked = {
                "source_branch": str(arguments.get("from", "")),
                "target_branch": str(arguments.get("into", "")),
                "state": "opened",
            }
            found = self.service.read(f"{at}/merge_requests", asked)
            return Answer({"number": str(found[0]["iid"])}, str(found[0]["iid"])) if found else None
        return None

    def needless(self, tool: str, arguments: Mapping[str, Any]) -> str:
        """`same-tree` where the branch has what runs; `empty-change` where two branches are the same."""
        at = _at(arguments)
        if tool == "deploy":
            now = self._running(at, arguments)
            branch = str(arguments.get("branch", ""))
            return "same-tree" if now is not None and self._same(at, now.revision, branch) else ""
        if tool == "rollback":
            now, job = self._running(at, arguments), _number(arguments, "job")
            wanted = str(self.service.read(f"{at}/jobs/{job}")["commit"]["id"])
            return "same-tree" if now is not None and now.revision == wanted else ""
        if tool == "propose":
            two = str(arguments.get("into", "")), str(arguments.get("from", ""))
            return "empty-change" if self._same(at, *two) else ""
        return ""

    def follow(self, effect: Effect, now: datetime) -> Followed:
        """What became of a deployment or a merge request."""
        where = dict(to.split(":", 1) for to in effect.to)
        try:
            if effect.tool == "gitlab/propose":
                found = self.service.read(f"{_at(where)}/merge_requests/{int(effect.ref)}")
                return Followed(key=effect.key, fate=_fate(str(found["state"])), at=now)
            if effect.tool in ("gitlab/deploy", "gitlab/rollback"):
                by = "pipeline" if effect.tool == "gitlab/deploy" else "job"
                return followed(effect, self._deployments(_at(where), where, by=by), now)
        except (ToolError, KeyError, TypeError, ValueError):
            pass
        return Followed(key=effect.key, fate=EffectFate.NOT_EXAMINED, at=now, why="GitLab could not be asked")

    def undo(self, effect: Effect) -> tuple[str, Mapping[str, Any]] | None:
        """The job that deployed what ran before, run again, where there is one."""
        if effect.tool != "gitlab/deploy" or not previous(effect):
            return None
        where = {
            name: to for name, to in (to.split(":", 1) for to in effect.to) if name in ("repo", "environment")
        }
        ran = self._deployments(_at(where), where, by="job")
        job = next((one.id for one in ran if one.revision == previous(effect)), "")
        return ("rollback", {**where, "job": job}) if job else None

    def _deploy(self, at: str, arguments: Mapping[str, Any], key: str) -> Answer:
        before = self._running(at, arguments)
        variables = [
            {"key": KEY, "value": hashed(key)},
            {"key": ENVIRONMENT, "value": str(arguments.get("environment", ""))},
        ]
        body = {"ref": str(arguments.get("branch", "")), "variables": variables}
        made = self.service.ask("POST", f"{at}/pipeline", body=body)
        one = Deployed(str(made["id"]), str(made["sha"]), "created", "")
        return Answer({"pipeline": one.id, "revision": one.revision}, ref_of(one, before))

    def _running(self, at: str, arguments: Mapping[str, Any]) -> Deployed | None:
        return running(self._deployments(at, arguments, by="job"))

    def _raw(self, at: str, arguments: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        asked: dict[str, str | int] = {
            "environment": str(arguments.get("environment", "")),
            "order_by": "id",
            "sort": "desc",
            "per_page": MOST,
        }
        found: Sequence[Mapping[str, Any]] = self.service.read(f"{at}/deployments", asked)
        return found

    def _listed(self, at: str, arguments: Mapping[str, Any]) -> Sequence[Mapping[str, str]]:
        return [
            {
                "id": str(one["id"]),
                "revision": str(one["sha"]),
                "state": _word(one["status"]),
                "at": str(one["created_at"]),
                "job": str((one.get("deployable") or {}).get("id", "")),
            }
            for one in self._raw(at, arguments)
        ]

    def _deployments(self, at: str, arguments: Mapping[str, Any], *, by: str) -> Sequence[Deployed]:
        """The deployments of an environment, each named by the pipeline or the job that made it."""
        found = []
        for one in self._raw(at, arguments):
            job = one.get("deployable") or {}
            made = (job.get("pipeline") or {}).get("id", "") if by == "pipeline" else job.get("id", "")
            found.append(Deployed(str(made), str(one["sha"]), _word(one["status"]), str(one["created_at"])))
        return found

    def _same(self, at: str, older: str, newer: str) -> bool:
        two = {"from": older, "to": newer, "straight": "true"}
        return not self.service.read(f"{at}/repository/compare", two)["diffs"]


def _at(arguments: Mapping[str, Any]) -> str:
    repo = str(arguments.get("repo", ""))
    if not REPO.fullmatch(repo) or ".." in repo:
        raise NotDone("no-repository", "that is no repository", hint="write it as group/name")
    return f"/api/v4/projects/{quote(repo, safe='')}"


def _number(arguments: Mapping[str, Any], name: str) -> int:
    try:
        return int(arguments.get(name, ""))
    except ValueError:
        raise NotDone("no-number", f"the {name} is no number", hint="name it by its number") from None


def _variable(variables: Sequence[Mapping[str, Any]], name: str) -> Mapping[str, Any]:
    return next((one for one in variables if one.get("key") == name), {})


def _word(state: object) -> str:
    return str(state) if state in STATES else "unknown"


def _request(one: Mapping[str, Any]) -> Mapping[str, str]:
    state = str(one["state"])
    return {
        "number": str(one["iid"]),
        "state": state if state in ("opened", "closed", "merged", "locked") else "unknown",
        "revision": str(one["sha"]),
        "title": str(one.get("title", "")),
        "body": str(one.get("description") or ""),
    }


def _fate(state: str) -> EffectFate:
    if state == "merged":
        return EffectFate.MERGED
    return EffectFate.DISCARDED if state == "closed" else EffectFate.TOO_YOUNG
