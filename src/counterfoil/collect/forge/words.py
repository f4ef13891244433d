"""Reads the few words that matter out of a forge's JSON; whatever has another shape is not there."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import msgspec

from counterfoil.collect.forge.event import Urgency
from counterfoil.terms.absent import Place, Skipped, SkipReason
from counterfoil.terms.ids import CommitId

OLDEST = datetime(2005, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)
"""How far before this machine's clock a forge's may be."""
LONGEST = 200
MOST_NAMED = 20
_SHA = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64})")
_NAMED_SHA = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{7,64}(?![0-9A-Za-z])")
_REVERTS_COMMIT = re.compile(r"This reverts commit ([0-9a-f]{40}|[0-9a-f]{64})")
_PATH = re.compile(r"[a-z0-9_.+-]+(?:/[a-z0-9_.+-]+)+")
_HOST = re.compile(r"[a-z0-9.-]+(?::[0-9]+)?")
URGENT_LABELS = {"hotfix": Urgency.LABEL, "rollback": Urgency.ROLLBACK}
INCIDENT_LABELS = frozenset({"incident", "outage"})
KINDS_OF_ENVIRONMENT = (
    ("development", re.compile(r"dev|review|trunk")),
    ("testing", re.compile(r"test|tst|int|ac(ce|)pt|qa|qc|control|quality")),
    ("staging", re.compile(r"st(a|)g|mod(e|)l|pre|demo|non")),
    ("production", re.compile(r"pr(o|)d|live")),
)
"""How the name of an environment tells its kind, the first that fits.

Source: GitLab, "Deployment tier of environments" (docs.gitlab.com/ci/environments), read 2026-11-26.
"""
KINDS = frozenset(kind for kind, _ in KINDS_OF_ENVIRONMENT)


class Unread(Exception):
    """An event claims to be one of ours, and does not say what it would have to."""

    def __init__(self, why: SkipReason) -> None:
        super().__init__(why)
        self.why = why


def decoded(raw: bytes) -> dict[str, Any]:
    """The object of a body.

    Raises: Unread where it is none.
    """
    try:
        body = msgspec.json.decode(raw)
    except (ValueError, RecursionError) as error:
        raise Unread(SkipReason.NOT_JSON) from error
    if not isinstance(body, dict):
        raise Unread(SkipReason.WRONG_SHAPE)
    return body


def skipped(source: str, why: SkipReason) -> Skipped:
    """An event that could not be read; there is no more to say of where."""
    return Skipped(Place(source, 1), why)


def found(value: Any, *path: str) -> Any:
    """What stands at a path of names; None where nothing does."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def text(value: Any, *path: str) -> str:
    """The words at a path; empty where there are none."""
    there = found(value, *path)
    return there if isinstance(there, str) else ""


def listed(value: Any, *path: str) -> Sequence[Any]:
    """The list at a path; empty where there is none."""
    there = found(value, *path)
    return there if isinstance(there, list) else []


def number(value: Any, *path: str) -> int:
    """The number at a path that names something.

    Raises: Unread where there is none.
    """
    there = found(value, *path)
    if isinstance(there, bool) or not isinstance(there, int) or not 0 < there < 2**63:
        raise Unread(SkipReason.WRONG_SHAPE)
    return there


def number_or_none(value: Any, *path: str) -> int:
    """The number at a path; zero, which names nothing, where there is none."""
    try:
        return number(value, *path)
    except Unread:
        return 0


def commit(value: Any, *path: str) -> CommitId:
    """The commit at a path.

    Raises: Unread where there is none.
    """
    if not (there := commit_or_none(value, *path)):
        raise Unread(SkipReason.WRONG_SHAPE)
    return there


def commit_or_none(value: Any, *path: str) -> CommitId:
    """The commit at a path; empty where there is none."""
    there = text(value, *path)
    return CommitId(there if _SHA.fullmatch(there) and there.strip("0") else "")


def moment(now: datetime, *told: Any) -> datetime:
    """The first of some times that is there.

    Raises: Unread where none is, or it is to come.
    """
    there = next((at for at in map(_at, told) if at is not None), None)
    if there is None or there < OLDEST:
        raise Unread(SkipReason.NO_TIME)
    if there > now + AHEAD:
        raise Unread(SkipReason.FUTURE_TIME)
    return there


def _at(told: Any) -> datetime | None:
    """A time in ISO 8601, or as Ruby writes it; in UTC."""
    if not isinstance(told, str) or len(told) > 40:
        return None
    plain = told.replace(" UTC", "+00:00")
    plain = re.sub(r" ([+-]\d\d:?\d\d)$", r"\1", plain)
    try:
        at = datetime.fromisoformat(plain)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def repository(url: str, path: str) -> tuple[str, str]:
    """Host and path of a repository, in small letters.

    Raises: Unread where it is none.
    """
    try:
        host = urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        host = ""
    path = path.lower()
    if len(host) + len(path) > LONGEST or not _PATH.fullmatch(path) or not _HOST.fullmatch(host):
        raise Unread(SkipReason.WRONG_SHAPE)
    return host, path


def reverted_commits(*texts: str) -> tuple[CommitId, ...]:
    """The commits that a text says it takes back."""
    return _once(CommitId(sha) for words in texts for sha in _REVERTS_COMMIT.findall(words))


def named_commits(*texts: str) -> tuple[str, ...]:
    """What may be commits in a text, in full or by their first digits."""
    return _once(sha for words in texts for sha in _NAMED_SHA.findall(words) if not sha.isdigit())


def _once(names: Iterator[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(names))[:MOST_NAMED]


def environment_of(*names: str) -> str:
    """The kind of an environment by its tier, where that is told, or else by its name."""
    for name in names:
        if name.lower() in KINDS:
            return name.lower()
    name = names[-1].lower()
    return next((kind for kind, fits in KINDS_OF_ENVIRONMENT if fits.search(name)), "other")


def urgency_of(*, labels: Sequence[str], branch: str) -> Urgency | None:
    """What the labels and the branch of a change say of its urgency; of the branch nothing else is used."""
    for label in labels:
        if urgent := URGENT_LABELS.get(label.lower()):
            return urgent
    branch = branch.removeprefix("refs/heads/").lower()
    return Urgency.BRANCH if branch.startswith(("hotfix/", "hotfix-", "revert-")) else None


def is_incident(labels: Sequence[str]) -> bool:
    """Whether labels say that something broke."""
    return any(label.lower().partition("::")[0] in INCIDENT_LABELS for label in labels)
