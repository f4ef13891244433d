"""Reading: order never changes totals, reading twice adds nothing, and every record is accounted for."""

import json
from datetime import date
from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st

from counterfoil.collect.claude_code import ClaudeCode
from counterfoil.collect.reading import FileReading
from counterfoil.collect.source import USAGE_ONLY
from counterfoil.terms.reading import Reading

NOW = 1_790_000_000_000
SOURCE = ClaudeCode()


@st.composite
def raw_lines(draw: st.DrawFn) -> bytes:
    if draw(st.integers(0, 5)) == 0:
        return draw(st.sampled_from([b"", b"{broken", b"\0\xff", b"[1]", b'{"type":"summary"}']))
    usage = {"input_tokens": draw(st.integers(-1, 50)), "output_tokens": draw(st.integers(0, 50))}
    if draw(st.booleans()):
        usage["cache_creation_input_tokens"] = draw(st.integers(0, 20))
    made = {f"ephemeral_{life}_input_tokens": draw(st.integers(0, 9)) for life in ("5m", "1h")}
    created = {"cache_creation": made} if draw(st.booleans()) else {}
    message = {
        "id": draw(st.sampled_from(["a", "b", "c", None])),
        "model": draw(st.sampled_from(["x", "y", None])),
        "stop_reason": draw(st.sampled_from(["end_turn", None])),
    }
    return json.dumps(
        {
            "timestamp": f"2026-03-0{draw(st.integers(1, 2))}T10:00:0{draw(st.integers(0, 9))}Z",
            "sessionId": draw(st.sampled_from("st")),
            "isSidechain": draw(st.booleans()),
            "uuid": draw(st.sampled_from("uv")),
            "costUSD": draw(st.sampled_from([None, 0.25, -1.0])),
            "message": message | {"usage": usage | created},
        }
    ).encode()


def parsed(files: list[list[bytes]]) -> list[FileReading]:
    contents = [b"".join(line + b"\n" for line in lines) for lines in files]
    return [
        SOURCE.parse(f"p/{n}.jsonl", BytesIO(c), want=USAGE_ONLY, now=NOW) for n, c in enumerate(contents)
    ]


def read(files: list[list[bytes]]) -> Reading:
    return SOURCE.merge(parsed(files), looked=())


def requests(reading: Reading) -> list[str]:
    names = (
        "key",
        "at",
        "session",
        "model",
        "input_uncached",
        "output",
        "cache_write",
        "cache_write_1h",
        "cost",
    )
    return sorted(
        repr([getattr(row, name) for name in names]) for batch in reading.usage for row in batch.rows()
    )


FILES = st.lists(st.lists(raw_lines(), max_size=6), min_size=1, max_size=3)


@given(files=FILES, data=st.data())
def test_order_of_files_and_lines_never_changes_totals(files: list[list[bytes]], data: st.DataObject) -> None:
    shuffled = [data.draw(st.permutations(lines)) for lines in data.draw(st.permutations(files))]
    first, other = read(files), read(shuffled)
    assert requests(first) == requests(other)
    assert first.caveats == other.caveats


@given(files=FILES)
def test_reading_twice_adds_nothing(files: list[list[bytes]]) -> None:
    assert requests(read(files)) == requests(read(files + files))


@given(files=FILES)
def test_every_record_is_kept_merged_or_skipped(files: list[list[bytes]]) -> None:
    counts = read(files).counts
    assert counts.records == counts.kept + counts.merged + counts.skipped_total
    assert counts.merged >= 0
    assert counts.records + counts.other == sum(1 for lines in files for line in lines if line)


@given(files=FILES, data=st.data())
def test_files_in_any_order_say_the_very_same(files: list[list[bytes]], data: st.DataObject) -> None:
    readings = parsed(files)
    shuffled = data.draw(st.permutations(readings))
    assert SOURCE.merge(shuffled, looked=()) == SOURCE.merge(readings, looked=())
    assert readings == parsed(files)


@given(files=FILES)
def test_a_request_is_of_the_day_of_its_first_copy(files: list[list[bytes]]) -> None:
    for batch in read(files).usage:
        days = [at.toordinal() - date(1970, 1, 1).toordinal() for at in batch.columns["at"]]
        assert list(batch.columns["at"].days()) == days  # type: ignore[attr-defined]
