"""What people are asked about held calls, and what they said: bound to every byte, and good once."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from counterfoil.agents.attention import decided, seen
from counterfoil.agents.canary import gave_away
from counterfoil.agents.card import Card, card_of
from counterfoil.agents.keeping import Keeping
from counterfoil.agents.recorder import Said
from counterfoil.agents.written import call_bytes, call_of, canonical, digest_of
from counterfoil.guard.acting.judge import Facts
from counterfoil.guard.acting.written import day_of
from counterfoil.store.agents import approvals as kept
from counterfoil.store.agents.approvals import Asked
from counterfoil.terms.effect import Approval, ApprovalState, Approver, Call, Hold
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.label import Integrity, Label, Part
from counterfoil.terms.release import Permit, Refuse
from counterfoil.terms.tool import Argument

PATIENCE = timedelta(hours=24)
"""How long an answer is waited for, and how long a yes is good."""
NOT_OPEN = Refuse("not-open", "It was answered, taken back, or waited for too long.")
NOBODY = Refuse("no-such-approval", "Nobody was asked this.")
NOT_YOURS = Refuse("not-the-owner", "Only the agent's owner says yes or no to this.")
NOT_ANOTHER = Refuse("not-an-approver", "This needs somebody whom the organisation names, and not the owner.")
NO_REASON = Refuse("no-reason", "A no needs a reason: the agent's owner has to be able to act on it.")
STRANGE = Refuse("unknown-argument", "It has an argument that the call does not have.")
CHANGED = Refuse("not-what-was-asked", "It is another call than the one that a person was asked about.")
TWICE = Refuse("twice", "This call was let through before, and none is made twice.")
CLOSED = {
    ApprovalState.DENIED: Refuse("denied", "A person said no."),
    ApprovalState.EXPIRED: Refuse("no-answer", "Nobody said yes in time."),
    ApprovalState.USED: TWICE,
    ApprovalState.WITHDRAWN: Refuse("withdrawn", "Its run ended, or somebody stopped it."),
    ApprovalState.REFUSED: Refuse(
        "refused-then", "A person said yes, and the rules no longer let it through."
    ),
}


@dataclass(frozen=True, slots=True)
class Approvals:
    """What is asked, and what was said."""

    keeping: Keeping
    patience: timedelta = PATIENCE

    def ask(self, db: Connection, call: Call, hold: Hold, policy: str, *, canary: bool = False) -> Any:
        """Ask about a call, in a transaction; None where it was asked before."""
        now, digest = self.keeping.now(), digest_of(call)
        approval = Approval(
            id=secrets.token_hex(8),
            run=call.run,
            number=call.number,
            agent=call.agent,
            owner=call.owner,
            tool=call.tool.id,
            digest=digest,
            tool_digest=call.tool.digest,
            policy=policy,
            clause=hold.clause,
            why=hold.why,
            needs=hold.needs,
            asked=now,
            expires=now + self.patience,
            state=ApprovalState.OPEN,
            canary=canary,
        )
        asked = Asked(approval=approval, asked_digest=digest, call=call_bytes(call))
        return approval if kept.put(db, asked) else None

    def plant(
        self, call: Call, hold: Hold, *, due: Callable[[Connection], bool] = lambda db: True
    ) -> Approval | None:
        """Ask about a call that nobody wants to make, to see whether anybody looks. It can never be made.

        Raises: StoreError where it can't be kept.
        """

        def work(db: Connection, entry: int) -> Any:
            return self.ask(db, call, hold, "", canary=True) if due(db) else None

        planted: Approval | None = self.keeping.recorder.record(work)
        return planted

    def open_for(self, who: Pseudonym) -> Sequence[Approval]:
        """What waits for somebody's yes, oldest first.

        Raises: StoreError where the database can't be asked.
        """
        self.sweep()
        known = self.keeping.known()
        with self.keeping.database.read() as db:
            asked = kept.in_state(db, ApprovalState.OPEN)
        return [
            one.approval
            for one in asked
            if (
                one.approval.owner == who
                if one.approval.needs is Approver.OWNER
                else known.may_say_yes(who, one.approval.owner)
            )
        ]

    def card(self, approval: str, who: Pseudonym) -> Card | Refuse:
        """The card of an open matter, for somebody who may answer it; that they looked is remembered.

        Raises: StoreError where that can't be recorded.
        """

        def work(db: Connection, entry: int) -> Card | Refuse:
            asked = kept.by_id(db, approval)
            refused = self._refused(asked, who)
            if asked is None or refused is not None:
                return refused or NOBODY
            kept.opened(db, approval)
            return card_of(call_of(asked.call), asked.approval)

        shown: Card | Refuse = self.keeping.recorder.record(work)
        return shown

    def approve(self, approval: str, by: Pseudonym) -> Approval | Refuse:
        """Say yes to exactly what was asked, once.

        Raises: StoreError where it can't be recorded.
        """
        return self._decided(approval, by, ApprovalState.APPROVED, "")

    def deny(self, approval: str, by: Pseudonym, reason: str) -> Approval | Refuse:
        """Say no, and why.

        Raises: StoreError where it can't be recorded.
        """
        return self._decided(approval, by, ApprovalState.DENIED, reason) if reason.strip() else NO_REASON

    def edit(self, approval: str, by: Pseudonym, arguments: Mapping[str, Any]) -> Approval | Refuse:
        """Say yes to another call: some arguments are the approver's own words now, and it is judged again.

        Raises: StoreError where it can't be recorded.
        """

        def change(db: Connection, asked: Asked, now: datetime) -> Refuse | None:
            call = call_of(asked.call)
            if set(arguments) - {argument.name for argument in call.arguments}:
                return STRANGE
            edited = _edited(call, arguments, by)
            known, needs = self.keeping.known(), asked.approval.needs
            facts = Facts(
                day=day_of(now.date()),
                live=self.keeping.lifeline.live,
                stopped=known.is_stopped(call),
                approved=needs,
            )
            answer = known.rules.may(edited, facts)
            if isinstance(answer, Hold):
                return Refuse(answer.clause, answer.why)
            if isinstance(answer, Permit):
                kept.change(db, approval, digest=digest_of(edited), call=call_bytes(edited))
                return None
            return answer

        return self._decided(approval, by, ApprovalState.APPROVED, "", change)

    def sweep(self) -> None:
        """Close what nobody answered in time: silence is no.

        Raises: StoreError where it can't be recorded.
        """
        now = self.keeping.now()

        def work(db: Connection, entry: int) -> int:
            return kept.expire(db, now)

        self.keeping.recorder.record(work)

    def of(self, approval: str) -> Approval | None:
        """One matter as it stands.

        Raises: StoreError where the database can't be asked.
        """
        with self.keeping.database.read() as db:
            found = kept.by_id(db, approval)
        return None if found is None else found.approval

    def _decided(
        self,
        approval: str,
        by: Pseudonym,
        state: ApprovalState,
        reason: str,
        change: Callable[[Connection, Asked, datetime], Refuse | None] | None = None,
    ) -> Approval | Refuse:
        now = self.keeping.now()

        def work(db: Connection, entry: int) -> Any:
            asked = kept.by_id(db, approval)
            refused = self._refused(asked, by)
            if asked is None or refused is not None:
                return refused or NOBODY
            if change is not None and (refused := change(db, asked, now)) is not None:
                return refused
            if not kept.decide(db, approval, state, by=by, at=now, reason=reason):
                return NOT_OPEN
            after = kept.by_id(db, approval)
            answer = NOT_OPEN if after is None else after.approval
            if asked.approval.canary:
                kept.forget(db, approval)
                return _seen(db, asked, after, state, now)
            decided(db, asked, state, now)
            return Said(_entry_of(answer, state, now), answer) if isinstance(answer, Approval) else answer

        done: Approval | Refuse = self.keeping.recorder.record(work)
        return done

    def _refused(self, asked: Asked | None, who: Pseudonym) -> Refuse | None:
        """Why somebody may not answer this."""
        if asked is None:
            return NOBODY
        one = asked.approval
        if one.needs is Approver.OWNER:
            if who != one.owner:
                return NOT_YOURS
        elif not self.keeping.known().may_say_yes(who, one.owner):
            return NOT_ANOTHER
        open_still = one.state is ApprovalState.OPEN and one.expires > self.keeping.now()
        return None if open_still else NOT_OPEN


def _seen(db: Connection, asked: Asked, after: Asked | None, state: ApprovalState, now: datetime) -> Approval:
    """Count an answer to a planted question; whoever changed what was wrong with it has looked."""
    way = gave_away(call_of(asked.call))
    as_it_was = after is not None and (not after.approval.edited or gave_away(call_of(after.call)) == way)
    seen(db, now, yes=state is ApprovalState.APPROVED and as_it_was)
    return replace(asked.approval, state=ApprovalState.WITHDRAWN, reason=way)


def _edited(call: Call, arguments: Mapping[str, Any], by: Pseudonym) -> Call:
    """The call with other arguments, which stay as secret as those that they replace.

    An owner's words are the owner's; those of another approver name no destination in the owner's stead.
    """
    trust = Integrity.OWNER if by == call.owner else Integrity.TYPED

    def other(argument: Argument) -> Argument:
        if argument.name not in arguments or canonical(arguments[argument.name]) == argument.json:
            return argument
        value = arguments[argument.name]
        label = Label(trust, argument.label.secrecy, frozenset({"approver"}))
        texts = value if isinstance(value, list) else [value]
        parts = tuple(Part(str(text), label) for text in texts) or (Part("", label),)
        return replace(argument, json=canonical(value), parts=parts)

    return replace(call, arguments=tuple(other(argument) for argument in call.arguments))


def _entry_of(one: Approval, state: ApprovalState, now: datetime) -> dict[str, str | int | None]:
    """What the log says of a yes or a no: in which capacity, and neither who nor at which hour."""
    return {
        "what": "yes" if state is ApprovalState.APPROVED else "no",
        "approval": one.id,
        "key": f"{one.run}:{one.number}",
        "digest": one.digest,
        "clause": one.clause,
        "as": one.needs.value,
        "edited": int(one.edited),
        "policy": one.policy,
        "day": f"{now:%Y-%m-%d}",
    }


def said_before(db: Connection, call: Call, now: datetime) -> Refuse | None:
    """What a person said of a call that needs nobody by now: a no stays one, a yes is used up.

    Where nothing was said nobody is asked any longer.
    """
    if kept.state_of(db, call.key) is None:
        return None
    asked = kept.of_key(db, call.key)
    if (
        asked is None
        or asked.approval.canary
        or asked.approval.edited
        or digest_of(call) != asked.asked_digest
    ):
        return CHANGED
    one = asked.approval
    if one.state is ApprovalState.OPEN:
        kept.close(db, one.id, ApprovalState.OPEN, ApprovalState.WITHDRAWN, None)
        return None
    if one.state is not ApprovalState.APPROVED:
        return CLOSED[one.state]
    used = kept.close(db, one.id, ApprovalState.APPROVED, ApprovalState.USED, now)
    return None if used else CLOSED[ApprovalState.EXPIRED]
