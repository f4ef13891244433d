"""What somebody who left leaves behind: no agent, no token and no account, once it is sure that they left."""

from dataclasses import dataclass
from datetime import timedelta

from counterfoil.agents.accounts import Accounts
from counterfoil.agents.gate import Gate
from counterfoil.agents.hearing import Hearing
from counterfoil.store.agents import absent

AFTER = timedelta(days=7)
"""How long somebody has to be away without a break. Nothing of theirs acts meanwhile; but a directory that is
wrong for a day takes nothing away that would have to be entered again."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """Looks who is in the organisation, as the server says."""

    gate: Gate
    accounts: Accounts
    hearing: Hearing

    def sweep(self) -> int:
        """Take away what is left of those who left; how many people that were.

        Raises: StoreError where the database can't be used.
        """
        now, told = self.gate.keeping.now(), self.hearing.owners
        away = {who for who, is_here in told.items() if not is_here}
        database = self.gate.keeping.database
        with database.read() as db:
            known = absent.absent(db)
        gone = {who for who, since in known.items() if who in away and now - since >= AFTER}
        for who in gone:
            self.accounts.part_with(who)
            self.gate.enrolment.owner_left(who)
        if over := (known.keys() & (told.keys() - away)) | gone:
            with database.write() as db:
                absent.forget(db, over)
        if new := away - known.keys():
            with database.write() as db:
                for who in new:
                    absent.away(db, who, now)
        return len(gone)
