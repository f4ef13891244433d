"""What the log says to everybody: entries in their order, and changes of the programme among them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from counterfoil.guard.force import checkpoint_with_cosignatures, version
from counterfoil.guard.guarded import Guarded
from counterfoil.ledger.entry import EntryKind, read_entry, told_of
from counterfoil.ledger.verify import Unverified, VerifierKey, open_note
from counterfoil.show.words import when

MOST_READ = 400
"""Answers, and entries without any, after which a page of the log ends."""


class Announcements:
    """When a programme came into force or was proposed; each entry of the log is looked at once."""

    def __init__(self) -> None:
        self._looked_at = 0
        self._found: list[tuple[str, str]] = []

    def of(self, g: Guarded) -> Sequence[tuple[str, str]]:
        """Those of a log so far, newest first."""
        for place in range(self._looked_at, len(g.log)):
            told = _read(g, place) if g.log.entry(place)[0] == EntryKind.RULE else {}
            if told and told.get("rule") == "programme":
                did = "came into force" if told.get("state") == "in-force" else "was proposed"
                says = f"The programme {str(told['sha256'])[:12]} {did}: entry {place} of the log."
                self._found.append((str(told["at"])[:10], says))
            elif told and told.get("rule") == "suspended":
                says = f"{told['of']} was suspended, as the programme says: entry {place} of the log."
                self._found.append((str(told["at"])[:10], says))
        self._looked_at = len(g.log)
        return self._found[::-1]


def entries(g: Guarded, before: int) -> tuple[Sequence[tuple[int, Mapping[str, Any] | None]], int]:
    """What entries before a place say of each answer, newest first; and the first of these entries.

    Of sealed ones, that they are there.
    """
    found: list[tuple[int, Mapping[str, Any] | None]] = []
    first = before
    while first and len(found) < MOST_READ:
        first -= 1
        found += [(first, body) for body in _bodies(g, first)]
    return found, first


def cosigned(g: Guarded) -> Sequence[str]:
    """Who has cosigned the log as it is now."""
    force = version(g)
    keys = [] if force is None else [VerifierKey.parse(key) for key in force.witnesses]
    try:
        signed = open_note(checkpoint_with_cosignatures(g), [g.log.verifier, *keys]).signed_by
    except Unverified:
        return []
    return [
        f"{key.name}, {when(datetime.fromtimestamp(at, UTC))}"
        for key, at in signed.items()
        if key != g.log.verifier
    ]


def _bodies(g: Guarded, place: int) -> Sequence[Mapping[str, Any] | None]:
    entry = g.log.entry(place)
    return [None] if entry[0] == EntryKind.PERSON_READ else told_of(entry)[1]


def _read(g: Guarded, place: int) -> Mapping[str, Any] | None:
    entry = g.log.entry(place)
    return None if entry[0] == EntryKind.PERSON_READ else read_entry(entry)[1]
