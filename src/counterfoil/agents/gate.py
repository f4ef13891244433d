"""The gate: every call of every agent is judged here, and recorded before it may be made."""

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from sqlalchemy import Connection

from counterfoil.agents import needless as again
from counterfoil.agents.approvals import CHANGED, CLOSED, TWICE, Approvals, said_before
from counterfoil.agents.budget import Spending
from counterfoil.agents.enrolment import Enrolment
from counterfoil.agents.keeping import AGAIN, Keeping, Known
from counterfoil.agents.recorder import Said
from counterfoil.agents.standing import Rule, Standings, uses_up
from counterfoil.agents.switches import Switches
from counterfoil.agents.written import arguments_of, call_of, digest_of, repeated
from counterfoil.guard.acting.judge import Facts, destinations
from counterfoil.guard.acting.written import day_of
from counterfoil.store.agents import approvals, effects, told
from counterfoil.store.agents.approvals import Asked
from counterfoil.store.agents.effects import Intended
from counterfoil.terms.agent import Cause, CauseKind
from counterfoil.terms.effect import Approval, ApprovalState, Approver, Call, Effect, EffectState, Hold
from counterfoil.terms.error import StoreError
from counterfoil.terms.release import Permit, Refuse
from counterfoil.terms.tool import EffectClass

UNKNOWN = Refuse("unknown-agent", "Nobody enrolled this agent, or it was taken away.")
NOT_THE_OWNER = Refuse("not-the-owner", "Somebody else owns this agent.")
REPEATED = Refuse("repeated-argument", "It has an argument twice.")
UNSETTLED = Refuse("unsettled", "What holds changes all the time; ask again later.")
DUPLICATE = Refuse("needless", "It would say again what it said a short while ago.")
PASSING = frozenset({"not-live", "over-budget", "twice", "not-what-was-asked", "no-answer", "needless"})
"""Refusals that say nothing of the yes itself."""
TURNS = 5
"""How often a call is judged anew because something changed meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """Leave to make one call, once."""

    call: Call
    """Exactly what may be made: another call than was asked for where a person changed it."""
    clause: str
    recorded: bool
    """Whether it is an effect, which has to be finished."""
    approval: str = ""
    entry: int | None = None
    """Its place in the agents' log."""

    @property
    def key(self) -> str:
        """What it is known by, here and where it is made."""
        return self.call.key


@dataclass(frozen=True, slots=True)
class Held:
    """Not yet: a person was asked."""

    approval: Approval
    hold: Hold


@dataclass(frozen=True, slots=True)
class Way:
    """By what a call gets through: by itself, a person's yes, or a rule that stands."""

    call: Call
    asked: Asked | None = None
    rule: Rule | None = None


Weighed = tuple[Permit | Hold | Refuse, Way]


