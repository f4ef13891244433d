"""A real mailbox to listen at."""

from agents.connectors.conftest import at_once
from agents.mail.conftest import failing, on_pymap, real_pymap, sink

__all__ = ["at_once", "failing", "on_pymap", "real_pymap", "sink"]
