"""Switches: whoever turns one off stops an agent, an owner's agents, a connector, or everything."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from counterfoil.agents.keeping import EVERYTHING, Keeping
from counterfoil.agents.recorder import Said
from counterfoil.store.agents import approvals, granted
from counterfoil.terms.agent import Stop
from counterfoil.terms.release import Permit, Refuse

KINDS = ("agent", "owner", "connector")


@dataclass(frozen=True, slots=True)
class Switches:
    """Our own switches; those of the server count beside them, and are not turned on here."""

    keeping: Keeping

    def off(self, stop: Stop) -> Permit | Refuse:
        """Stop something: what waits for a yes is taken back, and from now on nothing of it is let through.

        Raises: StoreError where it can't be recorded.
        """
        kind, _, name = stop.what.partition(":")
        if stop.what != EVERYTHING and not (kind in KINDS and name):
            return Refuse("no-such-switch", f"There is no switch {stop.what!r}.")

        def work(db: Connection, entry: int) -> Any:
            granted.switch_off(db, stop)
            approvals.withdraw(db, **({} if stop.what == EVERYTHING else {kind: name}))
            return Said(_entry_of("stop", stop.what, stop), Permit("stopped"))

        done: Permit | Refuse = self.keeping.recorder.record(work)
        return done

    def on(self, what: str) -> bool:
        """Let something go on; False where our own switch was on. What was taken back stays so.

        Raises: StoreError where it can't be recorded.
        """
        day = f"{self.keeping.now():%Y-%m-%d}"

        def work(db: Connection, entry: int) -> Any:
            return (
                Said({"what": "go", "of": what, "day": day}, True) if granted.switch_on(db, what) else False
            )

        return bool(self.keeping.recorder.record(work))

    def all(self) -> Sequence[Stop]:
        """Our own switches that are off.

        Raises: StoreError where the database can't be asked.
        """
        with self.keeping.database.read() as db:
            return granted.stops(db)


def _entry_of(what: str, of: str, stop: Stop) -> dict[str, str | int | None]:
    return {"what": what, "of": of, "day": f"{stop.at:%Y-%m-%d}"}
