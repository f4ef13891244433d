"""How the server is doing, for those who keep it up: whether it can answer, and its counts."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import anyio
from fastapi import APIRouter, Request, Response

from counterfoil import __version__
from counterfoil.app.server import api_forms as forms
from counterfoil.app.server.counters import line
from counterfoil.app.server.desk import Busy, Desk
from counterfoil.app.server.shown_token import ApiRoute, Credentials, Often, shown
from counterfoil.guard.catalogue import sizes
from counterfoil.guard.tokens import Scope
from counterfoil.terms.error import CounterfoilError, StoreError

LOOKED_SECONDS, LOOK_SECONDS = 5, 2
"""For how long what was seen holds, and how long a look may take."""
GLANCE_SECONDS = 1.0
EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"
PLAIN = {"text/plain": {"schema": {"type": "string"}}}


def router(desk: Desk) -> APIRouter:
    """What a monitor asks for."""
    upkeep = APIRouter(route_class=ApiRoute, tags=["upkeep"])
    health, often, began = Health(desk), Often(), time.time()

    @upkeep.get(
        "/healthz",
        summary="Whether the server can answer",
        response_class=Response,
        responses={
            200: {"description": "It can.", "content": {"text/plain": {"example": "ok\n"}}},
            503: {"description": "Why it can't.", "content": PLAIN},
        },
    )
    async def healthy() -> Response:
        """Look at the keys, the log and the disk; it waits for nobody who is being answered."""
        trouble = await health.trouble()
        if trouble is None:
            return Response("ok\n", media_type="text/plain")
        return Response(f"{trouble.code}: {trouble.message}\n", 503, {"Retry-After": "10"}, "text/plain")

    @upkeep.get(
        "/metrics",
        summary="Counts of the server itself",
        response_class=Response,
        responses={
            200: {"description": "Prometheus text exposition.", "content": PLAIN},
            **forms.PROBLEMS,
        },
    )
    def metrics(request: Request, credentials: Credentials) -> Response:
        """Requests, durations, the size of log and lake, memory; nothing of it is about people."""
        often.check(request, credentials)
        with desk.open() as g:
            shown(g, credentials, Scope.METRICS)
        lines = [*_process(began), *_kept(desk), *desk.counters.written()]
        return Response("\n".join(lines) + "\n", media_type=EXPOSITION)

    return upkeep


class Health:
    """Whether keys, log and disk can be used, as it was seen in the last seconds; one look at a time."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._look = ThreadPoolExecutor(1, "health")
        self._running: Future[CounterfoilError | None] | None = None
        self._at = 0.0

    async def trouble(self) -> CounterfoilError | None:
        """Why the server can't answer; None where it can."""
        if self._running is None or (self._running.done() and time.monotonic() > self._at + LOOKED_SECONDS):
            self._at = time.monotonic()
            self._running = self._look.submit(self._trouble)
        running, until = self._running, time.monotonic() + LOOK_SECONDS
        # No thread waits: while all of them do, it is here that one sees it.
        while not running.done() and time.monotonic() < until:
            await anyio.sleep(0.02)
        if running.done():
            return running.result()
        hint = "look at whoever holds the keys, and at the disk"
        return StoreError("no-answer", "the keys or the disk do not answer", hint=hint)

    def _trouble(self) -> CounterfoilError | None:
        g = self._desk.aside
        try:
            g.keys.name()
            g.log.check_room()
        except CounterfoilError as error:
            return error
        for _ in range(20):
            if g.log.is_usable:
                return None
            time.sleep(0.05)
        hint = "make room on the disk, and start the server again"
        return StoreError("ledger-unwritable", "the log could not be written", hint=hint)


def _kept(desk: Desk) -> Iterator[str]:
    """The size of the log and the lake; left out while others are at the desk for long."""
    try:
        with desk.open(within=GLANCE_SECONDS) as g:
            entries, tables = len(g.log), sizes(g)
    except Busy:
        return
    yield "# TYPE counterfoil_ledger_entries gauge"
    yield line("counterfoil_ledger_entries", entries)
    for name in ("files", "rows", "late"):
        yield f"# TYPE counterfoil_lake_{name} gauge"
        for size in tables:
            yield line(f"counterfoil_lake_{name}", getattr(size, name), [("table", size.table)])


def _process(began: float) -> Iterator[str]:
    """What Prometheus asks of every process, under its own names."""
    yield "# TYPE counterfoil_info gauge"
    yield line("counterfoil_info", 1, [("version", __version__)])
    yield "# TYPE process_start_time_seconds gauge"
    yield line("process_start_time_seconds", began)
    times = os.times()
    yield "# TYPE process_cpu_seconds_total counter"
    yield line("process_cpu_seconds_total", times.user + times.system)
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            pages = int(file.read().split()[1])
    except OSError:
        return
    yield "# TYPE process_resident_memory_bytes gauge"
    yield line("process_resident_memory_bytes", pages * os.sysconf("SC_PAGE_SIZE"))