@dataclass(slots=True)
class Gate:
    """Judges calls, records what it lets through, and keeps what people said."""

    keeping: Keeping
    approvals: Approvals = field(init=False)
    standing: Standings = field(init=False)
    switches: Switches = field(init=False)
    enrolment: Enrolment = field(init=False)
    spending: Spending = field(init=False)

    def __post_init__(self) -> None:
        """Say of what a dead process left behind that nobody knows what became of it.

        Raises: StoreError where that can't be recorded.
        """
        self.approvals = Approvals(self.keeping)
        self.standing = Standings(self.keeping)
        self.switches = Switches(self.keeping)
        self.enrolment = Enrolment(self.keeping)
        self.spending = Spending(self.keeping)
        self.keeping.record(_left_behind, self.keeping.recorder.holder)
        self.spending.settle_left_over()

    @property
    def is_near(self) -> bool:
        """Whether it records in a file of this machine."""
        return not self.keeping.database.is_shared

    def judge(self, call: Call, *, needless: str = "") -> Permit | Hold | Refuse:
        """What would be said of a call now; nothing is recorded, and no yes is used up."""
        try:
            return self._weighed(call, needless, self.keeping.known())[0]
        except StoreError as error:
            return _unrecorded(error)

    def begin(self, call: Call, *, needless: str = "") -> Cleared | Held | Refuse:
        """Clear, hold or refuse a call.

        What is cleared with effect is recorded as intended before this returns, durably, and the yes or the
        rule by which it got through is used up: whoever is told that it is cleared is the only one.
        """
        try:
            for turn in range(TURNS):
                answer = self._begun(call, needless, anew=turn > 0)
                if answer is not AGAIN:
                    return answer  # type: ignore[no-any-return]
        except StoreError as error:
            return _unrecorded(error)
        return UNSETTLED

    def finish(
        self, cleared: Cleared, *, state: EffectState, ref: str = "", why: str = "", wait: bool = True
    ) -> None:
        """Say what became of an effect: done, surely not, or nobody knows.

        Whoever does not wait is not told whether it was recorded: it is within a moment. If the process dies
        before, nobody knows what became of the effect.

        Raises: StoreError where that can't be recorded now: it is as soon as it can be, and never made again.
        """
        if not cleared.recorded:
            return
        recorder = self.keeping.recorder
        work = partial(_finished, cleared.key, state, ref, why, EffectState.INTENDED)
        if not wait:
            recorder.soon(work)
            return
        try:
            recorder.record(work)
        except StoreError:
            recorder.soon(work)
            raise

    def settle(self, key: str, *, state: EffectState, ref: str = "", why: str = "") -> bool:
        """Say what became of an effect of which nobody knew; False where it is none of those.

        Raises: StoreError where that can't be recorded.
        """
        return bool(self.keeping.record(_finished, key, state, ref, why, EffectState.UNCONFIRMED))

    def effect(self, key: str) -> Effect | None:
        """What is known of an effect.

        Raises: StoreError where the database can't be asked.
        """
        self.keeping.recorder.settle()
        with self.keeping.database.read() as db:
            found = effects.intended(db, key)
        return None if found is None else found.effect

    def close(self) -> None:
        """Let go of everything."""
        self.keeping.close()

    def _begun(self, call: Call, needless: str, *, anew: bool) -> Any:
        known, now = self.keeping.known() if anew else self.keeping.latest_known(), self.keeping.now()
        answer, way = self._weighed(call, needless, known)
        if not (isinstance(answer, Permit) and call.tool.effect.has_effect):
            # What is recorded is held against what holds then; all else has to be, before it is said.
            last, known = known, self.keeping.known()
            if known is not last:
                answer, way = self._weighed(call, needless, known)
        if isinstance(answer, Hold):
            if way.asked is None:
                return self.keeping.record(self._ask, call, answer, known)
            if way.asked.approval.state is ApprovalState.OPEN:
                return Held(way.asked.approval, answer)
            answer = CLOSED[ApprovalState.REFUSED]
        if isinstance(answer, Refuse):
            self.keeping.record(_refused, _step_of(call, "refuse", answer, now), call.key)
            return answer
        if not call.tool.effect.has_effect:
            return Cleared(call=way.call, clause=answer.clause, recorded=False)
        policy = known.rules.version(call.agent)
        done = self.keeping.record(self._let_through, way, answer.clause, known, policy)
        if isinstance(done, Refuse):
            self.keeping.record(_refused, _step_of(call, "refuse", done, now), "")
        return done

    def _weighed(self, call: Call, needless: str, known: Known) -> Weighed:
        """What the rules say as things are, then with what a person said or a rule that stands."""
        agent = known.agents.get(call.agent)
        for wrong, refusal in (
            (agent is None, UNKNOWN),
            (agent is not None and agent.owner != call.owner, NOT_THE_OWNER),
            (repeated(call) is not None, REPEATED),
        ):
            if wrong:
                return refusal, Way(call)
        facts = Facts(
            day=day_of(self.keeping.today()),
            live=self.keeping.lifeline.live,
            stopped=known.is_stopped(call),
            affordable=self.spending.is_left(call, known),
            needless=needless,
        )
        answer = known.rules.may(call, facts)
        if not isinstance(answer, Hold):
            return answer, Way(call)
        with self.keeping.database.look() as db:
            asked = approvals.of_key(db, call.key)
        if asked is not None:
            return self._answered(call, facts, answer, known, asked)
        rule = self.standing.covering(call, self.keeping.today())
        if rule is not None:
            stands = known.rules.may(call, replace(facts, standing=True))
            if not isinstance(stands, Hold):
                return stands, Way(call, rule=rule)
        return answer, Way(call)

    def _answered(self, call: Call, facts: Facts, held: Hold, known: Known, asked: Asked) -> Weighed:
        """What the rules say now that a person was asked about exactly this call."""
        one, now = asked.approval, self.keeping.now()
        if one.canary or digest_of(call) not in {one.digest, asked.asked_digest}:
            return CHANGED, Way(call)
        if one.state in CLOSED:
            why = f": {one.reason}" if one.reason else ""
            return Refuse(CLOSED[one.state].clause, CLOSED[one.state].why + why), Way(call)
        if one.expires <= now:
            return CLOSED[ApprovalState.EXPIRED], Way(call)
        if one.state is ApprovalState.OPEN:
            return held, Way(call, asked)
        may = one.by is not None and (one.needs is Approver.OWNER or known.may_say_yes(one.by, call.owner))
        made = call_of(asked.call) if one.edited else call
        again = known.rules.may(made, replace(facts, approved=one.needs if may else None))
        return again, Way(made, asked)

    def _ask(self, call: Call, hold: Hold, known: Known, db: Connection, entry: int) -> Any:
        """Ask a person, in one transaction with the step that says so."""
        if not self.keeping.still(known, db):
            return AGAIN
        policy = known.rules.version(call.agent)
        approval = self.approvals.ask(db, call, hold, policy)
        if approval is None:
            return AGAIN
        told.put_step(db, _step_of(call, "hold", hold, approval.asked))
        return Held(approval, hold)

    def _let_through(
        self, way: Way, clause: str, known: Known, policy: str, db: Connection, entry: int
    ) -> Said | Refuse | str:
        """Keep the effect and use up what let it through: all of it, or nothing."""
        call, now = way.call, self.keeping.now()
        if not self.keeping.still(known, db):
            return AGAIN
        content = again.content_of(call)
        asked = "" if way.asked is None else way.asked.approval.id
        effect = _effect_of(call, clause, asked, now)
        kept = Intended(
            effect=effect,
            digest=digest_of(call),
            content=content,
            does=call.tool.effect,
            holder=self.keeping.recorder.holder,
            entry=entry,
            # Nobody looks back for a question, and what is asked of a model is kept nowhere.
            arguments="" if call.tool.effect is EffectClass.ASK else arguments_of(call),
        )
        if not effects.intend(db, kept):
            return TWICE
        refused: Refuse | str | None = None
        if again.said_before(db, call, content, now):
            refused = DUPLICATE
        elif way.asked is not None:
            used = (ApprovalState.APPROVED, ApprovalState.USED)
            refused = None if approvals.close(db, asked, *used, now) else AGAIN
        elif way.rule is not None:
            refused = None if uses_up(db, way.rule, now.date()) else AGAIN
        else:
            refused = said_before(db, call, now)
        if refused is not None:
            effects.take_back(db, call.key)
            return refused
        cleared = Cleared(call=call, clause=clause, recorded=True, approval=asked, entry=entry)
        return Said(_entry_of(kept, policy), cleared)


