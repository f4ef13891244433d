"""Shows on the terminal how far long work has come, once it has taken a second."""

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

QUIET_FOR = 1.0
"""Unit: seconds of work before anything is shown."""


class Meter:
    """One bar for each kind of work, on stderr, gone when the work is done."""

    def __init__(self, *, shown: bool | None = None) -> None:
        self._shown = sys.stderr.isatty() if shown is None else shown
        self._began = time.monotonic()
        self._bars: Bars | None = None
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, what: str, done: int, whole: int) -> None:
        """Say that `done` of `whole` of a work is done."""
        if not self._shown or (self._bars is None and time.monotonic() - self._began < QUIET_FOR):
            return
        bars = self._bars = self._bars or _bars()
        if what not in self._tasks:
            self._tasks[what] = bars.add_task(what, total=whole)
        bars.update(self._tasks[what], completed=done, total=whole)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()


def _bars() -> "Bars":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    bars.start()
    return bars
