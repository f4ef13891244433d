"""What tests of every room share."""

import os
from collections.abc import Callable

import pytest

Need = Callable[[str, bool, str], None]


@pytest.fixture(scope="session")
def need() -> Need:
    """`need(tool, present, how)`: skip where a tool is missing, naming the command that installs it.

    With COUNTERFOIL_NEED=all a missing tool fails.
    """

    def needed(tool: str, present: bool, how: str) -> None:
        if not present:
            missing = pytest.fail if os.environ.get("COUNTERFOIL_NEED") == "all" else pytest.skip
            missing(f"{tool} is missing; install it with: {how}")

    return needed
