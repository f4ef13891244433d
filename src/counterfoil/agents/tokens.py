"""Short-lived credentials by which an agent is known to the gateway: hashed, for one use, over in hours."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from counterfoil.agents.keeping import Keeping
from counterfoil.store.agents import sealed
from counterfoil.store.agents.sealed import Token
from counterfoil.terms.agent import AgentId
from counterfoil.terms.release import Refuse

HEAD = "cfa_"
LONGEST = timedelta(hours=24)
TOO_LONG = Refuse("too-long", f"A token is good for {LONGEST // timedelta(hours=1)} hours at most.")
UNKNOWN = Refuse("unknown-agent", "Nobody enrolled this agent, or it was taken away.")


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of agents."""

    keeping: Keeping

    def issue(self, agent: AgentId, use: str, lasts: timedelta = LONGEST) -> str | Refuse:
        """A new token, which is told this once.

        Raises: StoreError where it can't be kept.
        """
        found = self.keeping.known().agents.get(agent)
        if found is None:
            return UNKNOWN
        if not timedelta(0) < lasts <= LONGEST:
            return TOO_LONG
        text, now = HEAD + secrets.token_urlsafe(32), self.keeping.now()
        token = Token(hash=hashed(text), agent=agent, owner=found.owner, until=now + lasts, use=use)
        with self.keeping.database.write() as db:
            sealed.sweep(db, now)
            sealed.put_token(db, token)
        return text

    def whose(self, text: str, use: str) -> Token | None:
        """The token that was shown, where it is good for this use, and its agent still there and its owner's.

        Raises: StoreError where the database can't be asked.
        """
        if not text.startswith(HEAD):
            return None
        with self.keeping.database.read() as db:
            found = sealed.token(db, hashed(text), self.keeping.now())
        known = self.keeping.known()
        agent = None if found is None else known.agents.get(found.agent)
        if found is None or found.use != use or agent is None or agent.owner != found.owner:
            return None
        # Somebody who left, or is switched off, is not let in; their agents are known when they are back.
        return None if f"owner:{found.owner}" in known.stops else found

    def revoke(self, agent: AgentId) -> int:
        """Let no token of an agent be good any longer; how many were.

        Raises: StoreError where that can't be done.
        """
        with self.keeping.database.write() as db:
            return sealed.revoke(db, agent)


def hashed(text: str) -> str:
    """A token as it is kept; it is random, so that nobody finds it again from this."""
    return sha256(text.encode()).hexdigest()
