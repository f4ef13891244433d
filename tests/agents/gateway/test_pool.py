"""Whoever hangs up leaves no server behind, also where one is only just being started."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from counterfoil.agents.connectors.connector import NotDone
from counterfoil.agents.upstream.pool import Pool
from counterfoil.agents.upstream.server import ServerTable, server_of

MUTE = """
import os, pathlib, sys
pathlib.Path(sys.argv[1]).write_text(str(os.getpid()))
sys.stdin.read()
import time
time.sleep(600)
"""


@pytest.mark.parametrize("way", ["close", "drop"])
def test_a_server_that_is_only_just_being_started_does_not_outlive_who_asked(
    tmp_path: Path, way: str
) -> None:
    (tmp_path / "mute.py").write_text(MUTE)
    told = tmp_path / "pid"
    server = server_of(
        "mute", ServerTable(command=[sys.executable, str(tmp_path / "mute.py"), str(told)]), tmp_path
    )

    async def go() -> int:
        pool = Pool({})
        asked = asyncio.ensure_future(pool.connected(server, "one"))
        while not (told.exists() and told.read_text()):
            await asyncio.sleep(0.01)
        await (pool.close() if way == "close" else pool.drop(server, "one"))
        with pytest.raises(NotDone, match="disconnected"):
            await asked
        return int(told.read_text())

    process = asyncio.run(asyncio.wait_for(go(), 60))
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
