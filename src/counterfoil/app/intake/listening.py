"""The thread that telemetry is taken in: its loop reads, decodes and syncs, and serves nothing else."""

import asyncio
import socket
from concurrent.futures import Future
from contextlib import suppress
from threading import Thread

from counterfoil.app.intake.http import Receiver
from counterfoil.app.intake.taking import Export, Intake, Taken


class Listening:
    """A receiver that listens, until it is closed."""

    def __init__(self, intake: Intake, bound: socket.socket) -> None:
        """Listen on a socket, in a thread of its own."""
        self._intake = intake
        self._loop = _new_loop()
        self._receiver = Receiver(intake)
        self._thread = Thread(target=self._run, args=(bound,), name="intake", daemon=True)
        self._ends = asyncio.Event()
        self._thread.start()

    async def take(self, export: Export) -> Taken:
        """Take a request that came in elsewhere.

        Raises: Malformed where it is none; StoreError where it can't be kept, or nobody can be named now.
        """
        taken: Future[Taken] = asyncio.run_coroutine_threadsafe(self._intake.take(export), self._loop)
        return await asyncio.wrap_future(taken)

    def close(self) -> None:
        """Answer what has come in, and end."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._ends.set)
        self._thread.join()
        self._intake.close()

    def _run(self, bound: socket.socket) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve(bound))

    async def _serve(self, bound: socket.socket) -> None:
        watching = asyncio.create_task(self._receiver.watch())
        server = await self._loop.create_server(self._receiver.connection, sock=bound, backlog=512)
        await self._ends.wait()
        server.close()
        await self._receiver.close()
        watching.cancel()


def _new_loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
