"""Where the command starts; imports only what the asked task needs."""

import sys

from counterfoil import __version__


def main() -> int:
    """Run the command line."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"counterfoil {__version__}\n")
    return 0
