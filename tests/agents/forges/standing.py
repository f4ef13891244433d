"""Stand-ins for GitHub and GitLab on loopback, as strict as their documents on what these tests send.

Written against docs.github.com/rest (2022-11-28) and docs.gitlab.com/api (18), read on 2026-11-26.
"""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "canary-token-of-the-owner"
SHA = {name: f"{n}" * 40 for n, name in enumerate("abcd", start=1)}
Said = tuple[int, Any]


@dataclass
class Forge:
    """One project, its deployments and requests, and what goes wrong."""

    url: str = ""
    deployments: list[dict[str, Any]] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    pipelines: list[dict[str, Any]] = field(default_factory=list)
    trees: dict[str, str] = field(default_factory=lambda: {sha: f"t{sha}" for sha in SHA.values()})
    branches: dict[str, str] = field(
        default_factory=lambda: {"main": SHA["b"], "fix": SHA["c"], "same": SHA["b"]}
    )
    writes: int = 0
    breaks: str = ""
    """`after`: does it, and closes the line; `garbage`, `revoked`, a status: says so instead."""

    def answer(self, method: str, url: str, token: str, body: Any) -> Said | None:
        """What it says; nothing where it closes the line."""
        if self.breaks == "revoked" or token != f"Bearer {TOKEN}":
            return 401, {"message": "Bad credentials"}
        if method == "POST" and self.breaks.isdigit():
            return int(self.breaks), {"message": "no"}
        parts = urlsplit(url)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        said = self.route(method, unquote(parts.path), asked, body)
        self.writes += method == "POST" and said[0] < 300
        if method == "POST" and self.breaks == "after":
            return None
        return said

    def route(self, method: str, path: str, asked: Mapping[str, str], body: Any) -> Said:
        raise NotImplementedError

    def of(self, environment: str) -> list[dict[str, Any]]:
        return [one for one in reversed(self.deployments) if one["environment"] == environment]


class StandInGitHub(Forge):
    """Deployments, statuses, workflows, pull requests of octo/shop."""

    def ran(self, revision: str, state: str = "success", environment: str = "production") -> str:
        number = len(self.deployments) + 1
        one = {"id": number, "sha": revision, "environment": environment, "state": state, "payload": {}}
        self.deployments.append(one | {"created_at": f"2026-11-0{number}T08:00:00Z"})
        return str(number)

    def route(self, method: str, path: str, asked: Mapping[str, str], body: Any) -> Said:
        if not path.startswith("/repos/octo/shop/"):
            return 404, {"message": "Not Found"}
        match method, path.removeprefix("/repos/octo/shop/").split("/"):
            case "GET", ["deployments"]:
                return 200, [
                    {k: v for k, v in one.items() if k != "state"} for one in self.of(asked["environment"])
                ]
            case "GET", ["deployments", number, "statuses"]:
                state = self.deployments[int(number) - 1]["state"]
                return 200, [{"state": state}] if state else []
            case "POST", ["deployments"]:
                return self._deploy(body)
            case "GET", ["git", "commits", sha] if sha in self.trees:
                return 200, {"sha": sha, "tree": {"sha": self.trees[sha]}}
            case "GET", ["actions", "workflows", "deploy.yml", "runs"]:
                run = {"id": 7, "head_sha": SHA["a"], "status": "completed", "conclusion": "success"}
                return 200, {"workflow_runs": [run | {"created_at": "2026-11-01", "display_title": "Ignore"}]}
            case "POST", ["actions", "workflows", "deploy.yml", "dispatches"] if body["ref"] in self.branches:
                return 200, {"workflow_run_id": 8}
            case "GET", ["compare", two]:
                older, newer = (self.branches[name] for name in two.split("..."))
                return 200, {"files": [] if self.trees[older] == self.trees[newer] else [{"filename": "a"}]}
            case "GET", ["pulls"]:
                head = asked["head"].split(":")[1]
                return 200, [one for one in self.requests if one["head"]["ref"] == head]
            case "POST", ["pulls"] if set(body) == {"head", "base", "title", "body"}:
                one = {"number": len(self.requests) + 1, "state": "open", "merged": False, **body}
                self.requests.append(
                    one | {"head": {"ref": body["head"], "sha": self.branches[body["head"]]}}
                )
                return 201, self.requests[-1]
            case "GET", ["pulls", number] if int(number) <= len(self.requests):
                return 200, self.requests[int(number) - 1]
        return 422, {"message": "Validation Failed"}

    def _deploy(self, body: Any) -> Said:
        known = {"ref", "environment", "task", "auto_merge", "required_contexts", "payload"}
        if set(body) - known or body["ref"] not in self.trees:
            return 422, {"message": "No ref found"}
        number = self.ran(body["ref"], "", body["environment"])
        self.deployments[-1]["payload"] = body["payload"]
        return 201, {"id": int(number), "sha": body["ref"], "payload": body["payload"]}


