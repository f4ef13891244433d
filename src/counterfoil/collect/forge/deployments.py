"""What becomes of a deployment: what it delivers, whether it had to be put right, and when it was."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from counterfoil.collect.forge.changes import commit_name, landed_name, waiting_name
from counterfoil.collect.forge.event import Broke, Deployed, Result, Urgency
from counterfoil.collect.forge.state import Fold, minutes
from counterfoil.terms.delivered import (
    NOT_LINKED,
    NOT_OVER,
    NOT_RECOVERED,
    Delivery,
    Deployment,
    Incident,
    step_of,
)
from counterfoil.terms.ids import CommitId, Pseudonym
from counterfoil.terms.organisation import STILL_STANDS, WorkFate

PRODUCTION = "production"
LINKED_WITHIN = timedelta(days=7)
"""How long after a deployment an incident may be taken to come of it, where nothing better is known."""
MOST_REMEMBERED = 20


def _name(repository: str) -> str:
    """Under what the last deployments to production are remembered, the latest last."""
    return f"deployed/{repository}"


def _broken_name(repository: str) -> str:
    """Under what the incidents that are not over are remembered."""
    return f"broken/{repository}"


def deployed(fold: Fold, event: Deployed) -> None:
    """A deployment ended. One that puts the last one right says that the last one had failed."""
    last = _last(fold, event.repository)
    if any(one["work"] == event.work for one in last):
        return
    who = _who(fold, event)
    waiting = _delivered(fold, event)
    urgency = _urgency(fold, event, last, waiting)
    if who is None:
        return
    kept = {
        "work": event.work,
        "who": who,
        "day": str(event.at.date()),
        "environment": event.environment,
        "sha": event.sha,
        "result": event.result,
        "unplanned_by": "" if urgency is None else str(urgency),
        "failed_by": "",
        "recovery": None,
        "undone": None,
        "at": fold.moments.note(f"deployed/{event.work}", event.at),
    }
    if event.environment != PRODUCTION or event.result is not Result.SUCCEEDED:
        fold.rows.append(_row(event.repository, kept))
        return
    if last and urgency is not None:
        _put_right(fold, event, last[-1], urgency)
    _keep(fold, event.repository, [*_last(fold, event.repository), kept][-MOST_REMEMBERED:])
    fold.rows += _rows(event.repository, kept)
    fold.rows += _deliver(fold, event, waiting)


def broke(fold: Fold, event: Broke) -> None:
    """An incident began or is over: which deployment it came of, and how that is known."""
    name = _broken_name(event.repository)
    broken = dict((fold.state.get(name) or {}).get("open", {}))
    kept = broken.pop(event.incident, None) or _linked(fold, event)
    opened = fold.moments.of(f"broke/{event.incident}", kept["opened"])
    if event.over is None:
        broken[event.incident] = kept
    over = NOT_OVER if event.over is None else step_of(minutes(opened, event.over))
    fold.state.put(name, {"day": str((event.over or event.opened).date()), "open": broken})
    fold.rows.append(
        Incident(
            incident=event.incident,
            repository=event.repository,
            day=event.opened.date(),
            deployment=NOT_LINKED if kept["deployment"] is None else kept["deployment"],
            link_method=kept["link_method"],
            minutes=over,
        )
    )
    if kept["deployment"] is not None:
        _failed(fold, event.repository, kept["deployment"], Urgency.INCIDENT, right=event.over)


def _last(fold: Fold, repository: str) -> Sequence[Mapping[str, Any]]:
    last: Sequence[Mapping[str, Any]] = (fold.state.get(_name(repository)) or {}).get("last", [])
    return last


def _keep(fold: Fold, repository: str, last: Sequence[Mapping[str, Any]]) -> None:
    fold.state.put(_name(repository), {"day": last[-1]["day"], "last": list(last)})


def _who(fold: Fold, event: Deployed) -> Pseudonym | None:
    """Whoever set a deployment off, or else whoever's change it is of."""
    for actor in event.actors:
        if not actor.is_agent:
            return fold.who(actor)
    of = fold.state.get(commit_name(event.repository, event.sha))
    landed = None if of is None else fold.state.get(landed_name(of["work"]))
    return Pseudonym("") if landed is None else Pseudonym(landed["who"])


def _delivered(fold: Fold, event: Deployed) -> Sequence[Sequence[str]]:
    """The changes that waited and are in what was deployed: those up to the commit, where it is known."""
    waiting = (fold.state.get(waiting_name(event.repository)) or {}).get("works", [])
    upto = [place for place, (_, commit) in enumerate(waiting, start=1) if commit == event.sha]
    return list(waiting[: upto[-1]]) if upto else []


