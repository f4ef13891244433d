"""Deliveries in the documented shape of both forges, with a marked word wherever somebody can write one."""

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from typing import Any

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
MARK = "canary-5d20"
LOGINS = ("octo-ann", "octo-bob", "octo-cyd")
ANN, BOB, CYD = LOGINS
ROBOT = "deployer[bot]"
Body = dict[str, Any]


def sha(name: str) -> str:
    """A commit that is always the same."""
    return sha1(name.encode()).hexdigest()


def at(hours: float) -> str:
    """So many hours after the beginning of the story."""
    return (datetime(2026, 11, 2, 9, tzinfo=UTC) + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def written(body: Body) -> bytes:
    return json.dumps(body).encode()


class GitHub:
    """What GitHub delivers: the name of the event, and its body."""

    prefix, mark = "acme/shop", "#"

    def user(self, login: str) -> Body:
        kind = "Bot" if login.endswith("[bot]") else "User"
        page = f"https://github.com/{login}"
        return {"login": login, "id": len(login) * 7, "type": kind, "html_url": page, "site_admin": False}

    def plain(self, action: str, sender: str, **more: Any) -> Body:
        repository = {
            "id": 1296269, "name": "Shop", "full_name": "Acme/Shop", "private": True,
            "html_url": "https://github.com/Acme/Shop", "description": MARK, "default_branch": "main",
            "owner": self.user("Acme"),
        }  # fmt: skip
        return {"action": action, **more, "repository": repository, "sender": self.user(sender)}

    def pull(self, number: int, author: str, opened: float, **more: Any) -> Body:
        labels = [{"id": 1, "name": name, "description": MARK} for name in more.pop("labels", ())]
        head = {"ref": more.pop("branch", f"{MARK}-branch"), "sha": more.pop("head", sha(f"head-{number}"))}
        return {
            "id": 9_000 + number, "number": number, "state": "open", "title": f"{MARK} title",
            "user": self.user(author), "body": f"{MARK} body", "created_at": at(opened),
            "updated_at": at(opened), "closed_at": None, "merged_at": None, "merge_commit_sha": None,
            "labels": labels, "draft": False, "head": head, "base": {"ref": "main", "sha": sha("base")},
            "merged": False, "comments": 0, "review_comments": 0, "commits": 1, "additions": 5, **more,
        }  # fmt: skip

    def opened(self, number: int, author: str = ANN, *, hours: float, **more: Any) -> tuple[str, Body]:
        pull = self.pull(number, author, hours, **more)
        return "pull_request", self.plain("opened", author, number=number, pull_request=pull)

    def merged(
        self, number: int, author: str = ANN, *, opened: float, hours: float, **more: Any
    ) -> tuple[str, Body]:
        done = {"state": "closed", "merged": True, "merged_at": at(hours), "closed_at": at(hours)}
        more = {"merge_commit_sha": sha(f"landed-{number}"), **done, **more}
        pull = self.pull(number, author, opened, **more)
        return "pull_request", self.plain("closed", author, number=number, pull_request=pull)

    def reviewed(self, number: int, reviewer: str, *, hours: float) -> tuple[str, Body]:
        review = {
            "id": 80, "user": self.user(reviewer), "body": f"{MARK} review", "state": "approved",
            "submitted_at": at(hours), "commit_id": sha(f"head-{number}"),
        }  # fmt: skip
        pull = self.pull(number, ANN, 0)
        return "pull_request_review", self.plain("submitted", reviewer, review=review, pull_request=pull)

    def commented(self, number: int, reviewer: str, *, hours: float) -> tuple[str, Body]:
        comment = {
            "id": int(hours * 60), "user": self.user(reviewer), "body": f"{MARK} comment",
            "created_at": at(hours), "path": f"{MARK}.py", "diff_hunk": MARK,
        }  # fmt: skip
        pull = self.pull(number, ANN, 0)
        body = self.plain("created", reviewer, comment=comment, pull_request=pull)
        return "pull_request_review_comment", body

    def checked(
        self, number: int, *, hours: float, green: bool, run: int = 1, attempt: int = 1
    ) -> tuple[str, Body]:
        told = {
            "id": run, "name": f"{MARK} job", "head_branch": f"{MARK}-branch", "run_attempt": attempt,
            "head_sha": sha(f"head-{number}"), "conclusion": "success" if green else "failure",
            "status": "completed", "created_at": at(hours - 0.1), "updated_at": at(hours),
            "pull_requests": [{"number": number, "head": {"ref": f"{MARK}-branch"}}],
            "head_commit": {"message": MARK, "author": {"name": MARK, "email": f"{MARK}@example.org"}},
        }  # fmt: skip
        return "workflow_run", self.plain("completed", ANN, workflow_run=told)

    def deployed(
        self,
        number: int,
        commit: str,
        *,
        hours: float,
        by: str = ROBOT,
        environment: str = "production",
        state: str = "success",
        ref: str = "main",
    ) -> tuple[str, Body]:
        deployment = {
            "id": number, "sha": commit, "ref": ref, "task": "deploy", "payload": {MARK: MARK},
            "environment": environment, "production_environment": environment == "production",
            "description": MARK, "creator": self.user(by), "created_at": at(hours - 0.2),
        }  # fmt: skip
        status = {
            "id": number + 500, "state": state, "creator": self.user(by), "description": MARK,
            "environment": environment, "created_at": at(hours), "updated_at": at(hours),
            "environment_url": f"https://{MARK}.example.org", "log_url": f"https://{MARK}.example.org/log",
        }  # fmt: skip
        body = self.plain("created", by, deployment_status=status, deployment=deployment, workflow_run=None)
        return "deployment_status", body

    def broke(
        self, number: int, *, opened: float, over: float | None = None, said: str = ""
    ) -> tuple[str, Body]:
        issue = {
            "id": number, "number": number, "title": f"{MARK} is down", "user": self.user(CYD),
            "labels": [{"name": "incident"}], "state": "open" if over is None else "closed",
            "created_at": at(opened), "closed_at": None if over is None else at(over),
            "body": f"{MARK} {said}",
        }  # fmt: skip
        return "issues", self.plain("opened" if over is None else "closed", CYD, issue=issue)

    def pushed(self, message: str, *, hours: float, branch: str = "main") -> tuple[str, Body]:
        person = {"name": MARK, "email": f"{MARK}@example.org", "username": BOB}
        commit = {
            "id": sha(message), "message": message, "timestamp": at(hours), "author": person,
            "committer": person, "added": [f"{MARK}.py"],
        }  # fmt: skip
        more = {"before": sha("before"), "after": sha(message), "forced": False, "pusher": person}
        body = self.plain("", BOB, ref=f"refs/heads/{branch}", commits=[commit], head_commit=commit, **more)
        del body["action"]
        return "push", body

    def reverts(self, number: int) -> Body:
        """What a pull request that takes another one back says."""
        return {"body": f"Reverts Acme/Shop#{number}\n\n{MARK}", "branch": f"revert-{number}-{MARK}"}


class GitLab:
    """What GitLab delivers: the name of the event, which nobody uses, and its body."""

    prefix, mark = "acme/shop", "!"

    def number(self, login: str) -> int:
        return LOGINS.index(login) + 100 if login in LOGINS else 99

    def user(self, login: str) -> Body:
        name = "project_7_bot_1f" if login == ROBOT else login
        email = f"{MARK}@example.org"
        return {"id": self.number(login), "name": MARK, "username": name, "email": email, "avatar_url": ""}

    def plain(self, kind: str, user: str, **more: Any) -> Body:
        project = {
            "id": 1, "name": "Shop", "description": MARK, "web_url": "https://gitlab.com/Acme/Shop",
            "path_with_namespace": "Acme/Shop", "default_branch": "main",
        }  # fmt: skip
        return {"object_kind": kind, "user": self.user(user), "project": project, **more}

    def request(self, number: int, author: str, opened: float, action: str, user: str, **more: Any) -> Body:
        labels = [{"id": 1, "title": title, "description": MARK} for title in more.pop("labels", ())]
        told = {
            "id": 9_000 + number, "iid": number, "action": action, "author_id": self.number(author),
            "title": f"{MARK} title", "description": f"{MARK} body", "state": "opened",
            "source_branch": more.pop("branch", f"{MARK}-branch"), "target_branch": "main",
            "created_at": at(opened), "updated_at": at(opened), "merge_commit_sha": None,
            "last_commit": {
                "id": more.pop("head", sha(f"head-{number}")), "message": MARK, "timestamp": at(opened),
                "author": {"name": MARK, "email": f"{MARK}@example.org"},
            },
            **more,
        }  # fmt: skip
        return self.plain("merge_request", user, object_attributes=told, labels=labels)

    def opened(self, number: int, author: str = ANN, *, hours: float, **more: Any) -> tuple[str, Body]:
        return "Merge Request Hook", self.request(number, author, hours, "open", author, **more)

    def merged(
        self, number: int, author: str = ANN, *, opened: float, hours: float, **more: Any
    ) -> tuple[str, Body]:
        more = {
            "merge_commit_sha": sha(f"landed-{number}"), "state": "merged",
            "updated_at": at(hours).replace("T", " ").replace("Z", " UTC"), **more,
        }  # fmt: skip
        return "Merge Request Hook", self.request(number, author, opened, "merge", BOB, **more)

    def reviewed(self, number: int, reviewer: str, *, hours: float) -> tuple[str, Body]:
        more = {"updated_at": at(hours)}
        return "Merge Request Hook", self.request(number, ANN, 0, "approved", reviewer, **more)

    def commented(self, number: int, reviewer: str, *, hours: float) -> tuple[str, Body]:
        told = {
            "id": int(hours * 60), "note": f"{MARK} comment", "noteable_type": "MergeRequest",
            "system": False, "created_at": at(hours), "action": "create",
        }  # fmt: skip
        request = {"iid": number, "title": MARK, "author_id": self.number(ANN)}
        return "Note Hook", self.plain("note", reviewer, object_attributes=told, merge_request=request)

    def checked(
        self, number: int, *, hours: float, green: bool, run: int = 1, attempt: int = 1
    ) -> tuple[str, Body]:
        told = {
            "id": run, "ref": f"{MARK}-branch", "sha": sha(f"head-{number}"), "source": "push",
            "status": "success" if green else "failed", "created_at": at(hours - 0.1),
            "finished_at": at(hours), "name": f"{MARK} {attempt}",
        }  # fmt: skip
        commit = {"id": sha(f"head-{number}"), "message": MARK, "author": {"email": f"{MARK}@example.org"}}
        body = self.plain("pipeline", ANN, object_attributes=told, commit=commit, builds=[{"name": MARK}])
        return "Pipeline Hook", {**body, "merge_request": {"iid": number, "title": MARK}}

    def deployed(
        self,
        number: int,
        commit: str,
        *,
        hours: float,
        by: str = ROBOT,
        environment: str = "production",
        state: str = "success",
        ref: str = "main",
    ) -> tuple[str, Body]:
        body = self.plain(
            "deployment", by,
            deployment_id=number, status={"failure": "failed"}.get(state, state),
            status_changed_at=at(hours).replace("T", " ").replace("Z", " +0000"),
            environment=environment, environment_external_url=f"https://{MARK}.example.org",
            short_sha=commit[:8], ref=ref, commit_title=MARK, user_url=f"https://gitlab.com/{MARK}",
            commit_url=f"https://gitlab.com/Acme/Shop/-/commit/{commit}",
        )  # fmt: skip
        return "Deployment Hook", body

    def broke(
        self, number: int, *, opened: float, over: float | None = None, said: str = ""
    ) -> tuple[str, Body]:
        told = {
            "id": number, "iid": number, "title": f"{MARK} is down", "description": f"{MARK} {said}",
            "type": "Incident", "state": "opened" if over is None else "closed",
            "action": "open" if over is None else "close", "created_at": at(opened),
            "updated_at": at(over or opened), "closed_at": None if over is None else at(over),
        }  # fmt: skip
        return "Issue Hook", self.plain("issue", CYD, object_attributes=told, labels=[])

    def pushed(self, message: str, *, hours: float, branch: str = "main") -> tuple[str, Body]:
        author = {"name": MARK, "email": f"{MARK}@example.org"}
        commit = {
            "id": sha(message),
            "message": message,
            "title": MARK,
            "timestamp": at(hours),
            "author": author,
        }
        more = {"before": sha("before"), "after": sha(message), "user_username": BOB, "user_name": MARK}
        return "Push Hook", self.plain("push", BOB, ref=f"refs/heads/{branch}", commits=[commit], **more)

    def reverts(self, number: int) -> Body:
        """What a merge request that takes another one back says."""
        return {"description": f"This reverts merge request !{number}\n\n{MARK}", "branch": "revert-1a2b3c4d"}


TRAILERS = {
    "left by a session": f"{MARK}\n\nCo-Authored-By: Claude {MARK} <noreply@anthropic.com>",
    "a session by name": f"{MARK}\n\nCopilot-Session: 0f8fad5b-d9cb-469f-a165-70867728950e\nX: {MARK}",
    "a suggestion": f"{MARK}\n\nAssisted-by: codex {MARK}",
    "several": f"{MARK}\n\nCo-authored-by: x <noreply@anthropic.com>\nMade-with: Cursor",
}
"""Messages of commits that claim a tool's hand, with a secret in each."""
FORGES: dict[str, GitHub | GitLab] = {"github": GitHub(), "gitlab": GitLab()}


def story(forge: GitHub | GitLab) -> list[tuple[str, Body]]:
    """Changes of three people from proposal to production, one of them taken back after an incident.

    12 is Ann's, reviewed twice, deployed after 30 hours; 13 is Bob's, breaks things an hour after it was
    deployed, and is taken back by 14, which a hotfix deployment brings; the incident was open for two hours.
    """
    landed = {number: sha(f"landed-{number}") for number in (12, 13, 14)}
    return [
        forge.opened(12, ANN, hours=0),
        forge.checked(12, hours=0.5, green=False),
        forge.checked(12, hours=0.8, green=True, run=1, attempt=2),
        forge.reviewed(12, BOB, hours=2),
        forge.commented(12, BOB, hours=2.1),
        forge.commented(12, ANN, hours=2.2),
        forge.commented(12, ROBOT, hours=2.3),
        forge.reviewed(12, CYD, hours=20),
        forge.merged(12, ANN, opened=0, hours=24),
        forge.deployed(1, landed[12], hours=30),
        forge.opened(13, BOB, hours=48),
        forge.checked(13, hours=48.5, green=True, run=7),
        forge.merged(13, BOB, opened=48, hours=50),
        forge.deployed(2, landed[13], hours=51, environment="review/canary-5d20"),
        forge.deployed(3, landed[13], hours=52),
        forge.broke(90, opened=53, said=f"since {landed[13][:12]}"),
        forge.opened(14, CYD, hours=53.5),
        forge.merged(14, CYD, opened=53.5, hours=54, **forge.reverts(13)),
        forge.deployed(4, landed[14], hours=54.6, by=CYD),
        forge.broke(90, opened=53, over=55, said=f"since {landed[13][:12]}"),
        forge.deployed(5, landed[14], hours=60, state="failure"),
    ]
