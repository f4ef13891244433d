"""An engine opens and closes whatever becomes of it: nothing hangs, no run is lost, none counts as failed."""

import gc
import logging
import sys
import threading
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from dbos import DBOS
from dbos._event_loop import BackgroundEventLoop

from agents.runtime.lived import SEND, Life, life
from counterfoil.agents.runtime.durable import Closing, _outlives_its_loop
from counterfoil.terms.effect import RunState
from deadline import ended


async def something() -> int:
    return 1


def lost(loop: BackgroundEventLoop, coroutine: Coroutine[Any, Any, Any]) -> Any:
    """What comes of something that is asked of a loop in its very last turn."""
    running = loop.target_loop()
    assert running is not None
    is_last = threading.Event()

    def last() -> None:
        running.stop()
        is_last.set()
        time.sleep(0.3)

    running.call_soon_threadsafe(last)
    assert is_last.wait(10)
    return loop.submit_coroutine(coroutine)


def test_nobody_waits_for_a_loop_that_has_ended() -> None:
    loop = BackgroundEventLoop()
    _outlives_its_loop(loop)
    loop.start()
    assert loop.submit_coroutine(something()) == 1
    with ThreadPoolExecutor(1) as pool, pytest.raises(Closing):
        pool.submit(lost, loop, something()).result(20)


# A run that is cut off leaves what pydantic-ai was just about to ask at the same time.
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:Exception ignored in. <coroutine:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("moment", [0.0, 0.002, 0.01, 0.03])
def test_a_run_that_begins_as_everything_stops_goes_on_later(tmp_path: Path, moment: float) -> None:
    with life(tmp_path) as world:
        world.script(SEND)
        world.agent()
        runs = [world.run() for _ in range(5)]
        time.sleep(moment)
        world.again()
        assert [world.until(run, seconds=30).state for run in runs] == [RunState.DONE] * 5
        assert len(world.mail.done) == 1, "each of them says the same"
    ended([thread for thread in threading.enumerate() if thread.name.startswith("dbos-executor")])
    gc.collect()


def test_an_engine_that_does_not_open_for_whatever_reason_keeps_no_other_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(DBOS, "launch", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            Life(tmp_path / "one").open()
    with life(tmp_path / "two"):
        pass


def test_an_engine_that_does_not_close_keeps_no_other_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with life(tmp_path) as world:
        with monkeypatch.context() as patch:
            patch.setattr(DBOS, "destroy", lambda **_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                world.engine.close()
        DBOS.destroy(destroy_registry=True)
        world.again()


def test_no_engine_holds_on_to_what_was_standard_error_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logging.getLogger("dbos").handlers.clear()
    stream = StringIO()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", stream)
        with life(tmp_path / "one"):
            pass
    assert stream.getvalue() == ""
    stream.close()
    with life(tmp_path / "two"):
        pass


def test_an_engine_that_is_closed_again_closes_no_other(tmp_path: Path) -> None:
    with life(tmp_path / "one") as one:
        pass
    with life(tmp_path / "two") as two:
        one.engine.close()
        two.script(SEND)
        two.agent()
        assert two.until(two.run()).state is RunState.DONE
