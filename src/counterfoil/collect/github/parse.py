"""Reads one delivery of a GitHub webhook; nothing that somebody wrote leaves here.

Source: GitHub, "Webhook events and payloads" (docs.github.com/webhooks), REST version 2022-11-28, read
2026-11-26.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from counterfoil.collect.forge.event import (
    Actor,
    Broke,
    Checked,
    Closed,
    Deployed,
    Event,
    Merged,
    Proposed,
    Pushed,
    Result,
    Reviewed,
    Urgency,
)
from counterfoil.collect.forge.marks import Names, marked_of
from counterfoil.collect.forge.words import (
    Unread,
    commit,
    commit_or_none,
    decoded,
    environment_of,
    found,
    is_incident,
    listed,
    moment,
    named_commits,
    number,
    number_or_none,
    repository,
    reverted_commits,
    skipped,
    text,
    urgency_of,
)
from counterfoil.terms.absent import Skipped, SkipReason

SOURCE = "github"
_LOGIN = re.compile(r"[A-Za-z0-9_-]{1,100}(\[bot\])?")
_REVERTS = re.compile(r"\bReverts (?:([\w.-]+/[\w.-]+))?#(\d{1,9})\b")
_REVERT_BRANCH = re.compile(r"revert-(\d{1,9})-")
READY = frozenset({"opened", "reopened", "ready_for_review", "synchronize", "review_requested"})
REVIEW_STATES = frozenset({"approved", "changes_requested", "commented"})
GREEN = {"success": True, "failure": False, "timed_out": False, "startup_failure": False}
"""What ends of checks say of the change; a run that was skipped or cancelled says nothing."""
ENDS = {"success": Result.SUCCEEDED, "failure": Result.FAILED, "error": Result.FAILED}
"""States in which a deployment has ended; inactive is superseded, and no failure."""
OPEN, OVER = frozenset({"opened", "labeled", "reopened"}), frozenset({"closed"})


def parse(event: str, raw: bytes, *, now: datetime) -> Event | Skipped | None:
    """What a delivery tells; None where it is of no use here; Skipped where it can't be read."""
    read = READERS.get(event)
    try:
        body = decoded(raw)
        return None if read is None else read(body, now)
    except Unread as unread:
        return skipped(SOURCE, unread.why)


def _place(body: Mapping[str, Any]) -> tuple[str, str]:
    """The key of a repository, and what its works begin with: the host only where it is not github.com."""
    host, path = repository(text(body, "repository", "html_url"), text(body, "repository", "full_name"))
    return f"{host}/{path}", path if host == "github.com" else f"{host}/{path}"


def _actor(user: Any) -> Actor | None:
    login = text(user, "login")
    if not _LOGIN.fullmatch(login):
        return None
    is_agent = text(user, "type") in {"Bot", "Mannequin"} or login.endswith("[bot]")
    return Actor(identity=f"{SOURCE}:{login.lower()}", is_agent=is_agent)


def _needed(actor: Actor | None) -> Actor:
    if actor is None:
        raise Unread(SkipReason.WRONG_SHAPE)
    return actor


def _labels(value: Any) -> Sequence[str]:
    return [text(label, "name") for label in listed(value, "labels")]


def _pull_request(body: Mapping[str, Any], now: datetime) -> Event | None:
    action, pull = text(body, "action"), found(body, "pull_request")
    key, path = _place(body)
    work = f"{path}#{number(pull, 'number')}"
    if action == "closed" and found(pull, "merged") is True:
        return _merged(key, path, work, pull, body, now)
    if action == "closed":
        return Closed(work=work)
    if action not in READY:
        return None
    return Proposed(
        repository=key,
        work=work,
        at=moment(now, text(pull, "updated_at"), text(pull, "created_at")),
        opened=moment(now, text(pull, "created_at")),
        author=_actor(found(pull, "user")),
        author_number=number_or_none(pull, "user", "id"),
        head=commit(pull, "head", "sha"),
    )


def _merged(key: str, path: str, work: str, pull: Any, body: Mapping[str, Any], now: datetime) -> Merged:
    branch, base = text(pull, "head", "ref"), text(pull, "base", "ref")
    said, title = text(pull, "body"), text(pull, "title")
    reverts = [f"{(place or path).lower()}#{n}" for place, n in _REVERTS.findall(said)]
    if not reverts and (of := _REVERT_BRANCH.match(branch)) is not None and title.startswith("Revert "):
        reverts = [f"{path}#{of[1]}"]
    return Merged(
        repository=key,
        work=work,
        at=moment(now, text(pull, "merged_at"), text(pull, "closed_at")),
        opened=moment(now, text(pull, "created_at")),
        author=_needed(_actor(found(pull, "user"))),
        author_number=number_or_none(pull, "user", "id"),
        commit=commit(pull, "merge_commit_sha"),
        head=commit(pull, "head", "sha"),
        is_default=base == text(body, "repository", "default_branch"),
        reverts=tuple(reverts[:20]),
        reverted_commits=reverted_commits(said),
        urgency=urgency_of(labels=_labels(pull), branch=branch),
    )


