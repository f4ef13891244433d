"""Spend by the fate of the change it made: the parts are all of it, to the micro-dollar."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from counterfoil.measure.worth.usage import Spent, divided
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import RepoPath, SessionId
from counterfoil.terms.work import FateKind, SpendPart

OF_FATE = {
    FateKind.STANDING: SpendPart.STANDING,
    FateKind.CORRECTED: SpendPart.CORRECTED,
    FateKind.REVERTED: SpendPart.REVERTED,
    FateKind.REPLACED: SpendPart.REPLACED,
    FateKind.TOO_YOUNG: SpendPart.TOO_YOUNG,
}


@dataclass(frozen=True, slots=True)
class Share:
    """What part of a session went into one change, by weight in lines."""

    change: int
    weight: int
    kind: FateKind


@dataclass(frozen=True, slots=True)
class Paid:
    """What one session spent on one change of one repository."""

    session: SessionId
    repository: RepoPath
    change: int
    kind: FateKind
    pico: int


@dataclass(frozen=True, slots=True)
class SpendByFate:
    """Exact parts, and the single payments behind those that reached a change."""

    parts: Mapping[SpendPart, int]
    """Unit: pico-dollars; every part is present."""
    paid: Sequence[Paid]
    examined: int
    """Spend in repositories that were examined. Unit: pico-dollars."""


def spend_by_fate(
    rows: Iterable[Spent],
    *,
    roots: Mapping[SessionId, SessionId],
    places: Mapping[str, RepoPath | Unknown],
    shares: Mapping[RepoPath, Mapping[SessionId, Sequence[Share]]],
    proved: Mapping[tuple[SessionId, str], RepoPath] | None = None,
) -> SpendByFate:
    """Divide every session's spend over its changes.

    `proved` has the repository of a session in a folder that is not here, where content proves it.

    `roots` rolls subagents up into the session that started them; `shares` has an entry, possibly empty,
    for each repository that was examined.
    """
    parts = dict.fromkeys(SpendPart, 0)
    paid: list[Paid] = []
    examined = 0
    for (session, place), pico in _by_session_and_place(rows, roots, places, proved or {}).items():
        if isinstance(place, SpendPart):
            parts[place] += pico
            continue
        if place not in shares:
            parts[SpendPart.NOT_EXAMINED] += pico
            continue
        examined += pico
        theirs = shares[place].get(session, ())
        if not theirs:
            parts[SpendPart.NOTHING_FOUND] += pico
            continue
        for share, part in zip(theirs, divided(pico, [s.weight for s in theirs]), strict=True):
            parts[OF_FATE[share.kind]] += part
            paid.append(Paid(session, place, share.change, share.kind, part))
    return SpendByFate(parts, paid, examined)


def _by_session_and_place(
    rows: Iterable[Spent],
    roots: Mapping[SessionId, SessionId],
    places: Mapping[str, RepoPath | Unknown],
    proved: Mapping[tuple[SessionId, str], RepoPath],
) -> dict[tuple[SessionId, RepoPath | SpendPart], int]:
    sums: dict[tuple[SessionId, RepoPath | SpendPart], int] = {}
    for row in rows:
        session = roots.get(row.session, row.session)
        key = (session, _place(session, row.directory, places, proved))
        sums[key] = sums.get(key, 0) + row.pico
    return sums


def _place(
    session: SessionId,
    directory: str | Unknown,
    places: Mapping[str, RepoPath | Unknown],
    proved: Mapping[tuple[SessionId, str], RepoPath],
) -> RepoPath | SpendPart:
    if isinstance(directory, Unknown):
        return SpendPart.UNKNOWN
    place = places.get(directory)
    if place is None or isinstance(place, Unknown):
        return proved.get((session, directory), SpendPart.NOT_EXAMINED)
    return place
