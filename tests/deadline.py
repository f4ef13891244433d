"""How tests wait: for something to be so, for threads to end, and never for ever."""

import asyncio
import time
from collections.abc import Callable
from threading import Thread


def until(true: Callable[[], object], seconds: float = 20.0, *, what: str = "it") -> None:
    """Wait for something to be so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"{what} never was, in {seconds:g} s"
        time.sleep(0.01)


async def soon(true: Callable[[], object], seconds: float = 20.0, *, what: str = "it") -> None:
    """Wait for something to be so, and let others work meanwhile."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"{what} never was, in {seconds:g} s"
        await asyncio.sleep(0.01)


def ended(threads: list[Thread], seconds: float = 60.0) -> None:
    """Wait for threads to end."""
    end = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(end - time.monotonic(), 0))
        assert not thread.is_alive(), f"{thread.name} had not ended after {seconds:g} s"
