"""What becomes of a change: proposed, reviewed, checked, landed, taken back."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from counterfoil.collect.forge.event import (
    Actor,
    Checked,
    Closed,
    Marked,
    Merged,
    Proposed,
    Pushed,
    Reviewed,
    Urgency,
)
from counterfoil.collect.forge.state import Fold, minutes
from counterfoil.terms.absent import Unknown
from counterfoil.terms.delivered import NOT_ASKED, CheckRun, Landing, PushedMark, Review, step_of
from counterfoil.terms.ids import CommitId, Pseudonym
from counterfoil.terms.organisation import NOT_COUNTED, STILL_STANDS, WorkFate

MOST_HEADS = 100
MOST_WAITING = 500


def open_name(work: str) -> str:
    """Under what an open change is remembered."""
    return f"open/{work}"


def landed_name(work: str) -> str:
    """Under what a change that landed is remembered."""
    return f"landed/{work}"


def commit_name(repository: str, commit: str) -> str:
    """Under what the change of a commit is remembered."""
    return f"commit/{repository}@{commit}"


def waiting_name(repository: str) -> str:
    """Under what the changes are remembered that landed and are not deployed yet."""
    return f"waiting/{repository}"


def proposed(fold: Fold, event: Proposed) -> None:
    """Remember an open change: since when it waits, and the commits by which it can be told."""
    if event.marked is not None:
        marked(fold, event.marked)
    if fold.state.get(landed_name(event.work)) is not None:
        return
    kept = dict(fold.state.get(open_name(event.work)) or {})
    who = None if event.author is None else fold.who(event.author)
    if event.author is not None and who is None:
        fold.state.drop(open_name(event.work))
        return
    heads = [*(head for head in kept.get("heads", []) if head != event.head), event.head]
    day = kept.get("day", str(event.opened.date()))
    kept |= {
        "day": max(day, str(event.at.date())),
        "ready": fold.moments.note(f"ready/{event.work}", event.at),
        "heads": heads[-MOST_HEADS:],
        "reviews": kept.get("reviews", {}),
    }
    if who is not None:
        kept["who"] = who
    fold.state.put(open_name(event.work), kept)
    fold.state.put(
        commit_name(event.repository, event.head), {"work": event.work, "day": str(event.at.date())}
    )


def reviewed(fold: Fold, event: Reviewed) -> None:
    """Add a review or a comment to what its author did about the change; one's own is none."""
    kept = fold.state.get(open_name(event.work))
    who = fold.who(event.reviewer)
    if kept is None or who is None or (who and who == kept.get("who")):
        return
    before = kept["reviews"].get(who, {"day": str(event.at.date()), "rounds": 0, "comments": 0})
    waiting = before.get("waiting")
    if event.rounds and not before["rounds"]:
        ready = fold.moments.of(f"ready/{event.work}", kept["ready"])
        waiting = step_of(minutes(ready, event.at)) if event.at >= ready else None
    now = {
        "day": min(before["day"], str(event.at.date())),
        "rounds": before["rounds"] + event.rounds,
        "comments": before["comments"] + event.comments,
        "waiting": waiting,
    }
    fold.state.put(open_name(event.work), {**kept, "reviews": {**kept["reviews"], who: now}})


def reviews_of(work: str, opened: Mapping[str, Any]) -> Iterator[Review]:
    """What each reviewer did about a change; told once, when it is over."""
    for who, one in opened.get("reviews", {}).items():
        yield Review(
            who=Pseudonym(who),
            work=work,
            day=date.fromisoformat(one["day"]),
            rounds=one["rounds"],
            comments=one["comments"],
            waiting=NOT_ASKED if one["waiting"] is None else one["waiting"],
        )


def closed(fold: Fold, event: Closed) -> None:
    """A change was given up: what reviewers did about it is told, and nothing of it is remembered."""
    fold.rows += reviews_of(event.work, fold.state.get(open_name(event.work)) or {})
    fold.state.drop(open_name(event.work))


def checked(fold: Fold, event: Checked) -> None:
    """What the first attempt at a commit's checks says; a later attempt changes nothing of it."""
    known = fold.state.get(commit_name(event.repository, event.commit))
    works = event.works or ((known["work"],) if known is not None else ())
    if event.attempt != 1 or not works:
        return
    name = f"checks/{event.repository}@{event.commit}"
    kept = fold.state.get(name) or {"day": str(event.at.date()), "runs": [], "green": 1}
    if event.run in kept["runs"]:
        return
    green = int(kept["green"] and event.green)
    fold.state.put(name, {**kept, "runs": [*kept["runs"], event.run][-MOST_HEADS:], "green": green})
    if kept["runs"] and green == kept["green"]:
        return
    day = date.fromisoformat(kept["day"])
    for work in works:
        fold.rows.append(CheckRun(work=work, commit=event.commit, day=day, green=green))