def _review(body: Mapping[str, Any], now: datetime) -> Event | None:
    review = found(body, "review")
    if text(body, "action") != "submitted" or text(review, "state").lower() not in REVIEW_STATES:
        return None
    return Reviewed(
        work=f"{_place(body)[1]}#{number(body, 'pull_request', 'number')}",
        at=moment(now, text(review, "submitted_at")),
        reviewer=_needed(_actor(found(review, "user"))),
        rounds=1,
        comments=0,
    )


def _comment(body: Mapping[str, Any], now: datetime) -> Event | None:
    """A comment on lines of a pull request, or below it; one on an issue is none."""
    pull = found(body, "pull_request") or found(body, "issue")
    is_issue = found(body, "pull_request") is None and found(pull, "pull_request") is None
    if text(body, "action") != "created" or is_issue:
        return None
    return Reviewed(
        work=f"{_place(body)[1]}#{number(pull, 'number')}",
        at=moment(now, text(body, "comment", "created_at")),
        reviewer=_needed(_actor(found(body, "comment", "user"))),
        rounds=0,
        comments=1,
    )


def _checked(kind: str) -> Callable[[Mapping[str, Any], datetime], Event | None]:
    def read(body: Mapping[str, Any], now: datetime) -> Event | None:
        run = found(body, kind)
        green = GREEN.get(text(run, "conclusion"))
        if text(body, "action") != "completed" or green is None:
            return None
        key, path = _place(body)
        return Checked(
            repository=key,
            works=tuple(f"{path}#{number(pull, 'number')}" for pull in listed(run, "pull_requests")[:20]),
            commit=commit(run, "head_sha"),
            at=moment(now, text(run, "updated_at"), text(run, "created_at")),
            run=f"{kind}-{number(run, 'id')}",
            attempt=number_or_none(run, "run_attempt") or 1,
            green=green,
        )

    return read


def _deployed(body: Mapping[str, Any], now: datetime) -> Event | None:
    status, deployment = found(body, "deployment_status"), found(body, "deployment")
    result = ENDS.get(text(status, "state"))
    if result is None:
        return None
    key, path = _place(body)
    made = [
        found(deployment, "creator"),
        *(found(body, "workflow_run", n) for n in ("triggering_actor", "actor")),
    ]
    environment = text(deployment, "environment")
    is_production = found(deployment, "production_environment") is True
    urgency = urgency_of(labels=(), branch=text(deployment, "ref"))
    if "rollback" in text(deployment, "task").lower():
        urgency = Urgency.ROLLBACK
    return Deployed(
        repository=key,
        work=f"{path}@{number(deployment, 'id')}",
        at=moment(now, text(status, "created_at"), text(status, "updated_at")),
        environment="production" if is_production else environment_of(environment),
        sha=commit(deployment, "sha"),
        result=result,
        actors=tuple(actor for actor in map(_actor, made) if actor is not None),
        urgency=urgency,
    )


def _broke(body: Mapping[str, Any], now: datetime) -> Event | None:
    action, issue = text(body, "action"), found(body, "issue")
    if action not in OPEN | OVER or not is_incident(_labels(issue)):
        return None
    key, path = _place(body)
    return Broke(
        repository=key,
        incident=f"{path}#{number(issue, 'number')}",
        opened=moment(now, text(issue, "created_at")),
        over=moment(now, text(issue, "closed_at")) if action in OVER else None,
        named=named_commits(text(issue, "title"), text(issue, "body")),
    )


def _pushed(body: Mapping[str, Any], now: datetime) -> Event | None:
    branch, ref = text(body, "repository", "default_branch"), text(body, "ref")
    if not branch or not ref.startswith("refs/heads/") or not commit_or_none(body, "after"):
        return None
    commits = listed(body, "commits")
    if ref != f"refs/heads/{branch}":
        return _marked(body, commits, now)
    return Pushed(
        repository=_place(body)[0],
        at=moment(now, text(body, "head_commit", "timestamp"), *(text(c, "timestamp") for c in commits[-1:])),
        reverted_commits=reverted_commits(*(text(c, "message") for c in commits)),
        forced=found(body, "forced") is True,
    )


def _marked(body: Mapping[str, Any], commits: Sequence[Any], now: datetime) -> Event | None:
    # Commits that were written anew have the day on which that was done, and no session's.
    if found(body, "forced") is True:
        return None
    sender = found(body, "sender")
    return marked_of(
        _place(body)[0],
        commit(body, "after"),
        commits,
        pusher=_actor(sender),
        own=Names.of(text(sender, "login")),
        now=now,
    )


READERS: Mapping[str, Callable[[Mapping[str, Any], datetime], Event | None]] = {
    "pull_request": _pull_request,
    "pull_request_review": _review,
    "pull_request_review_comment": _comment,
    "issue_comment": _comment,
    "check_suite": _checked("check_suite"),
    "workflow_run": _checked("workflow_run"),
    "deployment_status": _deployed,
    "issues": _broke,
    "push": _pushed,
}
"""The events that are read; a deployment's own says nothing that its end does not say again."""
