"""Three real coding agents, offline: what they were served, wrote and committed is what is read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from counterfoil.collect.lines import LineHasher
from counterfoil.terms.reading import Reading
from realclients.agents import BODY, CANARY, KEY, RUNS, Desk, Serve

pytestmark = pytest.mark.realclients


@pytest.mark.parametrize("tool", sorted(RUNS))
def test_what_a_client_was_served_wrote_and_committed_is_what_is_read(
    tool: str, desk: Desk, client: Callable[[str], Path], serve: Serve
) -> None:
    served = RUNS[tool](desk, client(tool), serve)
    reading = desk.reading(tool)

    usage = [row for batch in reading.usage for row in batch.rows()]
    usage.sort(key=lambda row: row.at)
    assert len(served) == 3
    assert [(u.input_uncached, u.cache_read, u.cache_write, u.output) for u in usage] == [
        (s.input_uncached, s.cache_read, s.cache_write, s.output) for s in served
    ]
    if tool != "claude-code":
        assert [u.reasoning for u in usage] == [s.reasoning for s in served]
    assert {u.directory for u in usage} == {str(desk.project)}
    assert reading.counts.skipped_total == 0
    assert reading.counts.records == reading.counts.kept + reading.counts.merged

    (written,) = reading.written
    assert tuple(written.added) == LineHasher(KEY).keys_of(BODY)
    assert (Path(written.directory) / written.path) == desk.project / "sums.py"
    head = desk.run("git", "rev-parse", "HEAD").strip()
    assert [head.startswith(made.commit) for made in reading.committed] == [True]
    assert [session.human_turns for session in reading.sessions] == [1]

    assert CANARY.encode() not in msgspec.json.encode(_plain(reading))


def _plain(reading: Reading) -> Any:
    """Everything a reading holds, as text."""
    return [repr(reading)] + [repr(batch) for batch in reading.usage]
