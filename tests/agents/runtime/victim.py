"""A process that carries one run and dies where it is told to: `victim.py FOLDER POINT [RUNS-URL AGENTS-URL]`."""

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from agents.runtime.lived import TRIAGE, Life
from counterfoil.agents.runtime.begun import Order
from counterfoil.terms.agent import Cause, CauseKind, RunId
from counterfoil.terms.effect import EffectState

RUN = RunId("victim")


def die(tool: str = "") -> None:
    """At once, with nothing tidied up."""
    os.kill(os.getpid(), signal.SIGKILL)


def gone(tool: str = "") -> None:
    """The same without a signal."""
    os._exit(9)


def main(folder: Path, point: str, *urls: str) -> None:
    """Carry the run, up to the point."""
    runs, agents = map(make_url, urls) if urls else (None, None)
    life = Life(folder, url=runs, address=agents).open()
    match point:
        case "before":
            life.mail.before = die
        case "after":
            life.mail.after = gone
        case "finished":
            _after_finish(life)
    owner = life.runs.owner_of(TRIAGE)
    assert owner is not None
    order = Order(agent=TRIAGE, owner=owner, cause=Cause(CauseKind.REQUEST, "r1"), set_off="hand", said="Go.")
    life.runs.begin(order, run=RUN)
    print("begun", flush=True)
    time.sleep(30)


def _after_finish(life: Life) -> None:
    """Die once it is recorded that it was done, and before the engine knows."""
    record = life.gate.keeping.recorder.record

    def recorded(work: Any) -> Any:
        answer = record(work)
        effect = life.gate.effect(f"{RUN}:1")
        if effect is not None and effect.state is EffectState.DONE:
            die()
        return answer

    object.__setattr__(life.gate.keeping, "recorder", _Dying(life.gate.keeping.recorder, recorded))


class _Dying:
    """A recorder that does something after each record."""

    def __init__(self, inner: Any, record: Any) -> None:
        self._inner = inner
        self.record = record

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
