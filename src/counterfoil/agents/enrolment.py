"""Who has which agents, and what they were granted; what happens when either is taken away."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from counterfoil.agents.keeping import Keeping
from counterfoil.agents.recorder import Body, Said
from counterfoil.guard.acting.judge import Rules
from counterfoil.store.agents import approvals, granted, sealed
from counterfoil.store.agents.granted import Enrolled
from counterfoil.terms.agent import AgentId, Grant
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.release import Permit, Refuse

MOST_GRANTS = 200


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Agents, their owners and their grants."""

    keeping: Keeping

    def enrol(self, agent: Enrolled, grants: Sequence[Grant]) -> Permit | Refuse:
        """Let an agent have these grants, instead of those that it had; its owner never changes.

        Raises: StoreError where it can't be recorded.
        """
        known = self.keeping.known()
        for wrong, refusal in (
            (any(grant.agent != agent.id for grant in grants), "A grant is for another agent."),
            (len(grants) > MOST_GRANTS, f"It has more than {MOST_GRANTS} grants."),
        ):
            if wrong:
                return Refuse("no-such-enrolment", refusal)
        try:
            policy = Rules(known.above(agent.owner), grants).version(agent.id)
        except ValueError as error:
            return Refuse("unwritable-grant", f"A grant can't be written as a rule: {error}.")
        day = str(self.keeping.today())

        def work(db: Connection, entry: int) -> Any:
            if granted.owner_of(db, agent.id) not in {None, agent.owner}:
                return Refuse("no-such-enrolment", "Somebody else owns an agent of that name, or did.")
            granted.enrol(db, agent, grants)
            body: Body = {
                "what": "grants",
                "agent": agent.id,
                "grants": len(grants),
                "policy": policy,
                "day": day,
            }
            return Said(body, Permit("enrolled"))

        done: Permit | Refuse = self.keeping.recorder.record(work)
        return done

    def retire(self, agent: AgentId) -> bool:
        """Take an agent away, with its tokens and what it asks; False where there is none.

        Raises: StoreError where it can't be recorded.
        """
        found = self.keeping.known().agents.get(agent)
        if found is None:
            return False
        day = str(self.keeping.today())

        def work(db: Connection, entry: int) -> Any:
            gone = Enrolled(id=agent, owner=found.owner, budget=found.budget, gone=True)
            granted.enrol(db, gone, ())
            sealed.revoke(db, agent)
            approvals.withdraw(db, agent=agent)
            return Said({"what": "agent-gone", "agent": agent, "day": day}, True)

        return bool(self.keeping.recorder.record(work))

    def owner_left(self, owner: Pseudonym) -> Sequence[AgentId]:
        """Take away agents, rules, tokens and questions of somebody who left; which agents they were.

        Raises: StoreError where it can't be recorded.
        """
        day = str(self.keeping.today())

        def work(db: Connection, entry: int) -> Any:
            agents = granted.part_with(db, owner)
            for agent in agents:
                sealed.revoke(db, agent)
            approvals.withdraw(db, owner=owner)
            return Said({"what": "owner-left", "agents": len(agents), "day": day}, agents)

        left: Sequence[AgentId] = self.keeping.recorder.record(work)
        return left