def merged(fold: Fold, event: Merged) -> None:
    """A change landed: its fate, the commits by which it can be told, and what it takes back."""
    if fold.state.get(landed_name(event.work)) is not None:
        return
    opened = fold.state.get(open_name(event.work)) or {}
    fold.state.drop(open_name(event.work))
    fold.rows += reviews_of(event.work, opened)
    who = _author(fold, event.author, opened)
    day = event.at.date()
    taken_back = _reverted(fold, event, day)
    if who is not None:
        reviews = _human(opened)
        fate = WorkFate(
            who=who,
            kind="change",
            work=event.work,
            landed=day,
            reviews=sum(one["rounds"] for one in reviews) if opened else NOT_COUNTED,
            comments=sum(one["comments"] for one in reviews) if opened else NOT_COUNTED,
        )
        _remember(fold, event, fate, is_revert=taken_back)
        fold.rows.append(fate)
    for commit in dict.fromkeys([event.commit, event.head, *opened.get("heads", [])]):
        fold.rows.append(
            Landing(repository=event.repository, commit=CommitId(commit), work=event.work, day=day)
        )
        fold.state.put(commit_name(event.repository, commit), {"work": event.work, "day": str(day)})


def pushed(fold: Fold, event: Pushed) -> None:
    """What commits that were pushed say that they take back."""
    for commit in event.reverted_commits:
        _take_back_commit(fold, event.repository, commit, event.at)


def marked(fold: Fold, event: Marked) -> None:
    """Which tools claim a hand in commits that somebody made and pushed; an agent's own are nobody's."""
    who = fold.who(event.pusher)
    for mark in event.marks if who else ():
        fold.rows.append(
            PushedMark(
                day=mark.at.date(),
                who=who or Pseudonym(""),
                tool=mark.tool,
                repository=event.repository,
                commit=mark.commit,
                head=event.head,
                evidence=mark.evidence,
                session=mark.session,
            )
        )


def fate_of(work: str, kept: Mapping[str, Any]) -> WorkFate:
    """The fate of a change as it is remembered."""
    return WorkFate(
        who=Pseudonym(kept["who"]),
        kind="change",
        work=work,
        landed=date.fromisoformat(kept["day"]),
        undone=_day(kept["undone"]),
        reverted=_day(kept["reverted"]),
        reviews=NOT_COUNTED if kept["reviews"] is None else kept["reviews"],
        comments=NOT_COUNTED if kept["comments"] is None else kept["comments"],
    )


def _day(kept: str | None) -> date | Unknown:
    return STILL_STANDS if kept is None else date.fromisoformat(kept)


def _author(fold: Fold, author: Actor | None, opened: Mapping[str, Any]) -> Pseudonym | None:
    if author is not None:
        return fold.who(author)
    return Pseudonym(opened["who"]) if "who" in opened else None


def _human(opened: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """What people did about a change; what an agent wrote takes nobody's time to write."""
    return [one for who, one in opened.get("reviews", {}).items() if who]


def _remember(fold: Fold, event: Merged, fate: WorkFate, *, is_revert: bool) -> None:
    known = isinstance(fate.reviews, int)
    urgency = Urgency.REVERT if is_revert else event.urgency
    kept = {
        "day": str(fate.landed),
        "who": fate.who,
        "repository": event.repository,
        "opened": fold.moments.note(f"opened/{event.work}", event.opened),
        "reviews": fate.reviews if known else None,
        "comments": fate.comments if known else None,
        "undone": None,
        "reverted": None,
        "urgency": urgency,
    }
    fold.state.put(landed_name(event.work), kept)
    if event.is_default:
        name = waiting_name(event.repository)
        works = (fold.state.get(name) or {}).get("works", [])
        now = [*works, [event.work, event.commit]][-MOST_WAITING:]
        fold.state.put(name, {"day": str(fate.landed), "works": now})


def _reverted(fold: Fold, event: Merged, day: date) -> bool:
    """Take back what a change takes back; whether it does."""
    for work in event.reverts:
        _take_back(fold, work, day)
    for commit in event.reverted_commits:
        _take_back_commit(fold, event.repository, commit, event.at)
    return bool(event.reverts or event.reverted_commits)


def _take_back_commit(fold: Fold, repository: str, commit: CommitId, at: datetime) -> None:
    known = fold.state.get(commit_name(repository, commit))
    if known is not None:
        _take_back(fold, known["work"], at.date())


def _take_back(fold: Fold, work: str, day: date) -> None:
    kept = fold.state.get(landed_name(work))
    if kept is None or kept["reverted"] is not None or str(day) < kept["day"]:
        return
    undone = min(filter(None, (kept["undone"], str(day))))
    now = {**kept, "reverted": str(day), "undone": undone}
    fold.state.put(landed_name(work), now)
    fold.rows.append(fate_of(work, now))
