"""One of two processes that is killed again and again while it acts: `killed.py FOLDER SHARED ADDRESS`."""

import json
import os
import sys
import time
from pathlib import Path

from sqlalchemy import make_url

from agents.kept import ANN, SEND, TRIAGE, World, call, foreign
from counterfoil.agents.budget import Reservation
from counterfoil.agents.gate import Cleared
from counterfoil.store.agents.database import Database
from counterfoil.terms.agent import RunId
from counterfoil.terms.effect import Call, EffectState
from counterfoil.terms.ids import MicroUsd

CALLS, APPROVED = 40, 20
PRICE, MOST = 30_000, 1_000_000


def main(folder: Path, shared: Path, address: str) -> None:
    """Want everything that is still to be done, over and over, until all of it was asked for."""
    w = World(folder, Database(make_url(address)))
    numbers = range(1, CALLS + 1)
    for number in numbers if folder.name == "one" else reversed(numbers):
        wanted = [call(SEND, to=ANN, text=f"n {number}", number=number)]
        wanted += [foreign(1000 + number)] if number <= APPROVED else []
        for one in wanted:
            act(w, one, shared)
        reserved = w.gate.spending.reserve(RunId("run-1"), TRIAGE, MicroUsd(PRICE))
        if isinstance(reserved, Reservation):
            done(shared, what="spent", key=reserved.id)
            w.gate.spending.book(reserved, MicroUsd(PRICE))
        time.sleep(0.01)
    w.gate.close()


def act(w: World, one: Call, shared: Path) -> None:
    """Make a call that was let through, in a system that remembers each time that it was asked."""
    answer = w.gate.begin(one)
    if isinstance(answer, Cleared):
        done(shared, what="effect", key=answer.key, approval=answer.approval)
        w.gate.finish(answer, state=EffectState.DONE)


def done(shared: Path, **what: str) -> None:
    """It is done: one line, durable before anything else happens."""
    handle = os.open(shared, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(handle, json.dumps(what).encode() + b"\n")
    os.fsync(handle)
    os.close(handle)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
