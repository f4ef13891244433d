"""Where the command starts; imports only what the asked task needs."""

import os
import sys
from contextlib import suppress

from counterfoil import __version__

DEFAULT = "report"
REPLAYED = {"report", "trace"}
"""Commands that answer from memory when nothing they read has changed."""


def main() -> int:
    """Run the command line and give its exit code."""
    # Numpy's threads for matrices of a size that nothing here has take longer to start than they are of use.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    argv = with_default(sys.argv[1:])
    if argv == ["--version"]:
        sys.stdout.write(f"counterfoil {__version__}\n")
        return 0
    if argv[0] in REPLAYED:
        from counterfoil.app.replayed import replay

        code = replay(argv)
        if code is not None:
            return code
    from counterfoil.app.run import run

    return run(argv)


def with_default(argv: list[str]) -> list[str]:
    """The command line with its default command spelled out.

    Example:
        >>> with_default(["--since", "30d"])
        ['report', '--since', '30d']
    """
    bare = not argv or (argv[0].startswith("-") and argv[0] not in {"--help", "-h", "--version"})
    return [DEFAULT, *argv] if bare else argv


def script() -> None:
    """Run the command line and end at once: tearing a million objects down takes longer than starting did."""
    code = 0
    # A reader that has seen enough closes the pipe: that is no error.
    with suppress(BrokenPipeError):
        code = main()
        sys.stdout.flush()
    os._exit(code)
