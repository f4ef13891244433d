"""What is said with the agents' process and the command line, and what pages ask of either."""

import inspect
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, get_type_hints

import msgspec

from counterfoil.agents.wire import (
    SECONDS,
    Answered,
    AnyMessage,
    Asked,
    Asker,
    Beat,
    Failed,
    Kept,
    Later,
    Message,
    Names,
    Rows,
    State,
    WireError,
    raw,
)
from counterfoil.app.server.agents import rows
from counterfoil.app.server.agents.asking import asker_of
from counterfoil.app.server.agents.state import State as Signed
from counterfoil.app.server.agents.switching import SWITCHES, Switches
from counterfoil.app.server.desk import Desk
from counterfoil.guard.aliases import person_of
from counterfoil.guard.guarded import Guarded
from counterfoil.store.batches import BatchLog
from counterfoil.terms.error import CounterfoilError, SourceError, StoreError
from counterfoil.terms.ids import Pseudonym

if TYPE_CHECKING:
    from counterfoil.app.server.agents.listening import Connection

MOST_NAMES, LONGEST_NAME = 1_000, 198
FAILED = "counterfoil_agents_failures_total"
SERVERS = frozenset({"to_tell", "hooked"})
"""What the server alone asks: it says who owns what, or takes what is delivered to the server."""
Parameters = ParamSpec("Parameters")
Told = TypeVar("Told")


class AgentsAway(StoreError):
    """The agents' process is not there, or does not answer."""

    def __init__(self) -> None:
        hint = "start it with: counterfoil agent run --agents DIR --socket PATH"
        super().__init__(
            "agents-away", "the agents' process does not answer, so agents do nothing", hint=hint
        )


