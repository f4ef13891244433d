"""What pages and the command line ask of agents, with who asks: each is told what concerns them."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from counterfoil.agents.definition.load import definition_of
from counterfoil.agents.reading import Reading, checked, person
from counterfoil.agents.shown import Done, Hook, HookAnswer, Order, Rule, ToTell, WebhookShown
from counterfoil.agents.to_tell import to_tell
from counterfoil.agents.wire import Asker
from counterfoil.agents.written import call_of
from counterfoil.guard.acting.judge import destinations
from counterfoil.store.agents import approvals, granted, listened
from counterfoil.terms.agent import AgentId, Grant, RunId, Standing, Stop
from counterfoil.terms.effect import Approval, Approver, EffectState
from counterfoil.terms.error import SourceError
from counterfoil.terms.release import Permit
from counterfoil.terms.tool import ConnectorId

MOST_REASON = 1_000
CHANGED = "It is another call than the one on your page. Look at its card again."


class Office(Reading):
    """Everything that is asked, and everything that may be done."""

    def approve(self, asker: Asker, approval: str, digest: str) -> Done:
        """Say yes to exactly what the card showed, once.

        Raises: SourceError where it is another call by now, or somebody else has to answer; StoreError where
        it can't be recorded.
        """
        self._same(approval, digest)
        return self._decided(checked(self.gate.approvals.approve(approval, person(asker))))

    def deny(self, asker: Asker, approval: str, reason: str) -> Done:
        """Say no, and why.

        Raises: SourceError where there is no reason, or somebody else has to answer; StoreError where it
        can't be recorded.
        """
        said = reason[:MOST_REASON]
        return self._decided(checked(self.gate.approvals.deny(approval, person(asker), said)))

    def edit(self, asker: Asker, approval: str, arguments: Mapping[str, Any]) -> Done:
        """Say yes to other arguments, which are judged again.

        Raises: SourceError where that is not let through; StoreError where it can't be recorded.
        """
        return self._decided(checked(self.gate.approvals.edit(approval, person(asker), arguments)))

    def make_standing(self, asker: Asker, approval: str, digest: str, rule: Rule) -> Done:
        """Say yes, and let a narrow rule answer the like from now on: this tool, these destinations.

        Raises: SourceError where no such rule may stand; StoreError where it can't be recorded.
        """
        who = person(asker)
        self._same(approval, digest)
        with self.gate.keeping.database.read() as db:
            asked = approvals.by_id(db, approval)
        if asked is None or not asked.call or asked.approval.needs is not Approver.OWNER:
            hint = "answer each of them"
            raise SourceError("too-wide", "no rule of an owner can answer this", hint=hint)
        call = call_of(asked.call)
        standing = Standing(
            id=secrets.token_hex(6),
            agent=call.agent,
            tool=call.tool.id,
            to=tuple(dict.fromkeys(name for name, _ in destinations(call))),
            per_day=rule.per_day,
            until=rule.until,
            by=who,
        )
        refused = self.gate.standing.refused(standing, call.tool)
        checked(refused or Permit("standing"), hint="answer each of them")
        done = self._decided(checked(self.gate.approvals.approve(approval, who)))
        if not asked.approval.canary:
            # Of a planted call nothing may come, and no rule that lets its like through either.
            checked(self.gate.standing.make(standing, call.tool), hint="answer each of them")
        return done

    def end_standing(self, asker: Asker, rule: str) -> Done:
        """Let a rule stand no longer.

        Raises: SourceError where it is none of theirs; StoreError where it can't be recorded.
        """
        if not self.gate.standing.end(rule, person(asker)):
            raise SourceError("no-such-rule", "you made no rule of that name", hint="see your agent's rules")
        return Done(of=rule, state="ended")

    def stop(self, asker: Asker, what: str, why: str = "") -> Done:
        """Switch off an agent, or all agents, of whoever asks; what others may is the server's to do.

        Raises: SourceError where it is not theirs; StoreError where it can't be recorded.
        """
        self._check_mine(asker, what)
        at = self.gate.keeping.now().replace(second=0, microsecond=0)
        off = Stop(what=what, by=person(asker), at=at, why=why[:MOST_REASON])
        checked(self.gate.switches.off(off))
        return Done(of=what, state="off")

    def resume(self, asker: Asker, what: str) -> Done:
        """Switch it on again; what the server or another one switched off stays so.

        Raises: SourceError where it is not theirs; StoreError where it can't be recorded.
        """
        self._check_mine(asker, what)
        self.gate.switches.on(what)
        still = what in self.gate.keeping.known().stops
        return Done(of=what, state="off" if still else "on")

    def stop_run(self, asker: Asker, run: RunId, why: str = "") -> Done:
        """Let a run of one's own go no step further.

        Raises: SourceError where it is somebody else's; StoreError where it can't be recorded.
        """
        self._my_run(asker, run)
        checked(self.living.stop(run, why[:MOST_REASON] or "Its owner stopped it."))
        return Done(of=run, state="stopped")

    def resume_run(self, asker: Asker, run: RunId) -> Done:
        """Let a run of one's own go on where it ended.

        Raises: SourceError where it is somebody else's, or does not go on; StoreError where it can't be kept.
        """
        self._my_run(asker, run)
        checked(self.living.resume(run))
        return Done(of=run, state="queued")

    def begin(self, asker: Asker, agent: AgentId, said: str = "") -> Done:
        """Begin a run by hand.

        Raises: SourceError where it is somebody else's agent; StoreError where it can't be kept.
        """
        mine = self._mine(asker, agent)
        run = checked(self.living.begin(Order(agent=agent, owner=mine.owner, said=said)))
        return Done(of=run, state="queued")

    def keep(self, asker: Asker, definition: str) -> Done:
        """Keep a definition of an agent; a changed one is a new version, with the grants that it says.

        Raises: SourceError where it is none, or the name is another's; StoreError where it can't be kept.
        """
        agent, number = checked(self.living.keep(definition, person(asker)))
        if self.link is not None:
            self.link.wake()
        granted = {one.tool for one in self._grants(agent)}
        missing = [one.tool for one in definition_of(definition).grants if one.tool not in granted]
        without = f"; no system of yours has {', '.join(missing)}, so that is not granted" if missing else ""
        return Done(of=agent, state=f"version {number}{without}")

    def settle(self, asker: Asker, key: str, *, happened: bool) -> Done:
        """Say of an effect of one's own agent, of which nobody knew, whether it happened; a person looked.

        Raises: SourceError where it is none of those; StoreError where it can't be recorded.
        """
        effect = self.gate.effect(key)
        state = EffectState.DONE if happened else EffectState.FAILED
        if effect is None or effect.owner != person(asker) or not self.gate.settle(key, state=state):
            hint = "see the record of its run"
            raise SourceError("not-unconfirmed", "nothing of yours of that name is unconfirmed", hint=hint)
        return Done(of=key, state=state.value)

    def retire(self, asker: Asker, agent: AgentId) -> Done:
        """Take an agent of one's own away, with its grants and tokens; what it did stays known.

        Raises: SourceError where it is somebody else's; StoreError where it can't be recorded.
        """
        self._mine(asker, agent)
        self.gate.enrolment.retire(agent)
        return Done(of=agent, state="gone")

    def grant(
        self, asker: Asker, agent: AgentId, tool: str, to: tuple[str, ...], until: date | None = None
    ) -> Done:
        """Let an agent of one's own use a tool as it is described today, at these destinations.

        Raises: SourceError where it is somebody else's, or nobody has that tool; StoreError where it can't
        be recorded.
        """
        mine = self._mine(asker, agent)
        found = self.living.tool(agent, mine.owner, tool)
        if found is None:
            hint = "see the tools that its systems have"
            raise SourceError("no-such-tool", f"no system of this agent has {tool[:80]}", hint=hint)
        new = Grant(agent=agent, tool=tool, digest=found.digest, to=to, until=until)
        rest = [one for one in self._grants(agent) if one.tool != tool]
        checked(self.gate.enrolment.enrol(mine, [*rest, new]))
        return Done(of=tool, state="granted")

    def revoke(self, asker: Asker, agent: AgentId, tool: str) -> Done:
        """Take back what an agent of one's own may do with a tool, from the next call on.

        Raises: SourceError where it is somebody else's, or was not granted; StoreError where it can't be
        recorded.
        """
        mine, before = self._mine(asker, agent), self._grants(agent)
        rest = [one for one in before if one.tool != tool]
        if len(rest) == len(before):
            hint = "see its grants"
            raise SourceError("not-granted", f"{tool[:80]} is not granted to this agent", hint=hint)
        checked(self.gate.enrolment.enrol(mine, rest))
        return Done(of=tool, state="revoked")

    def remember(self, asker: Asker, agent: AgentId, name: str, text: str) -> Done:
        """Write or change a note of an agent of one's own.

        Raises: SourceError where it is somebody else's; StoreError where it can't be kept.
        """
        self._mine(asker, agent)
        self.living.write_note(agent, name, text)
        return Done(of=name, state="kept")

    def bring_back(self, asker: Asker, agent: AgentId, name: str) -> Done:
        """Let an agent of one's own read a note again that was put aside.

        Raises: SourceError where none was, or it is somebody else's.
        """
        self._mine(asker, agent)
        if not self.living.bring_back_note(agent, name):
            raise SourceError("no-such-note", "no note of that name was put aside", hint="see its notes")
        return Done(of=name, state="brought back")

    def forget(self, asker: Asker, agent: AgentId, name: str) -> Done:
        """Let nothing be left of a note of an agent of one's own, also where it was put aside.

        Raises: SourceError where there is none, or it is somebody else's.
        """
        self._mine(asker, agent)
        if not self.living.erase_note(agent, name):
            raise SourceError("no-such-note", "it has no note of that name", hint="see its notes")
        return Done(of=name, state="erased")

    def connect(self, asker: Asker, kind: str, entered: Mapping[str, str]) -> Done:
        """Connect an account of one's own: it is kept encrypted, and shown to nobody again.

        Raises: SourceError where something is missing or can't be taken; StoreError where it can't be kept.
        """
        return Done(of=self._accounts().connect(person(asker), kind, entered), state="connected")

    def disconnect(self, asker: Asker, connector: ConnectorId) -> Done:
        """Let nothing be left of an account of one's own.

        Raises: SourceError where there is none; StoreError where it can't be taken away.
        """
        who = person(asker)
        if not self._accounts().disconnect(who, connector):
            raise SourceError("no-such-account", "you connected no such system", hint="see your accounts")
        with self.gate.keeping.database.write() as db:
            listened.forget(db, who, connector)
        return Done(of=connector, state="disconnected")

    def webhook(self, asker: Asker, agent: AgentId) -> WebhookShown:
        """A new secret for the webhooks of an agent of one's own; the one before holds no longer.

        Raises: SourceError where it is somebody else's; StoreError where it can't be kept.
        """
        return checked(self.living.webhook(agent, self._mine(asker, agent).owner))

    def to_tell(self, asker: Asker) -> Sequence[ToTell]:
        """Everything that waits for a yes, with who may say it; for the server alone.

        Raises: StoreError where the database can't be asked.
        """
        self.gate.approvals.sweep()
        return to_tell(self.gate.keeping, self.living)

    def hooked(self, asker: Asker, hook: Hook) -> HookAnswer:
        """Take what was delivered to the server; nobody who has no signature sets anything off with it.

        Raises: StoreError where it can't be kept.
        """
        return self.living.hooked(hook)

    def _same(self, approval: str, digest: str) -> None:
        """Hold what is answered to what was shown.

        Raises: SourceError where it is another call by now.
        """
        found = self.gate.approvals.of(approval)
        if found is not None and found.digest != digest:
            raise SourceError("not-what-was-shown", CHANGED.rstrip("."), hint="open the card once more")

    def _decided(self, approval: Approval) -> Done:
        self.living.decided(approval.run)
        planted = approval.reason if approval.canary else ""
        return Done(of=approval.id, state=approval.state.value, planted=planted)

    def _check_mine(self, asker: Asker, what: str) -> None:
        kind, _, name = what.partition(":")
        if kind == "agent":
            self._mine(asker, AgentId(name))
        elif what != f"owner:{person(asker)}":
            says = "an owner switches their own agents off: agent:NAME"
            hint = "ask the operator, administration or data protection for anything else"
            raise SourceError("not-yours", says, hint=hint)

    def _grants(self, agent: AgentId) -> list[Grant]:
        with self.gate.keeping.database.read() as db:
            return [one for one in granted.grants(db) if one.agent == agent]
