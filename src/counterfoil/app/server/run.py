"""Starts the organisation's server, and keeps it until it is stopped."""

import asyncio
import signal
import socket
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, AsyncExitStack, closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from counterfoil.app.directory import opened
from counterfoil.app.door.session import Sessions
from counterfoil.app.intake.inlet import Inlet
from counterfoil.app.local import needs_server
from counterfoil.app.period import today
from counterfoil.app.printed import Printed
from counterfoil.app.progress import Meter
from counterfoil.app.server.desk import Desk
from counterfoil.app.server.reach import Reach
from counterfoil.guard.guarded import Guarded
from counterfoil.show.exported import written

if TYPE_CHECKING:
    from counterfoil.app.server.agents.talk import Talk
    from counterfoil.app.server.example import Known
    from counterfoil.app.server.this_machine import ThisMachine

EVERY = 20.0
"""Seconds between two looks at what arrived."""
MOST_CONNECTIONS = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What is served: a data directory, or a company that is invented and gone after."""

    data: Path | None
    example: bool
    people: int | None
    report: bool = False
    """Whether to show, beside what is invented, the report on this machine."""

    def check(self) -> None:
        """Stop where it is both or neither.

        Raises: UsageError.
        """
        if (self.data is None) != self.example:
            says = "name a data directory with --data, or look at an invented one with --example"
            raise click.UsageError(says)
        if self.people is not None and not self.example:
            raise click.UsageError("--people is for --example")
        if self.report and not self.example:
            raise click.UsageError("--report is for --example: an organisation's server has nothing of yours")


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentsAt:
    """Where the agents' process comes in."""

    socket: Path | None = None
    """In the data directory where none is named."""
    user: str = ""
    """As which user of the machine; the server's own where none is named."""


HERE = AgentsAt()


def run_serve(
    served: Served,
    *,
    port: int,
    inlet: Inlet,
    reach: Reach,
    every: float,
    as_json: bool,
    agents: AgentsAt = HERE,
) -> int:
    """Serve a data directory, made where it is missing, or an invented company, until it is stopped."""
    served.check()
    needs_server()
    reach.check()
    inlet.check()
    if served.report and not (reach.is_here_alone and inlet.is_here_alone):
        raise click.UsageError("--report stays on this machine: leave out what opens the server to others")
    from counterfoil.app.server.agents.opened import agents_open
    from counterfoil.app.server.example import known_guests
    from counterfoil.app.server.notices.outgoing import Outgoing
    from counterfoil.app.server.notices.telling import told
    from counterfoil.store.batches import BatchLog

    machine = _this_machine(as_json=as_json) if served.report else None
    with (
        _stands_open(served) as (g, folder),
        BatchLog(folder) as log,
        suppress(KeyboardInterrupt),
    ):
        guests = known_guests(g.keys) if served.example else None
        desk, shown = Desk(g), _Shown(guests, machine)
        outgoing = Outgoing.of(folder)
        with agents_open(desk, log, folder, path=agents.socket, user=agents.user) as talk:
            bound = reach.bound(port)
            address = partial(reach.address, bound.getsockname()[1])
            with _agents_of(guests, folder, talk), told(desk, talk, outgoing, address):
                asyncio.run(
                    _serving(desk, log, bound, inlet, reach, shown, talk, every=every, as_json=as_json)
                )
    end = Printed()
    end.words("stopped")
    return end.done(None)


def _agents_of(
    guests: "Mapping[str, Known] | None", data: Path, talk: "Talk"
) -> AbstractContextManager[None]:
    """The agents of an invented employee; everybody else starts their own process."""
    owner = None if guests is None else guests["employee"].who
    if owner is None:
        return nullcontext()
    from counterfoil.app.server.agents.example.making import agents_made

    return agents_made(data, talk, owner)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What an example shows that an organisation's server has not."""

    guests: "Mapping[str, Known] | None"
    machine: "ThisMachine | None"

    def path(self, sessions: Sessions) -> str:
        """Where to begin."""
        if self.machine is not None:
            return self.machine.way_in()
        return "/example" if self.guests else f"/enter/{sessions.link()}"


def _this_machine(*, as_json: bool) -> "ThisMachine":
    """The report on this machine, said as `report` says it, and as a page."""
    from counterfoil.app.reporting import report_here, said
    from counterfoil.app.server.this_machine import ThisMachine

    released = report_here()
    if not as_json:
        said(released)
    return ThisMachine(released)