def _finished(
    key: str,
    state: EffectState,
    ref: str,
    why: str,
    old: EffectState,
    db: Connection,
    entry: int,
) -> bool:
    return effects.finish(db, key, state, old=old, ref=ref, why=why)


def _left_behind(holder: str, db: Connection, entry: int) -> int:
    """What this log's last process began and did not finish is unconfirmed: never tried again."""
    left = effects.left(db, EffectState.INTENDED, holder)
    for one in left:
        why = "the process ended before it was known"
        effects.finish(db, one.effect.key, EffectState.UNCONFIRMED, old=EffectState.INTENDED, why=why)
    return len(left)


def _refused(step: told.Step, key: str, db: Connection, entry: int) -> None:
    """Keep the step; a yes that the rules no longer bear is good for nothing, whatever they say later."""
    told.put_step(db, step)
    asked = approvals.of_key(db, key) if step.clause not in PASSING else None
    if asked is not None:
        approvals.close(db, asked.approval.id, ApprovalState.APPROVED, ApprovalState.REFUSED, None)


def _step_of(call: Call, verdict: str, said: Hold | Refuse, now: Any) -> told.Step:
    return told.Step(
        run=call.run,
        number=call.number,
        agent=call.agent,
        owner=call.owner,
        tool=call.tool.id,
        does=call.tool.effect,
        verdict=verdict,
        clause=said.clause,
        why=said.why,
        at=now,
    )


def _effect_of(call: Call, clause: str, approval: str, now: Any) -> Effect:
    return Effect(
        key=call.key,
        agent=call.agent,
        owner=call.owner,
        tool=call.tool.id,
        cause=call.cause or Cause(CauseKind.REQUEST, ""),
        at=now,
        state=EffectState.INTENDED,
        to=tuple(name for name, _ in destinations(call)),
        clause=clause,
        approval=approval,
    )


def _entry_of(kept: Intended, policy: str) -> dict[str, str | int | None]:
    """What the log says of an effect: neither whose the agent is, nor what is in it, nor where it goes."""
    effect = kept.effect
    return {
        "what": "effect",
        "key": effect.key,
        "agent": effect.agent,
        "tool": effect.tool,
        "digest": kept.digest,
        "cause": effect.cause.kind.value,
        "clause": effect.clause,
        "approval": effect.approval,
        "policy": policy,
        "at": f"{effect.at:%Y-%m-%dT%H:%M:%SZ}",
    }


def _unrecorded(error: StoreError) -> Refuse:
    return Refuse(error.code, f"It can't be recorded right now, so nothing is done: {error.message}.")
