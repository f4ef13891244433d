"""A server that is started here and spoken to through its input and output; no shell is asked."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import msgspec

from counterfoil.agents.upstream import line
from counterfoil.agents.upstream.line import Request, Said

ALWAYS = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SYSTEMROOT")
"""Variables without which programs do not start, and which say nothing."""
GRACE_SECONDS = 2.0
CHUNK = 1 << 16


def environment(named: Sequence[str], whole: Mapping[str, str]) -> dict[str, str]:
    """What a server sees of the environment: what it needs to start, and what the manifest names."""
    return {name: whole[name] for name in (*ALWAYS, *named) if name in whole}


class Started:
    """A line to a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._to = cast(asyncio.StreamWriter, process.stdin)
        self._from = cast(asyncio.StreamReader, process.stdout)
        self._waiting: dict[int | str, asyncio.Future[Said]] = {}
        self._over: line.Lost | None = None
        self.stale = False
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, command: Sequence[str], env: Mapping[str, str], folder: Path | None) -> "Started":
        """Start a program.

        Raises: NotDone where it can't be started.
        """
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=dict(env),
                cwd=folder,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "no program is called so"
            raise line.unreachable(why or "it can't be started") from error
        return cls(process)

    @property
    def alive(self) -> bool:
        """Whether it can still be asked."""
        return self._over is None

    def speaks(self, version: str, *, modern: bool) -> None:
        """Nothing on this line depends on the revision."""

    async def ask(self, request: Request, *, seconds: float) -> msgspec.Raw:
        """The result of one request.

        Raises: NotDone where it ended before; Lost where nobody knows what it did.
        """
        if self._over is not None:
            raise line.unreachable("it ended")
        waiting: asyncio.Future[Said] = asyncio.get_running_loop().create_future()
        self._waiting[request.id] = waiting
        try:
            async with asyncio.timeout(seconds):
                await self._write(request.written())
                said = await waiting
        except TimeoutError as error:
            raise line.hung(seconds) from error
        finally:
            self._waiting.pop(request.id, None)
        return line.result_of(said)

    async def tell(self, method: str) -> None:
        """Tell it something that has no answer."""
        await self._write(line.encode({"jsonrpc": "2.0", "method": method}))

    async def close(self) -> None:
        """Close its input, wait a moment, and end it with everything that it started."""
        self._end(line.ended())
        with contextlib.suppress(OSError, RuntimeError):
            self._to.close()
        try:
            async with asyncio.timeout(GRACE_SECONDS):
                await self._process.wait()
        except TimeoutError:
            pass
        self._kill()
        await self._process.wait()
        self._reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reading

    async def _write(self, text: bytes) -> None:
        try:
            self._to.write(text + b"\n")
            await self._to.drain()
        except (OSError, RuntimeError) as error:
            raise line.ended() from error

    async def _read(self) -> None:
        """Hand each line to whoever waits for it, until the program ends or says too much."""
        held, length = [b""], 0
        try:
            while chunk := await self._from.read(CHUNK):
                *whole, rest = chunk.split(b"\n")
                for piece in whole:
                    self._hear(b"".join([*held, piece]))
                    held, length = [], 0
                held.append(rest)
                length += len(rest)
                if length > line.MOST_ANSWER_BYTES:
                    self._end(line.too_long())
                    self._kill()
                    return
            self._end(line.ended())
        except line.Lost as error:
            self._end(error)
            self._kill()

    def _hear(self, text: bytes) -> None:
        if not text.strip():
            return
        said = line.heard(text)
        if said.method is None:
            waiting = None if said.id is None else self._waiting.get(said.id)
            if waiting is not None and not waiting.done():
                waiting.set_result(said)
        elif said.id is not None:
            self._to.write(line.refusal(said.id) + b"\n")
        elif said.method == line.LIST_CHANGED:
            self.stale = True

    def _end(self, why: line.Lost) -> None:
        if self._over is None:
            self._over = why
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(self._over)

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