@contextmanager
def _stands_open(served: Served) -> Iterator[tuple[Guarded, Path]]:
    """What stands behind the gate, with its folder."""
    from counterfoil.app.server.example import PEOPLE, invented

    if served.data is None:
        with Meter() as meter, invented(served.people or PEOPLE, today(), meter) as found:
            yield found
    else:
        with opened(served.data, make=True) as g:
            yield g, served.data


async def _serving(
    desk: Desk,
    log: Any,
    bound: socket.socket,
    inlet: Inlet,
    reach: Reach,
    shown: _Shown,
    talk: "Talk",
    *,
    every: float,
    as_json: bool,
) -> None:
    """Listen on every port, say where, and go on until a signal comes."""
    from counterfoil.app.intake.grpc import grpc_server
    from counterfoil.app.intake.listening import Listening
    from counterfoil.app.intake.senders import Senders
    from counterfoil.app.intake.taking import Intake
    from counterfoil.app.server.compacting import Compactor
    from counterfoil.app.server.site import Site

    sessions = Sessions()
    intake = Intake(log, Senders(desk, need_token=inlet.need_token))
    compactor = Compactor(desk, log)
    async with AsyncExitStack() as open_now:
        open_now.enter_context(closing(bound))
        otlp = open_now.enter_context(closing(inlet.bound()))
        listening = Listening(intake, otlp)
        open_now.push_async_callback(asyncio.to_thread, listening.close)
        grpc, grpc_port = await grpc_server(listening, intake.senders, inlet.address(inlet.grpc))
        open_now.push_async_callback(grpc.stop, 3)
        number = bound.getsockname()[1]
        address, hosts, provider = reach.address(number), reach.hosts(number), reach.provider(number)
        endpoint = f"http://{inlet.address(otlp.getsockname()[1])}"
        site = Site(
            desk,
            sessions,
            hosts=hosts,
            scheme=address.partition(":")[0],
            provider=provider,
            guests=shown.guests,
            endpoint=endpoint,
            machine=shown.machine,
            agents=talk,
        )
        server = _server(site, bound, proxy=reach.proxy)
        compacting = asyncio.create_task(compactor.run(every))
        serving = asyncio.create_task(server.serve(sockets=[bound]))
        begin, grpc_endpoint = f"{address}{shown.path(sessions)}", f"http://{inlet.address(grpc_port)}"
        where = {"address": begin, "otlp_http": endpoint, "otlp_grpc": grpc_endpoint}
        where["agents"] = str(talk.path)
        _told(where, shown, as_json=as_json)
        await _until_stopped(desk, compacting)
        compactor.stop()
        server.should_exit = True
        await grpc.stop(3)
        await asyncio.gather(serving, asyncio.to_thread(listening.close))
        await _cancelled(compacting)
        if desk.broken is not None:
            raise desk.broken
        await asyncio.to_thread(compactor.once)


async def _cancelled(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _server(site: Any, bound: socket.socket, *, proxy: str = "") -> Any:
    import uvicorn

    class Quiet(uvicorn.Server):
        """A server that leaves signals to whoever runs several of them."""

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            """Leave them."""
            yield

    return Quiet(
        uvicorn.Config(
            site,
            log_config=None,
            access_log=False,
            server_header=False,
            interface="asgi3",
            lifespan="off",
            ws="none",
            proxy_headers=bool(proxy),
            forwarded_allow_ips=proxy or None,
            limit_concurrency=MOST_CONNECTIONS,
            timeout_graceful_shutdown=3,
        )
    )


async def _until_stopped(desk: Desk, going_on: "asyncio.Task[None]") -> None:
    """Wait for a signal, for a promise that is broken, or the end of what may not end: nothing may go on."""
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()
    going_on.add_done_callback(lambda _: stopped.set())
    desk.ended = partial(loop.call_soon_threadsafe, stopped.set)
    if desk.broken is not None:
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()


def _told(where: dict[str, str], shown: _Shown, *, as_json: bool) -> None:
    printed = Printed()
    if shown.guests is None:
        printed.words("The first link signs you in once, as the operator of this machine. Stop with Ctrl-C.")
    else:
        printed.words("Everybody in it is invented, and it is gone when it is stopped. Stop with Ctrl-C.")
    if shown.machine is not None:
        printed.words(
            "Apart from it, the link shows this machine's report, once, to the browser that opens it."
        )
    if not as_json:
        printed.words(
            f"Telemetry: OTLP over HTTP at {where['otlp_http']}, over gRPC at {where['otlp_grpc']}."
        )
    printed.data(written(where) if as_json else where["address"])
    printed.done(None)
