"""What may be known of agents: their owner all, an approver the card, whoever watches counts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from counterfoil.agents.accounts import Accounts
from counterfoil.agents.attention import Attention, attention
from counterfoil.agents.budget import budget_of
from counterfoil.agents.definition.load import still_made
from counterfoil.agents.definition.written import Definition
from counterfoil.agents.events import lines
from counterfoil.agents.gate import Gate
from counterfoil.agents.hearing import Hearing
from counterfoil.agents.keeping import EVERYTHING
from counterfoil.agents.link import Link
from counterfoil.agents.living import Living, NoRuns
from counterfoil.agents.outbox import Outbox
from counterfoil.agents.reconcile import Difference, reconciled
from counterfoil.agents.shown import (
    AccountsShown,
    AgentLine,
    AgentShown,
    CardLine,
    CardShown,
    Counts,
    FieldShown,
    Health,
    KindShown,
    NoteShown,
    RunLine,
    RunShown,
    Spent,
    StepShown,
    Waiting,
)
from counterfoil.agents.wire import Asker
from counterfoil.agents.written import call_of
from counterfoil.guard.acting.judge import destinations
from counterfoil.store.agents import approvals, effects, followed, granted, spending, told
from counterfoil.store.agents.granted import Enrolled
from counterfoil.terms.agent import AgentId, RunId, Stop
from counterfoil.terms.ask import Role
from counterfoil.terms.effect import ApprovalState, Approver, EffectState, Run, RunState
from counterfoil.terms.error import SourceError
from counterfoil.terms.ids import MicroUsd, Pseudonym
from counterfoil.terms.release import Refuse
from counterfoil.terms.tool import ArgumentRole, ConnectorId

MOST_RUNS = 100
MOST_EVENTS = 1_000
UNDER_WAY = frozenset({RunState.QUEUED, RunState.RUNNING, RunState.WAITING})
WATCHING = frozenset({Role.OPERATOR, Role.ADMIN, Role.DPO})
"""Who sees counts, and may switch off."""
Answer = TypeVar("Answer")


@dataclass(slots=True, kw_only=True)
class Reading:
    """Everything that is asked and changes nothing."""

    gate: Gate
    hearing: Hearing
    outbox: Outbox
    living: Living = field(default_factory=NoRuns)
    systems: Accounts | None = None
    """What owners connected."""
    link: Link | None = None
    """Once there is one."""

    def health(self, asker: Asker) -> Health:
        """How the process itself stands; for anybody."""
        return Health(
            live=self.hearing.live,
            trouble=self.hearing.trouble,
            same_user=self.link is None or self.link.same_user,
            ceiling=self.hearing.ceiling_version,
            runs=not isinstance(self.living, NoRuns),
            outbox=self.outbox.waiting,
        )

    def agents(self, asker: Asker) -> Sequence[AgentLine]:
        """The agents of whoever asks, by name.

        Raises: SourceError where nobody asks; StoreError where the database can't be asked.
        """
        who = person(asker)
        known = self.gate.keeping.known()
        mine = sorted(agent.id for agent in known.agents.values() if agent.owner == who)
        with self.gate.keeping.database.read() as db:
            asked = approvals.in_state(db, ApprovalState.OPEN, who)
            last = {agent: spending.runs(db, agent=agent, most=1) for agent in mine}
        return [
            AgentLine(
                id=agent,
                purpose=made.purpose if (made := self._made(agent)) else "",
                scripted=bool(made and made.is_scripted),
                is_stopped=not known.stops.isdisjoint((EVERYTHING, f"agent:{agent}", f"owner:{who}")),
                waiting=sum(one.approval.agent == agent for one in asked),
                last=last[agent][0].began if last[agent] else None,
            )
            for agent in mine
        ]

    def agent(self, asker: Asker, agent: AgentId) -> AgentShown:
        """One agent, to its owner.

        Raises: SourceError where it is somebody else's; StoreError where the database can't be asked.
        """
        mine = self._mine(asker, agent)
        known, now = self.gate.keeping.known(), self.gate.keeping.now()
        budget = budget_of(known, agent)
        scopes = {"day": f"day:{agent}:{now:%Y-%m-%d}", "month": f"month:{agent}:{now:%Y-%m}"}
        with self.gate.keeping.database.read() as db:
            spent = spending.spent(db, list(scopes.values()))
            grants = [grant for grant in granted.grants(db) if grant.agent == agent]
            standing = [rule for rule in granted.all_standing(db, mine.owner) if rule.agent == agent]
        version, text = self.living.definition(agent) or (0, "")
        made = still_made(text)
        of = {name: spent[scope] for name, scope in scopes.items()}
        return AgentShown(
            id=agent,
            version=version,
            definition=text,
            scripted=bool(made and made.is_scripted),
            grants=grants,
            standing=standing,
            stops=self._stops(f"agent:{agent}", f"owner:{mine.owner}", *_connectors(grants)),
            budget=budget,
            today=Spent(spent=of["day"].spent, may=budget.day, is_floor=of["day"].floor),
            month=Spent(spent=of["month"].spent, may=budget.month, is_floor=of["month"].floor),
            notes=len(self.living.notes(agent)),
            ceilings=[ceiling.name for ceiling in known.above(mine.owner)],
        )

    def runs(self, asker: Asker, agent: AgentId) -> Sequence[RunLine]:
        """The latest runs of an agent, to its owner.

        Raises: SourceError where it is somebody else's; StoreError where the database can't be asked.
        """
        self._mine(asker, agent)
        return [RunLine.of(run) for run in self.gate.spending.runs(agent, most=MOST_RUNS)]

    def run(self, asker: Asker, run: RunId) -> RunShown:
        """One run's record, to the owner of its agent.

        Raises: SourceError where it is somebody else's; StoreError where the database can't be asked.
        """
        found = self._my_run(asker, run)
        with self.gate.keeping.database.read() as db:
            done, held = effects.of_run(db, run), told.steps(db, run)
            fates = followed.of(db, [one.key for one in done])
        steps = self.living.steps(run) or [_step(one) for one in held]
        made = self._made(found.agent, found.version)
        return RunShown(
            run=RunLine.of(found),
            scripted=bool(made and made.is_scripted),
            said=self.living.said(run),
            steps=steps,
            effects=done,
            fates={one.key: one.fate.value for one in fates},
        )

    def replay(self, asker: Asker, run: RunId) -> Sequence[str]:
        """What of a run would be judged otherwise today, to the owner of its agent; nothing is done.

        Raises: SourceError where it is somebody else's; StoreError where the database can't be asked.
        """
        self._my_run(asker, run)
        return self.living.replay(run)

    def waiting(self, asker: Asker) -> Waiting:
        """What waits for a yes of whoever asks.

        Raises: SourceError where nobody asks; StoreError where the database can't be asked.
        """
        asked = self.gate.approvals.open_for(person(asker))
        return Waiting(
            as_owner=[CardLine.of(one) for one in asked if one.needs is Approver.OWNER],
            as_other=[CardLine.of(one) for one in asked if one.needs is Approver.OTHER],
            planted_one_in=self.gate.keeping.known().one_in(),
        )

    def card(self, asker: Asker, approval: str) -> CardShown:
        """A card, to whoever may answer it; that it was looked at counts.

        Raises: SourceError where somebody else has to answer; StoreError where that can't be recorded.
        """
        card = checked(self.gate.approvals.card(approval, person(asker)))
        one_in = self.gate.keeping.known().one_in()
        return CardShown(card=card, may_stand=self._may_stand(approval), planted_one_in=one_in)

    def memory(self, asker: Asker, agent: AgentId) -> Sequence[NoteShown]:
        """What an agent noted down, to its owner; then what of it was put aside.

        Raises: SourceError where it is somebody else's; StoreError where the database can't be asked.
        """
        self._mine(asker, agent)
        return [*self.living.notes(agent), *self.living.notes(agent, aside=True)]

    def accounts(self, asker: Asker) -> AccountsShown:
        """The systems that whoever asks connected, and what can be connected; nothing that was entered.

        Raises: SourceError where nobody asks; StoreError where the database can't be asked.
        """
        kinds = [
            KindShown(
                name=kind.name,
                connector=kind.connector,
                says=kind.says,
                fields=[
                    FieldShown(
                        name=one.name,
                        says=one.says,
                        secret=one.secret,
                        default=one.default,
                        may_be_empty=one.may_be_empty,
                    )
                    for one in kind.wants
                ],
            )
            for kind in self._accounts().kinds.values()
        ]
        who = person(asker)
        connected = self._accounts().connected(who)
        return AccountsShown(
            connected=connected,
            kinds=kinds,
            troubles=self.living.troubles(who),
            slack=self.living.slack(who) if ConnectorId("slack") in connected else "",
        )

    def reconcile(self, asker: Asker) -> Sequence[Difference]:
        """What does not fit between the systems that whoever asks connected and what their agents did.

        Raises: SourceError where nobody asks; StoreError where log or database can't be read.
        """
        who, systems = person(asker), self._accounts()
        found = {name: systems.system(who, name) for name in systems.connected(who)}
        return reconciled(self.gate, who, {name: one for name, one in found.items() if one is not None})

    def _accounts(self) -> Accounts:
        if self.systems is None:
            raise SourceError("no-accounts", "this process connects to no system", hint="start it anew")
        return self.systems

    def counts(self, asker: Asker) -> Counts:
        """How many agents and runs there are in the organisation, to those who watch over them.

        Raises: SourceError where somebody else asks; StoreError where the database can't be asked.
        """
        if WATCHING.isdisjoint(asker.roles):
            says = "counts of all agents are for the operator, administration and data protection"
            raise SourceError("not-yours", says, hint="ask one of them")
        known = self.gate.keeping.known()
        # A month that is over: of one that goes on, two looks would tell of the answer between them.
        before = self.gate.keeping.now().replace(day=1) - timedelta(days=1)
        month = attention(self.gate.keeping, before)
        with self.gate.keeping.database.read() as db:
            runs = spending.runs(db, most=10_000)
            open_now = approvals.in_state(db, ApprovalState.OPEN)
            unconfirmed = effects.left(db, EffectState.UNCONFIRMED)
        return Counts(
            agents=len(known.agents),
            under_way=sum(run.state in UNDER_WAY for run in runs),
            waiting=sum(not one.approval.canary for one in open_now),
            unconfirmed=len(unconfirmed),
            stops=len(known.stops),
            attention=month if isinstance(month, Attention) else None,
        )

    def events(self, asker: Asker, since: datetime) -> Sequence[str]:
        """What was let through, held and refused from a moment on, as OCSF events; to those who watch.

        Some at a time, oldest first: the last one's moment is where to ask on. None names a person.

        Raises: SourceError where somebody else asks; StoreError where the database can't be asked.
        """
        if WATCHING.isdisjoint(asker.roles):
            says = "events of all agents are for the operator, administration and data protection"
            raise SourceError("not-yours", says, hint="ask one of them")
        keeping = self.gate.keeping
        return list(islice(lines(keeping, since, keeping.now() + timedelta(minutes=1)), MOST_EVENTS))

    def stops(self, asker: Asker) -> Sequence[Stop]:
        """What is switched off of agents of whoever asks, of connectors, and by the server.

        What owners switched off of their own is told to those who watch as a count, and as nobody's.

        Raises: StoreError where the database can't be asked.
        """
        mine = {f"agent:{one.id}" for one in self._agents_of(asker.who)} | {f"owner:{asker.who}", EVERYTHING}
        told, watching = self.hearing.stops_told, not WATCHING.isdisjoint(asker.roles)
        own = [stop for stop in self.gate.switches.all() if stop.what in mine]
        return [*(s for s in told if watching or s.what in mine or s.what.startswith("connector:")), *own]

    def _agents_of(self, who: Pseudonym | None) -> Sequence[Enrolled]:
        return [agent for agent in self.gate.keeping.known().agents.values() if agent.owner == who]

    def _mine(self, asker: Asker, agent: AgentId) -> Enrolled:
        """An agent of whoever asks; that somebody else has one of that name is not said.

        Raises: SourceError where they have none.
        """
        found = self.gate.keeping.known().agents.get(agent)
        if found is None or found.owner != person(asker):
            raise SourceError("no-such-agent", "you have no agent of that name", hint="see your agents")
        return found

    def _my_run(self, asker: Asker, run: RunId) -> Run:
        mine = {agent.id for agent in self._agents_of(person(asker))}
        with self.gate.keeping.database.read() as db:
            found = spending.run(db, run)
        if found is None or found.agent not in mine:
            raise SourceError("no-such-run", "no agent of yours has a run of that name", hint="see its runs")
        return found

    def _made(self, agent: AgentId, version: int | None = None) -> Definition | None:
        found = self.living.definition(agent, version)
        return None if found is None else still_made(found[1])

    def _stops(self, *names: str) -> Sequence[Stop]:
        wanted = {*names, EVERYTHING}
        found = [*self.hearing.stops_told, *self.gate.switches.all()]
        return [stop for stop in found if stop.what in wanted]

    def _may_stand(self, approval: str) -> bool:
        with self.gate.keeping.database.read() as db:
            asked = approvals.by_id(db, approval)
        if asked is None or asked.approval.needs is not Approver.OWNER or not asked.call:
            return False
        call = call_of(asked.call)
        roles = {spec.role for spec in call.tool.arguments.values()}
        return call.tool.reversible and ArgumentRole.TEXT not in roles and bool(destinations(call))


def person(asker: Asker) -> Pseudonym:
    """Who asks.

    Raises: SourceError where it is the operator, who owns no agent.
    """
    if asker.who is None:
        hint = "sign in as yourself, or name your secret with --secret"
        raise SourceError("nobody", "only somebody who is known owns agents and answers for them", hint=hint)
    return asker.who


def checked(answer: Answer | Refuse, *, hint: str = "look at it again") -> Answer:
    """An answer that is no refusal.

    Raises: SourceError with the clause and its words.
    """
    if isinstance(answer, Refuse):
        raise SourceError(answer.clause, answer.why.rstrip("."), hint=hint)
    return answer


def _step(one: told.Step) -> StepShown:
    return StepShown(
        number=one.number,
        kind="call",
        tool=one.tool,
        verdict=one.verdict,
        clause=one.clause,
        why=one.why,
        label="",
        spent=MicroUsd(0),
        effect="",
        times=one.times,
    )


def _connectors(grants: Sequence[object]) -> Sequence[str]:
    tools: Sequence[str] = [getattr(grant, "tool", "") for grant in grants]
    return sorted({f"connector:{tool.partition('/')[0]}" for tool in tools})
