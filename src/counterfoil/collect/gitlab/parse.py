"""Reads one delivery of a GitLab webhook; nothing that somebody wrote leaves here.

Source: GitLab, "Webhook events" (docs.gitlab.com/user/project/integrations/webhook_events), 18.x, read
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
    Marked,
    Merged,
    Proposed,
    Pushed,
    Result,
    Reviewed,
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
from counterfoil.terms.ids import CommitId

SOURCE = "gitlab"
_LOGIN = re.compile(r"[A-Za-z0-9_.-]{1,255}")
_AGENT = re.compile(
    r"(project|group)_\d+_bot\w*|service_account_\w+|\S*[-_.]bot|ghost|duo-\S*|GitLabDuo", re.I
)
_REVERTS = re.compile(r"\bThis reverts merge request (?:([\w.+-]+(?:/[\w.+-]+)+))?!(\d{1,9})\b")
PROPOSED = frozenset({"open", "reopen", "update"})
REVIEWED = frozenset({"approved", "approval"})
GREEN = {"success": True, "failed": False}
"""What ends of pipelines say of the change; one that was skipped or cancelled says nothing."""
ENDS = {"success": Result.SUCCEEDED, "failed": Result.FAILED}


def parse(event: str, raw: bytes, *, now: datetime) -> Event | Skipped | None:
    """What a delivery tells; None where it is of no use here; Skipped where it can't be read.

    `event` is not used: the body says what it is.
    """
    try:
        body = decoded(raw)
        read = READERS.get(text(body, "object_kind"))
        return None if read is None else read(body, now)
    except Unread as unread:
        return skipped(SOURCE, unread.why)


def _place(body: Mapping[str, Any]) -> tuple[str, str]:
    """The key of a project, and what its works begin with: the host only where it is not gitlab.com."""
    path = text(body, "project", "path_with_namespace")
    host, path = repository(text(body, "project", "web_url"), path)
    return f"{host}/{path}", path if host == "gitlab.com" else f"{host}/{path}"


def _actor(user: Any) -> Actor | None:
    login = text(user, "username")
    if not _LOGIN.fullmatch(login):
        return None
    return Actor(identity=f"{SOURCE}:{login.lower()}", is_agent=_AGENT.fullmatch(login) is not None)


def _needed(actor: Actor | None) -> Actor:
    if actor is None:
        raise Unread(SkipReason.WRONG_SHAPE)
    return actor


def _labels(body: Mapping[str, Any]) -> Sequence[str]:
    both = (*listed(body, "labels"), *listed(body, "object_attributes", "labels"))
    return [text(label, "title") for label in both]


def _author(body: Mapping[str, Any], author: int) -> Actor | None:
    """Whoever wrote a merge request, whom only a number names, where somebody of that number is named."""
    people = (found(body, "user"), *listed(body, "assignees"), *listed(body, "reviewers"))
    return next((_actor(one) for one in people if author and found(one, "id") == author), None)


def _merge_request(body: Mapping[str, Any], now: datetime) -> Event | None:
    told = found(body, "object_attributes")
    action = text(told, "action")
    key, path = _place(body)
    work = f"{path}!{number(told, 'iid')}"
    if action == "close":
        return Closed(work=work)
    if action in REVIEWED:
        return Reviewed(
            work=work,
            at=moment(now, text(told, "updated_at")),
            reviewer=_needed(_actor(found(body, "user"))),
            rounds=1,
            comments=0,
        )
    if action == "merge":
        return _merged(key, path, work, body, now)
    has_commits = action != "update" or bool(text(told, "oldrev"))
    if action not in PROPOSED or not has_commits:
        return None
    author = number_or_none(told, "author_id")
    return Proposed(
        repository=key,
        work=work,
        at=moment(now, text(told, "updated_at"), text(told, "created_at")),
        opened=moment(now, text(told, "created_at")),
        author=_author(body, author),
        author_number=author,
        head=commit(told, "last_commit", "id"),
        marked=_marked(
            body, commit(told, "last_commit", "id"), [found(told, "last_commit")], found(body, "user"), now
        ),
    )


def _merged(key: str, path: str, work: str, body: Mapping[str, Any], now: datetime) -> Merged:
    told = found(body, "object_attributes")
    author, said, branch = (
        number_or_none(told, "author_id"),
        text(told, "description"),
        text(told, "source_branch"),
    )
    head = commit(told, "last_commit", "id")
    return Merged(
        repository=key,
        work=work,
        at=moment(now, text(told, "merged_at"), text(told, "updated_at")),
        opened=moment(now, text(told, "created_at")),
        author=_author(body, author),
        author_number=author,
        # Without a merge commit, the branch itself was moved on: what landed is its last commit.
        commit=commit_or_none(told, "merge_commit_sha") or head,
        head=head,
        is_default=text(told, "target_branch") == text(body, "project", "default_branch"),
        reverts=tuple(f"{_other(key, path, place)}!{n}" for place, n in _REVERTS.findall(said)[:20]),
        reverted_commits=reverted_commits(said, text(told, "title")),
        urgency=urgency_of(labels=_labels(body), branch=branch),
    )


def _other(key: str, path: str, place: str) -> str:
    """The beginning of works of a project that a text names; of this one where it names none."""
    host = key.partition("/")[0]
    return path if not place else place.lower() if host == "gitlab.com" else f"{host}/{place.lower()}"


def _note(body: Mapping[str, Any], now: datetime) -> Event | None:
    told = found(body, "object_attributes")
    is_written = text(told, "noteable_type") == "MergeRequest" and found(told, "system") is not True
    if not is_written or text(told, "action") not in {"", "create"}:
        return None
    return Reviewed(
        work=f"{_place(body)[1]}!{number(body, 'merge_request', 'iid')}",
        at=moment(now, text(told, "created_at")),
        reviewer=_needed(_actor(found(body, "user"))),
        rounds=0,
        comments=1,
    )


def _pipeline(body: Mapping[str, Any], now: datetime) -> Event | None:
    told = found(body, "object_attributes")
    green = GREEN.get(text(told, "status"))
    if green is None:
        return None
    key, path = _place(body)
    request = number_or_none(body, "merge_request", "iid")
    return Checked(
        repository=key,
        works=(f"{path}!{request}",) if request else (),
        commit=commit(told, "sha"),
        at=moment(now, text(told, "finished_at"), text(told, "created_at")),
        run=f"pipeline-{number(told, 'id')}",
        attempt=1,
        green=green,
    )


def _deployment(body: Mapping[str, Any], now: datetime) -> Event | None:
    result = ENDS.get(text(body, "status"))
    if result is None:
        return None
    key, path = _place(body)
    actor = _actor(found(body, "user"))
    return Deployed(
        repository=key,
        work=f"{path}@{number(body, 'deployment_id')}",
        at=moment(now, text(body, "status_changed_at")),
        environment=environment_of(text(body, "environment_tier"), text(body, "environment")),
        sha=_deployed(body),
        result=result,
        actors=() if actor is None else (actor,),
        urgency=urgency_of(labels=(), branch=text(body, "ref")),
    )


def _deployed(body: Mapping[str, Any]) -> CommitId:
    """The commit of a deployment: in full it is only in the address of its page."""
    sha = commit({"sha": text(body, "commit_url").rpartition("/")[2]}, "sha")
    if not sha.startswith(text(body, "short_sha")):
        raise Unread(SkipReason.WRONG_SHAPE)
    return sha


def _issue(body: Mapping[str, Any], now: datetime) -> Event | None:
    told = found(body, "object_attributes")
    is_one = "incident" in {text(told, "type").lower(), text(told, "issue_type"), text(body, "object_kind")}
    if not (is_one or is_incident(_labels(body))):
        return None
    is_over = text(told, "state") == "closed"
    key, path = _place(body)
    return Broke(
        repository=key,
        incident=f"{path}#{number(told, 'iid')}",
        opened=moment(now, text(told, "created_at")),
        over=moment(now, text(told, "closed_at"), text(told, "updated_at")) if is_over else None,
        named=named_commits(text(told, "title"), text(told, "description")),
    )


def _push(body: Mapping[str, Any], now: datetime) -> Event | None:
    branch, ref = text(body, "project", "default_branch"), text(body, "ref")
    if not branch or not ref.startswith("refs/heads/") or not commit_or_none(body, "after"):
        return None
    commits = listed(body, "commits")
    if ref != f"refs/heads/{branch}":
        user = {name: text(body, f"user_{name}") for name in ("username", "name", "email")}
        return _marked(body, commit(body, "after"), commits, user, now)
    return Pushed(
        repository=_place(body)[0],
        at=moment(now, *(text(c, "timestamp") for c in reversed(commits))),
        reverted_commits=reverted_commits(*(text(c, "message") for c in commits)),
        # GitLab does not say whether it was.
        forced=False,
    )


def _marked(
    body: Mapping[str, Any], head: CommitId, commits: Sequence[Any], user: Any, now: datetime
) -> Marked | None:
    """What the commits of a user say of tools: an author is known by name and mail address alone."""
    own = Names.of(*(text(user, name) for name in ("username", "name", "email")))
    return marked_of(_place(body)[0], head, commits, pusher=_actor(user), own=own, now=now)


READERS: Mapping[str, Callable[[Mapping[str, Any], datetime], Event | None]] = {
    "merge_request": _merge_request,
    "note": _note,
    "pipeline": _pipeline,
    "deployment": _deployment,
    "issue": _issue,
    "incident": _issue,
    "work_item": _issue,
    "push": _push,
}
