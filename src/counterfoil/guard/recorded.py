"""Finds in the log what is about one person; each entry is looked at once, however often somebody asks."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from threading import Lock

from counterfoil.ledger.entry import Body, EntryKind, told_of
from counterfoil.ledger.log import Log
from counterfoil.ledger.verify import HASH_SIZE, LONGEST_GAP, TAG_SIZE, person_tag
from counterfoil.terms.period import Block, Period

SEALED_SIZE = 1 + TAG_SIZE + HASH_SIZE
Cut = tuple[str, str, str]
"""Period, level and filters: what decides which groups a question was about."""
Groups = dict[str, "array[int]"]
"""The entries in which each group's figure was released, oldest first."""


def cut_of(told: Body) -> Cut:
    """The cut of a figure; an audit is of more periods, and names the first day of them as well."""
    since = f"{told['from']}/" if "from" in told else ""
    return f"{since}{told.get('period')}", str(told.get("by")), str(told.get("filters"))


def blocks_of(cut: Cut) -> Sequence[Block]:
    """The blocks that a cut is of, the first of them first."""
    since, _, period = cut[0].rpartition("/")
    last = Period.parse(period).blocks()
    found = [Block.of(date.fromisoformat(since))] if since else list(last)
    while found[-1] < last[-1]:
        found.append(Block.of(found[-1].until))
    return found


@dataclass(slots=True)
class Recorded:
    """Where in the log each sealed entry stands, and which figures were released; forgotten when it ends."""

    _seen: int = 0
    _sealed: dict[bytes, int] = field(default_factory=dict)
    """The place of each sealed entry, by its tag."""
    _figures: dict[Cut, Groups] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def own(self, log: Log, secret: bytes) -> Sequence[tuple[int, int]]:
        """A person's own entries: the number of each among theirs, and where it stands."""
        self._catch_up(log)
        found: list[tuple[int, int]] = []
        count = gap = 0
        while gap < LONGEST_GAP:
            place = self._sealed.get(person_tag(secret, count))
            gap = gap + 1 if place is None else 0
            if place is not None:
                found.append((count, place))
            count += 1
        return found

    def cuts(self, log: Log) -> Iterator[tuple[Cut, Groups]]:
        """Every cut of which a figure was released, with the entries of each group."""
        self._catch_up(log)
        yield from self._figures.items()

    def _catch_up(self, log: Log) -> None:
        with self._lock:
            for place in range(self._seen, len(log)):
                self._look_at(log.entry(place), place)
                self._seen = place + 1

    def _look_at(self, entry: bytes, place: int) -> None:
        if entry[0] == EntryKind.PERSON_READ:
            if len(entry) == SEALED_SIZE:
                self._sealed[entry[1 : 1 + TAG_SIZE]] = place
        elif entry[0] == EntryKind.RELEASE:
            for told in told_of(entry)[1]:
                if told.get("verdict") == "permitted":
                    groups = self._figures.setdefault(cut_of(told), {})
                    groups.setdefault(str(told["group"]), array("q")).append(place)
