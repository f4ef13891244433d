"""The agents' process as another user of the machine: what it can open, and whether it is heard.

Everything is imported, and one process is opened and closed, before the user is changed: Python itself may
lie where that user can't look.
"""

import json
import os
import sys
import time
from pathlib import Path

from app.agents_place import Household, greeted
from counterfoil.agents.process import opened
from counterfoil.terms.error import CounterfoilError

data, agents, socket, key, uid, gid = sys.argv[1:]


def live(folder: Path, seconds: float) -> str:
    """What the process says of its server after a while; nothing where it is live."""
    with opened(folder, Path(socket), lambda *_: Household(), key=key) as process:
        end = time.monotonic() + seconds
        while not process.hearing.live and time.monotonic() < end:
            time.sleep(0.02)
        refused = process.link.refused
        return refused.code if refused else process.hearing.trouble


def may_open(path: Path) -> bool:
    try:
        with open(path, "rb"):
            return True
    except PermissionError:
        return False


def console() -> str:
    try:
        greeted(Path(socket)).close()
    except (AssertionError, CounterfoilError):
        return "refused"
    return "let in"


before = live(Path(agents) / "root", 0.0)
files = [path for path in Path(data).rglob("*") if path.is_file()]
os.setgroups([])
os.setgid(int(gid))
os.setuid(int(uid))
told = {
    "opened": [str(path) for path in files if may_open(path)],
    "files": len(files),
    "listed": os.access(data, os.R_OK | os.X_OK),
    "trouble": live(Path(agents) / "own", 10.0),
    "console": console(),
}
sys.stdout.write(json.dumps(told))
