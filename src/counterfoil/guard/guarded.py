"""What stands behind the gate: the lake, the log, the keys and the rules of one data directory."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from counterfoil.guard.policy import Asker, Policies
from counterfoil.guard.recorded import Recorded
from counterfoil.ledger.entry import EntryKind, read_entry
from counterfoil.ledger.keys import Keys
from counterfoil.ledger.log import Log
from counterfoil.store.lake import Lake
from counterfoil.terms.ask import Role, Viewer
from counterfoil.terms.error import LedgerBroken, StoreError
from counterfoil.terms.release import Refuse

OPERATOR = "operator"
LOOKED_BACK = 1_000
"""Entries among which one that states its minute is looked for."""
KEYS = ("keys", "name")
KEYS_AWAY = Refuse("keyholder-down", "Whoever holds the keys of people can't be reached, so nothing is read.")
KEYS_LOST = Refuse("keys-lost", "The keys are not those that these data were taken in with; nothing is read.")
CEDAR_ROLES = {Role.FINANCE: ("finance",)}


@dataclass(frozen=True, slots=True)
class Guarded:
    """One data directory, opened by the only process that writes it."""

    lake: Lake
    log: Log
    keys: Keys
    policies: Policies
    now: datetime
    """UTC, aware."""
    recorded: Recorded = field(default_factory=Recorded)

    @property
    def minute(self) -> str:
        """When something is logged, to the minute."""
        return self.now.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


def check_clock(g: Guarded) -> None:
    """Stop where the clock is before the log's last entry: what is over, and since when, could not be said.

    Raises: LedgerBroken where it is.
    """
    for place in range(len(g.log) - 1, max(len(g.log) - LOOKED_BACK, 0) - 1, -1):
        entry = g.log.entry(place)
        if entry[0] != EntryKind.PERSON_READ:
            at = str(read_entry(entry)[1].get("at", ""))
            if at > g.minute:
                hint = "set the clock right; if it is, the log's last entries were made with a wrong one"
                raise LedgerBroken(
                    "clock-back", f"the clock is before the log's last entry, of {at}", hint=hint
                )
            if at:
                return


def without_keys(g: Guarded) -> Refuse | None:
    """Why nothing is read while the keys are away, or are not those that the data were taken in with."""
    try:
        name = g.keys.name()
    except StoreError:
        return KEYS_AWAY
    kept = g.lake.registry.kept(*KEYS)
    if kept is None:
        with g.lake.registry.change() as change:
            change.keep(*KEYS, name.encode())
    return None if kept in {None, name.encode()} else KEYS_LOST


def asker_of(viewer: Viewer) -> Asker:
    """A viewer as the policies see them."""
    return Asker(
        id=OPERATOR if viewer.who is None else viewer.who,
        roles=CEDAR_ROLES.get(viewer.role, ()),
        works_council=viewer.role is Role.COUNCIL,
    )
