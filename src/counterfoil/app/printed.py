"""What a run prints, held together until it is whole."""

import os
import sys
from dataclasses import dataclass

from counterfoil.app.replayed import Watched, remember


@dataclass(frozen=True, slots=True)
class Terminal:
    """What the place that is printed to can show."""

    width: int
    height: int
    color: bool
    unicode: bool


def terminal() -> Terminal:
    """The terminal as it is; 80 by 24 without colour where there is none."""
    import shutil

    size = shutil.get_terminal_size((80, 24))
    shown = sys.stdout.isatty()
    return Terminal(
        width=size.columns if shown else 80,
        height=size.lines if shown else 24,
        color=shown and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb",
        unicode="utf" in (sys.stdout.encoding or "").lower(),
    )


class Printed:
    """Data for stdout and words for stderr."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._err: list[str] = []

    def data(self, text: str) -> None:
        """Add to what was asked for."""
        self._out.append(text if text.endswith("\n") else text + "\n")

    def words(self, text: str) -> None:
        """Add to what is said beside it."""
        self._err.append(text + "\n")

    def done(self, watched: Watched | None, code: int = 0) -> int:
        """Print everything; remember it where nothing but the watched decides it."""
        out = "".join(self._out).encode(sys.stdout.encoding or "utf-8", "backslashreplace")
        err = "".join(self._err).encode(sys.stderr.encoding or "utf-8", "backslashreplace")
        sys.stderr.buffer.write(err)
        sys.stderr.flush()
        sys.stdout.buffer.write(out)
        sys.stdout.flush()
        if watched is not None:
            remember(watched, out=out, err=err, code=code)
        return code
