"""One of two processes that want the same: run as a program with its folder, the other's, and an address."""

import json
import sys
import time
from pathlib import Path

from sqlalchemy import make_url

from agents.kept import ANN, SEND, TRIAGE, World, call, foreign
from counterfoil.agents.budget import Reservation
from counterfoil.agents.gate import Cleared, Held
from counterfoil.store.agents.database import Database
from counterfoil.terms.agent import RunId
from counterfoil.terms.effect import EffectState
from counterfoil.terms.ids import MicroUsd
from counterfoil.terms.release import Refuse
from deadline import until

CALLS, APPROVED, SAID = 25, 15, 5


def main(folder: Path, other: Path, address: str) -> None:
    """Want everything, the second from behind, and say what was got."""
    w = World(folder, Database(make_url(address)))
    (folder / "ready").touch()
    until((other / "ready").exists, 60, what="the other process")
    got: dict[str, list[str]] = {"effects": [], "approvals": [], "said": [], "money": []}
    numbers = range(1, CALLS + 1)
    answer: Cleared | Held | Refuse | None
    for number in numbers if folder < other else reversed(numbers):
        # Or one would be through before the other came to its first.
        time.sleep(0.005)
        answer = w.gate.begin(call(SEND, to=ANN, text=f"n {number}", number=number))
        if isinstance(answer, Cleared):
            got["effects"].append(answer.key)
            w.gate.finish(answer, state=EffectState.DONE)
        answer = w.gate.begin(foreign(1000 + number)) if number <= APPROVED else None
        if isinstance(answer, Cleared):
            got["approvals"].append(answer.approval)
        if number <= SAID:
            # The same words under a number of its own.
            mine = 2000 + number + 100 * (folder.name == "two")
            answer = w.gate.begin(call(SEND, to=ANN, text=f"same {number}", number=mine))
            if isinstance(answer, Cleared):
                got["said"].append(f"same {number}")
        reserved = w.gate.spending.reserve(RunId("run-1"), TRIAGE, MicroUsd(30_000))
        if isinstance(reserved, Reservation):
            got["money"].append(reserved.id)
            w.gate.spending.book(reserved, MicroUsd(30_000))
    w.gate.close()
    print(json.dumps(got))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
