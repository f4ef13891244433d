"""Turns what commits say of tools into marks as they come in: a tool, how strong, and none of their words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from counterfoil.collect.forge.event import Actor, Marked, MarkedCommit
from counterfoil.collect.forge.words import Unread, commit_or_none, found, moment, text
from counterfoil.collect.git.marks import OTHER_TOOL, marks_of
from counterfoil.collect.half import half
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import CommitId
from counterfoil.terms.mark import Evidence

MOST_COMMITS = 200
"""Of one push; of more, those that were pushed last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """By what whoever pushed is known again as author or committer: logins, names, mail addresses."""

    own: frozenset[str]

    @classmethod
    def of(cls, *names: str) -> "Names":
        """Those that are there, in small letters."""
        return cls(own=frozenset(name.casefold() for name in names if name))

    def has(self, *names: str) -> bool:
        """Whether one of them is theirs."""
        return any(name.casefold() in self.own for name in names)


def marked_of(
    repository: str,
    head: CommitId,
    commits: Sequence[Any],
    *,
    pusher: Actor | None,
    own: Names,
    now: datetime,
) -> Marked | None:
    """The marks of a push to a branch; None where there is none that says whose session it was.

    Only what somebody made and pushed themselves is taken: nobody's trailer says what another one's session
    made. What a button of the forge made has the day on which it was pressed, and is left out.
    """
    if pusher is None or pusher.is_agent:
        return None
    marks = tuple(mark for one in commits[-MOST_COMMITS:] for mark in _marks(one, own, now))
    if not marks:
        return None
    return Marked(repository=repository, at=max(m.at for m in marks), pusher=pusher, head=head, marks=marks)


def _marks(told: Any, own: Names, now: datetime) -> Iterator[MarkedCommit]:
    author, committer = found(told, "author"), found(told, "committer")
    commit = commit_or_none(told, "id")
    is_again = found(told, "distinct") is False
    if not commit or is_again or text(told, "committer", "username") == "web-flow":
        return
    try:
        at = moment(now, text(told, "timestamp"))
    except Unread:
        return
    signed = (text(author, "name"), text(author, "email"), text(committer, "name"), text(committer, "email"))
    for mark in marks_of(*signed, text(told, "message")):
        is_claim = mark.evidence >= Evidence.MARKED and mark.whole and mark.tool != OTHER_TOOL
        if is_claim and own.has(*_made_by(told, mark.evidence)):
            session = 0 if isinstance(mark.session, Unknown) else half(mark.session)
            yield MarkedCommit(commit=commit, at=at, tool=mark.tool, evidence=mark.evidence, session=session)


def _made_by(told: Any, evidence: Evidence) -> Sequence[str]:
    """Whoever made a commit: its author; its committer where the tool itself signs as its author."""
    authors = [text(told, "author", name) for name in ("username", "email", "name")]
    signed = [text(told, "committer", name) for name in ("username", "email", "name")]
    return [*authors, *signed] if evidence is Evidence.AGENT else authors
