"""What agents may do right now, as the server signs it: ceilings, switches, and who is still there."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from threading import Lock

from counterfoil.agents.wire import OwnerState, Standing, signed_text
from counterfoil.app.server.desk import Desk
from counterfoil.guard.acting import force, stops
from counterfoil.guard.members import above, members_today
from counterfoil.ledger.sign import SignerKey, signed_note
from counterfoil.terms.agent import Stop
from counterfoil.terms.error import LedgerBroken
from counterfoil.terms.ids import Pseudonym

LOOKED_SECONDS = 30.0
"""For how long what the directory says of an owner holds."""
LONGEST_SECONDS = 180.0
"""After so long nothing is said of owners any more, and so their agents do nothing."""
MOST_OWNERS = 20_000


class State:
    """Answers heartbeats: nobody waits for the desk, since a switch and a heartbeat can't wait."""

    def __init__(self, desk: Desk, signer: SignerKey, clock: Callable[[], float] = time.time) -> None:
        self._desk, self._signer, self._clock = desk, signer, clock
        self._lock = Lock()
        self._read: tuple[bytes | None, force.Version | None] = (None, None)
        self._pending: dict[str, Stop] = {}
        self._owners: Mapping[Pseudonym, OwnerState] = {}
        self._looked = -LOOKED_SECONDS

    @property
    def key(self) -> str:
        """The verifier key of what is signed."""
        return str(self._signer.verifier)

    def note(self, nonce: str, owners: Collection[Pseudonym]) -> str:
        """The state, signed, as an answer to one question.

        Raises: LedgerBroken where a promise is broken: then nothing is signed, and so nothing is done;
        StoreError where the registry can't be read.
        """
        if self._desk.broken is not None:
            raise self._desk.broken
        version = self._ceilings()
        with self._lock:
            pending = list(self._pending.values())
        off = {stop.what: stop for stop in [*stops.stops(self._desk.aside.lake.registry), *pending]}
        known = self._owners if time.monotonic() - self._looked < LONGEST_SECONDS else {}
        standing = Standing(
            nonce=nonce,
            at=int(self._clock()),
            version=0 if version is None else version.version,
            digest="" if version is None else version.digest,
            ceilings=() if version is None else version.ceilings,
            stops=tuple(off[what] for what in sorted(off)),
            owners={who: known[who] for who in owners if who in known},
        )
        return signed_note(signed_text(standing), self._signer)

    def off_at_once(self, stop: Stop) -> None:
        """Let something be off before it is recorded: a switch does not wait for its turn."""
        with self._lock:
            self._pending[stop.what] = stop

    def recorded(self, what: str) -> None:
        """It is recorded, so that it needs not be remembered here."""
        with self._lock:
            self._pending.pop(what, None)

    def must_look(self, owners: Sequence[Pseudonym]) -> bool:
        """Whether the directory has to be asked about somebody again."""
        fresh = time.monotonic() - self._looked < LOOKED_SECONDS
        return not fresh or any(who not in self._owners for who in owners[:MOST_OWNERS])

    def look(self, owners: Sequence[Pseudonym]) -> None:
        """Ask the directory who of some is there today, and under which ceilings; it waits for the desk.

        Raises: StoreError where it can't be read.
        """
        version = self._ceilings()
        units = {ceiling.name for ceiling in (() if version is None else version.ceilings)}
        with self._desk.hold() as g:
            members = members_today(g.lake, g.now.date())
            found = {}
            for who in owners[:MOST_OWNERS]:
                place = members.place_of(who)
                over = [] if place is None else above(members.unit[place], members.parents)
                found[who] = OwnerState(
                    here=place is not None, ceilings=tuple(unit for unit in over if unit in units)
                )
        self._owners, self._looked = found, time.monotonic()

    def _ceilings(self) -> force.Version | None:
        """The ceilings in force, held to the log whenever they are other ones."""
        g = self._desk.aside
        kept = g.lake.registry.kept(force.KEPT, force.IN_FORCE)
        if kept != self._read[0]:
            try:
                self._read = (kept, force.in_force(g.lake.registry, g.log))
            except LedgerBroken as error:
                self._desk.broken = error
                self._desk.ended()
                raise
        return self._read[1]
