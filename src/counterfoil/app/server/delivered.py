"""Takes what a forge delivered: once, read by its parser, under pseudonyms, and durable before the answer."""

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from counterfoil.app.door.deliveries import Forge
from counterfoil.app.server.desk import Desk
from counterfoil.collect.forge.event import Event
from counterfoil.collect.forge.fold import take
from counterfoil.collect.forge.state import KEPT_FOR, Fold, Moments
from counterfoil.collect.github.parse import parse as parse_github
from counterfoil.collect.gitlab.parse import parse as parse_gitlab
from counterfoil.guard.aliases import person_of
from counterfoil.guard.guarded import Guarded, without_keys
from counterfoil.guard.late import take_late
from counterfoil.guard.person import FORGE
from counterfoil.store.registry import Change, Registry
from counterfoil.terms.absent import Skipped
from counterfoil.terms.batch import Batch, batches
from counterfoil.terms.error import StoreError
from counterfoil.terms.ids import Pseudonym

DELIVERED = "delivered"
MOST_AT_ONCE = 500
PARSERS: Mapping[Forge, Callable[..., Event | Skipped | None]] = {
    Forge.GITHUB: parse_github,
    Forge.GITLAB: parse_gitlab,
}


def utc_now() -> datetime:
    """The time, as this machine has it."""
    return datetime.now(UTC)


class Taken(StrEnum):
    """What came of a delivery."""

    KEPT = "kept"
    """It is in rows, or remembered for those of a later one."""
    MERGED = "merged"
    """It was here before, or is of no use."""
    SKIPPED = "skipped"
    """It could not be read."""


@dataclass(slots=True)
class Remembered:
    """What is remembered between events, as the registry has it; changes wait until they are kept at once."""

    registry: Registry
    changed: dict[str, Mapping[str, Any] | None] = field(default_factory=dict)
    touched: int = 0
    """How often something was changed."""

    def get(self, name: str) -> Mapping[str, Any] | None:
        """What is remembered under a name."""
        if name in self.changed:
            return self.changed[name]
        kept = self.registry.kept(FORGE, name)
        found: Mapping[str, Any] | None = None if kept is None else json.loads(kept)
        return found

    def put(self, name: str, value: Mapping[str, Any]) -> None:
        """Remember something instead of what was."""
        self.changed[name] = value
        self.touched += 1

    def drop(self, name: str) -> None:
        """Remember nothing under a name."""
        self.changed[name] = None
        self.touched += 1

    def keep(self, change: Change) -> None:
        """Keep what changed."""
        for name, value in self.changed.items():
            if value is None:
                change.forget(FORGE, name)
            else:
                change.keep(FORGE, name, json.dumps(value).encode())


@dataclass(slots=True)
class _Waiting:
    """A delivery that was read, and waits until it is taken."""

    forge: Forge
    names: Sequence[str]
    told: Event | Skipped | None
    came: Taken | None = None
    error: Exception | None = None


