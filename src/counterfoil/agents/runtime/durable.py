"""DBOS behind the engine's interface: SQLite by default, PostgreSQL by address."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import wait
from contextlib import ExitStack
from threading import Lock
from typing import Any

from dbos import DBOS, DBOSConfig, SetWorkflowID
from dbos._error import DBOSAwaitedWorkflowCancelledError, DBOSException
from dbos._event_loop import BackgroundEventLoop
from dbos._serialization import DBOSPortableJSONSerializer
from sqlalchemy import URL
from sqlalchemy.exc import SQLAlchemyError

from counterfoil.agents.runtime.engine import CLOSE, END, MODEL, Body, Carried
from counterfoil.terms.agent import RunId
from counterfoil.terms.error import StoreError

VERSION = "1"
"""Of the order of steps in a run, and not of the program: runs begun before an update go on after it."""
NAME = "counterfoil-agents"
WORKFLOW = "agent-run"
MOST_RECOVERIES = 20
"""A run that ends its process each time is left alone after that."""
ENDED_SECONDS = 1.0
"""How often a thread that waits looks whether there is still anybody to wait for."""
UNDER_WAY = {"PENDING", "ENQUEUED", "DELAYED"}
_ONE = Lock()


class Closing(BaseException):
    """The engine is closed; the run goes on when it is opened again."""


class DbosJournal:
    """The journal of the run that is under way in this task."""

    async def step(self, name: str, do: Callable[[], Any]) -> Any:
        """Do something in a thread of its own, once the journal does not have it."""
        return await DBOS.run_step_async({"name": name}, do)

    async def astep(self, name: str, do: Callable[[], Awaitable[Any]]) -> Any:
        """The same for what waits."""
        return await DBOS.run_step_async({"name": name}, _coroutine(do))

    async def told(self, topic: str, seconds: float) -> bool:
        """Wait for word about a topic."""
        return await DBOS.recv_async(topic=topic, timeout_seconds=seconds) is not None

    async def delegate(self, run: RunId) -> Any:
        """Begin another run, and wait for its end."""
        with SetWorkflowID(run):
            handle = await DBOS.start_workflow_async(_workflow(), run)
        try:
            return await handle.get_result()
        except DBOSAwaitedWorkflowCancelledError:
            return None


class DbosEngine:
    """The one engine of this process; DBOS knows no second one."""

    def __init__(self, address: URL, body: Body, *, executor: str = "one", quick: bool = False) -> None:
        """Open it, and take up whatever this executor had under way.

        Where several processes share a database, each is an executor of its own, the same after a restart.

        Raises: StoreError where its database can't be used, or there is an engine already.
        """
        if not _ONE.acquire(blocking=False):
            hint = "close the other one first"
            raise StoreError("runs-open", "this process carries runs already", hint=hint)
        _Current.engine, _Current.body, _Current.closing = self, body, False
        _workflow()
        config: DBOSConfig = {
            "name": NAME,
            "system_database_url": address.render_as_string(hide_password=False),
            "serializer": DBOSPortableJSONSerializer(),
            "application_version": VERSION,
            "executor_id": executor,
            "log_level": "CRITICAL",
            "enable_otlp": False,
            "notification_listener_polling_interval_sec": 0.02 if quick else 1.0,
        }
        with ExitStack() as undo:
            undo.callback(self.close)
            try:
                _keeps_quiet(logging.getLogger("dbos"))
                _outlives_its_loop(DBOS(config=config)._background_event_loop)
                DBOS.launch()
            except (DBOSException, SQLAlchemyError, OSError) as error:
                hint = "make room, or see that the database of runs is there; until then no agent runs"
                raise StoreError("runs-database", f"the database of runs: {error}", hint=hint) from error
            undo.pop_all()

    def begin(self, run: RunId) -> None:
        """Begin a run once; its id is that of the workflow."""
        with SetWorkflowID(run):
            DBOS.start_workflow(_workflow(), run)

    def tell(self, run: RunId, topic: str) -> None:
        """A message that waits until the run looks."""
        DBOS.send(run, "look", topic=topic)

    def cancel(self, run: RunId) -> None:
        """Not one step further, its delegates neither."""
        DBOS.cancel_workflow(run, cancel_children=True)

    def take_up(self, run: RunId) -> None:
        """From the step that ended it, under the same id."""
        DBOS.rewind_workflow(run, start_step=_place(DBOS.list_workflow_steps(run)))

    def carried(self, run: RunId) -> Carried:
        """Where DBOS has it."""
        status = DBOS.get_workflow_status(run)
        if status is None:
            return Carried.UNKNOWN
        if status.status in UNDER_WAY:
            return Carried.UNDER_WAY
        return Carried.ENDED if status.status == "SUCCESS" else Carried.BROKEN

    def close(self) -> None:
        """Stop; nothing is waited for, since everything can be taken up."""
        if _Current.engine is not self:
            return
        _Current.closing = True
        try:
            DBOS.destroy(destroy_registry=True)
        finally:
            _Current.engine = _Current.body = _Current.workflow = None
            _ONE.release()


class _Current:
    """What DBOS, of which there is one in a process, is to run."""

    engine: DbosEngine | None = None
    body: Body | None = None
    workflow: Callable[[str], Coroutine[Any, Any, Any]] | None = None
    closing: bool = False


def _workflow() -> Callable[[str], Coroutine[Any, Any, Any]]:
    if _Current.workflow is None:
        named = DBOS.workflow(name=WORKFLOW, max_recovery_attempts=MOST_RECOVERIES)
        _Current.workflow = named(_run)
    return _Current.workflow


async def _run(run: str) -> Any:
    body = _Current.body
    if body is None:
        raise RuntimeError("nothing says how a run goes")
    try:
        return await body(RunId(run), DbosJournal())
    finally:
        # DBOS would take a run that is cut off by our own end for one that failed, and leave it so.
        if _Current.closing:
            raise Closing


def _keeps_quiet(log: logging.Logger) -> None:
    """Let DBOS write nothing anywhere.

    It says every error with all that was in hand, and what was in hand is none of a log's business. Left to
    itself it also holds on to the standard error of its first moment, and fails once that is closed.
    """
    log.setLevel(logging.CRITICAL)
    log.handlers[:] = [logging.NullHandler()]
    log.propagate = False


def _outlives_its_loop(loop: BackgroundEventLoop) -> None:
    """Let no thread of DBOS wait for what its loop, which has ended meanwhile, will never do.

    DBOS waits without an end; and as long as one of its threads waits, the process does not end.
    """
    asked = loop.submit_coroutine

    def submit(coroutine: Coroutine[Any, Any, Any]) -> Any:
        running = loop.target_loop()
        if running is None or threading.current_thread() is loop._thread:
            return asked(coroutine)
        future = asyncio.run_coroutine_threadsafe(coroutine, running)
        while not wait([future], ENDED_SECONDS).done:
            if running.is_closed():
                coroutine.close()
                raise Closing
        if future.cancelled() and _Current.closing:
            raise Closing
        return future.result()

    loop.submit_coroutine = submit  # type: ignore[method-assign,assignment]


def _place(steps: Sequence[Any]) -> int:
    """Where a run goes on: at what ended it, or what was asked last; never before something that was done."""
    failed = [step for step in steps if END in _table(step["output"]) or step["error"] is not None]
    # What could not be kept can often not be closed either; it goes on where it began.
    ended = [step for step in failed if step["function_name"] != CLOSE] or failed
    if ended:
        return int(ended[-1]["function_id"])
    if any(step["function_name"] == CLOSE for step in steps):
        asked = [step for step in steps if step["function_name"] == MODEL]
        return int(asked[-1]["function_id"]) if asked else 1
    return max((int(step["function_id"]) for step in steps), default=0) + 1


def _table(output: Any) -> dict[str, Any]:
    return output if isinstance(output, dict) else {}


def _coroutine(do: Callable[[], Awaitable[Any]]) -> Callable[[], Any]:
    # DBOS runs what is no coroutine function in a thread, and then keeps the coroutine instead of its result.
    async def done() -> Any:
        return await do()

    return done
