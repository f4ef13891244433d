"""Says of everything that waits for a yes who may say it, so that they are told: nothing of what is in it."""

from collections.abc import Sequence

from counterfoil.agents.definition.load import checked
from counterfoil.agents.keeping import Keeping, Known
from counterfoil.agents.living import Living
from counterfoil.agents.shown import ToTell
from counterfoil.store.agents import approvals
from counterfoil.terms.effect import Approval, ApprovalState, Approver
from counterfoil.terms.ids import Pseudonym

MOST = 2_000
"""Of them, the oldest first."""


def to_tell(keeping: Keeping, living: Living) -> Sequence[ToTell]:
    """Everything that waits.

    Raises: StoreError where the database can't be asked.
    """
    known = keeping.known()
    with keeping.database.read() as db:
        waiting = [one.approval for one in approvals.in_state(db, ApprovalState.OPEN)]
    return [
        ToTell(
            approval=one.id,
            agent=one.agent,
            tool=one.tool,
            expires=one.expires,
            whom=may_answer(known, one),
            named=_named(living, one),
        )
        for one in waiting[:MOST]
    ]


def may_answer(known: Known, one: Approval) -> Sequence[Pseudonym]:
    """Everybody who may answer."""
    if one.needs is Approver.OWNER:
        return (one.owner,)
    every = {who for ceiling in known.above(one.owner) for who in ceiling.approvers}
    return sorted(who for who in every if known.may_say_yes(who, one.owner))


def _named(living: Living, one: Approval) -> Sequence[str]:
    """Whom its owner named, where it is not for the owner to answer."""
    found = living.definition(one.agent) if one.needs is Approver.OTHER else None
    made = None if found is None else checked(found[1]).definition
    return () if made is None else made.approvers