@dataclass(slots=True)
class Deliveries:
    """Every delivery of this process; those that wait for the desk together are kept together."""

    desk: Desk
    clock: Callable[[], datetime] = utc_now
    taken: dict[tuple[Forge, Taken], int] = field(default_factory=dict)
    """How many came to what, since it was started."""
    _waiting: deque[_Waiting] = field(default_factory=deque)
    _moments: Moments = field(default_factory=Moments)
    _swept: date = date.min

    def take(self, forge: Forge, event: str, delivery: str, raw: bytes) -> Taken:
        """Take a delivery that is genuine.

        A crash between the rows and the note that it was taken repeats the rows, which changes nothing.

        Raises: StoreError where it can't be kept, or the keys are away: it has to be sent again.
        """
        now = self.clock()
        mine = _Waiting(forge, _names(forge, delivery, raw), PARSERS[forge](event, raw, now=now))
        self._waiting.append(mine)
        with self.desk.hold() as g:
            # Whoever had the desk before may have taken it along.
            while mine.came is None and mine.error is None:
                self._take_all(g, now)
        if mine.error is not None:
            raise mine.error
        return mine.came or Taken.SKIPPED

    def _take_all(self, g: Guarded, now: datetime) -> None:
        some = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_AT_ONCE))]
        try:
            _check_keys(g)
            self._sweep(g, now)
            came = self._taken(g, some, now)
        except Exception as error:  # whoever waits for it is told
            for one in some:
                one.error = one.error or error
            return
        for one, what in came:
            one.came = what
            self.taken[one.forge, what] = self.taken.get((one.forge, what), 0) + 1

    def _taken(self, g: Guarded, some: Sequence[_Waiting], now: datetime) -> Sequence[tuple[_Waiting, Taken]]:
        """What came of some deliveries, all of it durable."""
        remembered = Remembered(g.lake.registry)
        fold = Fold(remembered, self._moments, _pseudonyms(g))
        names: dict[str, None] = {}
        came: list[tuple[_Waiting, Taken]] = []
        for one in some:
            before = (dict(remembered.changed), len(fold.rows))
            try:
                what = _come(remembered, fold, one, names, now)
            except StoreError:
                raise
            except Exception as error:  # what is wrong with one is not to keep out the others
                one.error = error
                remembered.changed = before[0]
                del fold.rows[before[1] :]
                continue
            came.append((one, what))
            if what is Taken.KEPT:
                names |= dict.fromkeys(one.names)
        if fold.rows and any(counts.late for counts in g.lake.append(_batches(fold.rows)).values()):
            take_late(g)
        if names:
            with g.lake.registry.change() as change:
                remembered.keep(change)
                for name in names:
                    change.keep(DELIVERED, name, str(now.date()).encode())
        return came

    def _sweep(self, g: Guarded, now: datetime) -> None:
        """Forget, once a day, what has been remembered long enough."""
        self._moments.forget(now)
        today = now.date()
        if self._swept == today:
            return
        last = str(today - KEPT_FOR)
        with g.lake.registry.change() as change:
            for name, day in g.lake.registry.all_kept(DELIVERED).items():
                if day.decode() < last:
                    change.forget(DELIVERED, name)
            for name, kept in g.lake.registry.all_kept(FORGE).items():
                if json.loads(kept)["day"] < last:
                    change.forget(FORGE, name)
        self._swept = today


def _come(
    remembered: Remembered, fold: Fold, one: _Waiting, names: Mapping[str, None], now: datetime
) -> Taken:
    """What comes of one delivery: its rows and what is remembered of it wait in the fold."""
    if isinstance(one.told, Skipped):
        return Taken.SKIPPED
    known = any(name in names or remembered.registry.kept(DELIVERED, name) is not None for name in one.names)
    if known or one.told is None or _is_old(one.told, now):
        return Taken.MERGED
    before = (len(fold.rows), remembered.touched)
    take(fold, one.told)
    return Taken.MERGED if before == (len(fold.rows), remembered.touched) else Taken.KEPT


def _check_keys(g: Guarded) -> None:
    if (away := without_keys(g)) is not None:
        hint = "start the keyholder, or restore its folder from a copy"
        raise StoreError(away.clause, away.why.rstrip("."), hint=hint)


def _names(forge: Forge, delivery: str, raw: bytes) -> Sequence[str]:
    """By what a delivery is known again: its bytes, since its number is not signed, and its number."""
    number = sha256(f"{forge}:{delivery}".encode("utf-8", "surrogatepass")).hexdigest()
    return [sha256(raw).hexdigest(), *([number] if delivery else [])]


def _is_old(event: Event, now: datetime) -> bool:
    """Whether what came before it is forgotten, so that it would be told as if there had been nothing."""
    at = getattr(event, "over", None) or getattr(event, "at", None) or getattr(event, "opened", None)
    return at is not None and now - at > KEPT_FOR


def _pseudonyms(g: Guarded) -> Callable[[str], Pseudonym]:
    def pseudonym(identity: str) -> Pseudonym:
        (known,) = g.keys.pseudonyms([identity])
        return person_of(g, known) if known else known

    return pseudonym


def _batches(rows: list[Any]) -> Iterator[Batch[Any]]:
    nouns: dict[type, list[Any]] = {}
    for row in rows:
        nouns.setdefault(type(row), []).append(row)
    for noun, mine in nouns.items():
        yield from batches(noun, mine)