def _urgency(
    fold: Fold, event: Deployed, last: Sequence[Mapping[str, Any]], waiting: Sequence[Sequence[str]]
) -> Urgency | None:
    """Whether a deployment was made because something was wrong, and how that is known."""
    before = [one["sha"] for one in last]
    if event.sha in before and before[-1] != event.sha:
        return Urgency.ROLLBACK
    if event.urgency is not None:
        return event.urgency
    kept = [fold.state.get(landed_name(work)) for work, _ in waiting]
    urgent = [one["urgency"] for one in kept if one is not None and one["urgency"]]
    if urgent:
        return Urgency(urgent[0])
    broken = (fold.state.get(_broken_name(event.repository)) or {}).get("open", {})
    return Urgency.INCIDENT if broken else None


def _put_right(fold: Fold, event: Deployed, before: Mapping[str, Any], urgency: Urgency) -> None:
    """The deployment before had to be put right, and now is; a rollback tells an incident's cause as well."""
    name = _broken_name(event.repository)
    kept = fold.state.get(name)
    for incident, one in dict(kept["open"] if kept else {}).items():
        if kept is not None and urgency is Urgency.ROLLBACK and one["link_method"] != "sha":
            linked = {**one, "deployment": before["work"], "link_method": "rollback"}
            kept = {**kept, "open": {**kept["open"], incident: linked}}
            fold.state.put(name, kept)
            fold.rows.append(
                Incident(
                    incident=incident,
                    repository=event.repository,
                    day=date.fromisoformat(one["opened"][:10]),
                    deployment=before["work"],
                    link_method="rollback",
                )
            )
    _failed(fold, event.repository, before["work"], urgency, right=event.at, is_back=_is_back(urgency))


def _is_back(urgency: Urgency) -> bool:
    return urgency in {Urgency.ROLLBACK, Urgency.REVERT}


def _failed(
    fold: Fold,
    repository: str,
    work: str,
    urgency: Urgency,
    *,
    right: datetime | None,
    is_back: bool = False,
) -> None:
    """A deployment needed an intervention; `right` is when it was put right, where it was."""
    last = list(_last(fold, repository))
    place = next((n for n, one in enumerate(last) if one["work"] == work), None)
    if place is None:
        return
    kept = dict(last[place])
    kept["failed_by"] = kept["failed_by"] or str(urgency)
    if right is not None and kept["recovery"] is None:
        kept["recovery"] = step_of(minutes(fold.moments.of(f"deployed/{work}", kept["at"]), right))
    if right is not None and is_back and kept["undone"] is None:
        kept["undone"] = str(right.date())
    if kept != last[place]:
        last[place] = kept
        _keep(fold, repository, last)
        fold.rows += _rows(repository, kept)


def _linked(fold: Fold, event: Broke) -> Mapping[str, Any]:
    """The deployment that an incident came of: one whose commit it names, or else the one just before."""
    last = _last(fold, event.repository)
    kept: dict[str, Any] = {
        "opened": fold.moments.note(f"broke/{event.incident}", event.opened),
        "deployment": None,
        "link_method": "",
    }
    for one in reversed(last):
        if any(one["sha"].startswith(sha) for sha in event.named):
            return {**kept, "deployment": one["work"], "link_method": "sha"}
    for one in reversed(last):
        age = event.opened - fold.moments.of(f"deployed/{one['work']}", one["at"])
        if timedelta() <= age <= LINKED_WITHIN:
            return {**kept, "deployment": one["work"], "link_method": "nearest"}
    return kept


def _deliver(fold: Fold, event: Deployed, waiting: Sequence[Sequence[str]]) -> Iterator[Delivery]:
    """The changes that reached production; they wait no longer."""
    if not waiting:
        return
    name = waiting_name(event.repository)
    left = (fold.state.get(name) or {}).get("works", [])[len(waiting) :]
    fold.state.put(name, {"day": str(event.at.date()), "works": left})
    for work, _ in waiting:
        kept = fold.state.get(landed_name(work))
        if kept is not None:
            opened = fold.moments.of(f"opened/{work}", kept["opened"])
            yield Delivery(
                who=Pseudonym(kept["who"]),
                work=work,
                repository=event.repository,
                day=event.at.date(),
                minutes=step_of(minutes(opened, event.at)),
            )


def _rows(repository: str, kept: Mapping[str, Any]) -> Iterator[Any]:
    """A deployment to production, as such and as a piece of work."""
    yield _row(repository, kept)
    undone = STILL_STANDS if kept["undone"] is None else date.fromisoformat(kept["undone"])
    yield WorkFate(
        who=Pseudonym(kept["who"]),
        kind="deployment",
        work=kept["work"],
        landed=date.fromisoformat(kept["day"]),
        undone=undone,
        reverted=undone,
    )


def _row(repository: str, kept: Mapping[str, Any]) -> Deployment:
    return Deployment(
        who=Pseudonym(kept["who"]),
        work=kept["work"],
        day=date.fromisoformat(kept["day"]),
        environment=kept["environment"],
        repository=repository,
        sha=CommitId(kept["sha"]),
        result=kept["result"],
        unplanned=int(bool(kept["unplanned_by"])),
        unplanned_by=kept["unplanned_by"],
        failed=int(bool(kept["failed_by"])),
        failed_by=kept["failed_by"],
        recovery=NOT_RECOVERED if kept["recovery"] is None else kept["recovery"],
    )