class Talk:
    """Both ends of every sentence; heartbeats are answered at once, all else beside them."""

    def __init__(
        self,
        desk: Desk,
        log: BatchLog,
        state: Signed,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._desk, self._log, self._state, self._now = desk, log, state, now
        self._switches = Switches(desk, state, now, lambda: self.nudge())
        self._lock = Lock()
        self._number = 0
        self._waiting: dict[int, Future[msgspec.Raw]] = {}
        self._agents: Connection | None = None
        self._heard = 0.0
        self._owners: Sequence[Pseudonym] = ()
        self._looking = False
        self.path = Path()
        """Where the socket is."""
        self.same_user = True
        """Whether the agents' process runs as the same user of the machine."""
        self.says = ""
        """What the pages say of all agents besides; empty where there is nothing to say."""
        self.nudge: Callable[[], None] = lambda: None
        self.tells = False
        """Whether people are told by mail what waits for them."""

    @property
    def key(self) -> str:
        """The verifier key of what the server signs."""
        return self._state.key

    @property
    def is_there(self) -> bool:
        """Whether the agents' process is connected, and was heard of just now."""
        return self._agents is not None and time.monotonic() - self._heard < SECONDS

    def came(self, connection: "Connection") -> None:
        """The agents' process is there."""
        self._agents, self._heard = connection, time.monotonic()

    def left(self, connection: "Connection") -> None:
        """It is gone; whoever waits for an answer is told so."""
        if self._agents is connection:
            self._agents = None
            with self._lock:
                waiting, self._waiting = self._waiting, {}
            for one in waiting.values():
                one.set_exception(AgentsAway())

    def ask(
        self,
        method: Callable[Concatenate[Any, Asker, Parameters], Told],
        asker: Asker,
        *args: Parameters.args,
        **named: Parameters.kwargs,
    ) -> Told:
        """Ask the office of the agents' process, by one of its methods.

        Raises: AgentsAway where it is not there; CounterfoilError as the office does.
        """
        bound = inspect.signature(method).bind(None, asker, *args, **named)
        given = {name: raw(value) for name, value in list(bound.arguments.items())[2:]}
        value = self._answer(method.__name__, asker, given)
        told: Told = msgspec.json.decode(value, type=get_type_hints(method)["return"])
        return told

    def take(self, connection: "Connection", told: AnyMessage) -> None:
        """Take a message.

        Raises: WireError where this side does not send it; OSError where it is gone.
        """
        beside: Callable[[], Message]
        match connection.part, told:
            case "agents", Beat():
                self._beat(connection, told)
                return
            case "agents", Answered() | Failed():
                self._answered(told)
                return
            case "agents", Rows():
                beside = partial(self._rows, told)
            case "agents", Names():
                beside = partial(self._names, told)
            case "console", Asked():
                beside = partial(self._asked, told)
            case _:
                raise WireError("this side does not say that")
        connection.worker.submit(self._reply, connection, beside)

    def _reply(self, connection: "Connection", beside: Callable[[], Message]) -> None:
        try:
            connection.send(beside())
        except (OSError, WireError):
            connection.cut()
        except Exception:
            # What nobody foresaw ends the connection, and not the thread that others wait for.
            self._desk.counters.count(FAILED, code="internal-error")
            connection.cut()
            raise

    def _beat(self, connection: "Connection", beat: Beat) -> None:
        self._heard, self._owners = time.monotonic(), beat.owners
        if self._state.must_look(beat.owners) and not self._looking:
            self._looking = True
            connection.worker.submit(self._look)
        try:
            connection.send(State(note=self._state.note(beat.nonce, beat.owners)))
        except CounterfoilError as error:
            # Without an answer the agents' side is not live, and does nothing.
            self._desk.counters.count(FAILED, code=error.code)

    def _look(self) -> None:
        try:
            self._state.look(self._owners)
        except CounterfoilError as error:
            self._desk.counters.count(FAILED, code=error.code)
        finally:
            self._looking = False
        self.nudge()

    def _rows(self, told: Rows) -> Message:
        try:
            rejected = rows.take(self._desk, self._log, told, self._now())
        except CounterfoilError as error:
            self._desk.counters.count(FAILED, code=error.code)
            return Later(number=told.number)
        return Kept(number=told.number, rejected=rejected)

    def _names(self, told: Names) -> Message:
        def known(g: Guarded) -> Sequence[Pseudonym]:
            found = g.keys.known(told.identities)
            return [person_of(g, who) if who else Pseudonym("") for who in found]

        if len(told.identities) > MOST_NAMES or any(len(one) > LONGEST_NAME for one in told.identities):
            return Failed(number=told.number, code="names", says="that is more than can be asked at a time")
        return self._held(told.number, known)

    def _held(self, number: int, done: Callable[[Guarded], Any]) -> Message:
        try:
            with self._desk.hold() as g:
                return Answered(number=number, value=raw(done(g)))
        except CounterfoilError as error:
            return Failed.of(error, number)

    def _asked(self, told: Asked) -> Message:
        """A question of the command line: of switches that the server holds, or of the office."""
        try:
            if told.name in SERVERS:
                raise SourceError("not-yours", "the server alone asks this", hint="see your agents")
            asker = asker_of(self._desk, told)
            if told.name in SWITCHES and self._switches.may(asker, told.arguments):
                value = raw(self._switches.turn(told.name, asker, told.arguments))
            else:
                value = self._answer(told.name, asker, told.arguments)
        except CounterfoilError as error:
            return Failed.of(error, told.number)
        return Answered(number=told.number, value=value)

    def turn(self, name: str, asker: Asker, arguments: Mapping[str, str]) -> None:
        """Switch something off or on for a page: here where the role may, else where its owner may.

        Raises: SourceError where nobody may; AgentsAway where the owner's word can't be heard.
        """
        given = {key: raw(value) for key, value in arguments.items()}
        if self._switches.may(asker, given):
            self._switches.turn(name, asker, given)
        else:
            self._answer(name, asker, given)

    def _answer(self, name: str, asker: Asker, arguments: Mapping[str, msgspec.Raw]) -> msgspec.Raw:
        agents = self._agents
        if agents is None:
            raise AgentsAway
        answered: Future[msgspec.Raw] = Future()
        with self._lock:
            self._number += 1
            number = self._number
            self._waiting[number] = answered
        try:
            agents.send(Asked(number=number, name=name, asker=asker, arguments=arguments))
            return answered.result(SECONDS)
        except (OSError, TimeoutError) as error:
            raise AgentsAway from error
        finally:
            with self._lock:
                self._waiting.pop(number, None)

    def _answered(self, told: Answered | Failed) -> None:
        with self._lock:
            waiting = self._waiting.pop(told.number, None)
        if waiting is None:
            return
        if isinstance(told, Failed):
            waiting.set_exception(told.error)
        else:
            waiting.set_result(told.value)