class StandInGitLab(Forge):
    """Deployments, pipelines, jobs and merge requests of group/shop."""

    def ran(self, revision: str, state: str = "success", *, pipeline: int = 0) -> str:
        number = len(self.deployments) + 1
        job = {"id": 100 + number, "pipeline": {"id": pipeline or 1000 + number}, "name": "ignore"}
        one = {"id": number, "sha": revision, "environment": "production", "status": state}
        self.deployments.append(one | {"created_at": "2026-11-01", "deployable": job})
        return str(100 + number)

    def route(self, method: str, path: str, asked: Mapping[str, str], body: Any) -> Said:
        if not path.startswith("/api/v4/projects/group/shop/"):
            return 404, {"message": "404 Project Not Found"}
        match method, path.removeprefix("/api/v4/projects/group/shop/").split("/"):
            case "GET", ["deployments"]:
                return 200, self.of(asked["environment"])
            case "POST", ["pipeline"] if body["ref"] in self.branches:
                one = {"id": 2000 + len(self.pipelines), "sha": self.branches[body["ref"]], **body}
                self.pipelines.append(one)
                return 201, {"id": one["id"], "sha": one["sha"], "status": "created"}
            case "GET", ["pipelines"]:
                return 200, [one for one in self.pipelines if one["ref"] == asked["ref"]]
            case "GET", ["pipelines", number, "variables"]:
                return 200, next(one for one in self.pipelines if one["id"] == int(number))["variables"]
            case "GET", ["jobs", number]:
                return 200, {"id": int(number), "commit": {"id": self._of_job(number)}}
            case "POST", ["jobs", number, "retry"]:
                job = self.ran(self._of_job(number), "running")
                return 201, {"id": int(job), "commit": {"id": self._of_job(number)}}
            case "GET", ["repository", "compare"]:
                older, newer = (self.branches.get(asked[end], asked[end]) for end in ("from", "to"))
                return 200, {"diffs": [] if self.trees[older] == self.trees[newer] else [{"new_path": "a"}]}
            case "GET", ["merge_requests"]:
                return 200, [one for one in self.requests if one["source_branch"] == asked["source_branch"]]
            case "POST", ["merge_requests"]:
                one = {"iid": len(self.requests) + 1, "state": "opened", "sha": SHA["c"], **body}
                self.requests.append(one)
                return 201, one
            case "GET", ["merge_requests", number]:
                return 200, self.requests[int(number) - 1]
        return 400, {"message": "400 Bad request"}

    def _of_job(self, number: str) -> str:
        found = next(one for one in self.deployments if one["deployable"]["id"] == int(number))
        return str(found["sha"])


@contextmanager
def served(forge: Forge) -> Iterator[None]:
    """The forge on a port of loopback."""
    answer: Callable[..., Said | None] = forge.answer

    class Handler(BaseHTTPRequestHandler):
        def _all(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"null")
            said = answer(self.command, self.path, self.headers.get("Authorization", ""), body)
            if said is None:
                self.close_connection = True
                return
            content = b"<html>" if forge.breaks == "garbage" else json.dumps(said[1]).encode()
            self.send_response(said[0])
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _all

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    forge.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
