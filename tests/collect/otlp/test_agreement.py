"""The fast decoder says what the reference decoder says, row by row; JSON says what protobuf says."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collect.otlp.exports import listed, logs, packed, plain, spans
from counterfoil.collect.otlp.allowed import ALLOWED, CONTENT, COUNTED_EVENTS
from counterfoil.collect.otlp.decoded import Malformed
from counterfoil.collect.otlp.read import Arrived, Signal, read, read_slowly

COUNTS = st.one_of(
    st.integers(-3, 5_000), st.integers(0, 5_000).map(str), st.floats(allow_nan=True), st.just("many"),
    st.booleans(),
)  # fmt: skip
WORDS = st.one_of(
    st.text(max_size=12), st.text(min_size=190, max_size=210), st.sampled_from(["a", "b", "cli", "chat"])
)
COMMITS = st.sampled_from(['{"git_commit_id": "0123abc"}', '{"x": 1}', "no json", ""])
VALUES = st.one_of(COUNTS, WORDS, COMMITS, st.lists(st.just("x"), max_size=1))
KEYS = st.sampled_from([*ALLOWED, *CONTENT, "something.else", ""])
ATTRIBUTES = st.dictionaries(KEYS, VALUES, max_size=14)
NAMES = st.sampled_from([*COUNTED_EVENTS, "claude_code.user_prompt", ""])
RESOURCES = st.dictionaries(KEYS, VALUES, max_size=4)
HEX = st.binary(min_size=2, max_size=2).map(lambda b: b.hex())
CLAUDE = {
    "session.id": "s", "request_id": "r", "model": "m", "input_tokens": 5, "output_tokens": 7,
}  # fmt: skip
LOGS = st.lists(
    st.tuples(NAMES, st.one_of(ATTRIBUTES, ATTRIBUTES.map(lambda more: {**CLAUDE, **more}))), max_size=6
).flatmap(lambda records: RESOURCES.map(lambda resource: logs(*records, resource=resource)))
SPANS = st.lists(st.tuples(HEX, HEX, ATTRIBUTES), max_size=6).flatmap(
    lambda records: RESOURCES.map(lambda resource: spans(*records, resource=resource))
)


def told(arrived: Arrived) -> tuple[Any, ...]:
    rows = sorted(listed(arrived), key=lambda row: (row["request"], row["place"], row["rank"]))
    return rows, arrived.records.tolist(), arrived.wrong.tolist(), dict(arrived.content)


@given(requests=st.lists(LOGS, min_size=1, max_size=4))
def test_log_records(requests: list[Any]) -> None:
    bodies = packed(*requests)
    fast = told(read(Signal.LOGS, bodies, as_json=False))
    assert fast == told(read_slowly(Signal.LOGS, bodies, as_json=False))


@given(requests=st.lists(SPANS, min_size=1, max_size=4))
def test_spans(requests: list[Any]) -> None:
    bodies = packed(*requests)
    fast = told(read(Signal.TRACES, bodies, as_json=False))
    assert fast == told(read_slowly(Signal.TRACES, bodies, as_json=False))


@given(request=LOGS)
def test_json_says_the_same_of_log_records(request: Any) -> None:
    assert told(read(Signal.LOGS, [plain(request)], as_json=True)) == told(
        read(Signal.LOGS, packed(request), as_json=False)
    )


@given(request=SPANS)
def test_json_says_the_same_of_spans(request: Any) -> None:
    assert told(read(Signal.TRACES, [plain(request)], as_json=True)) == told(
        read(Signal.TRACES, packed(request), as_json=False)
    )


@given(body=st.binary(max_size=300), signal=st.sampled_from(Signal), as_json=st.booleans())
def test_whatever_comes_is_read_or_malformed(body: bytes, signal: Signal, as_json: bool) -> None:
    try:
        arrived = read(signal, [body], as_json=as_json)
    except Malformed as error:
        assert error.place == 0
    else:
        assert len(arrived.records) == 1


@pytest.mark.parametrize("signal", Signal)
def test_one_that_is_none_is_named_among_many(signal: Signal) -> None:
    with pytest.raises(Malformed) as raised:
        read(signal, [b"", b"\xff\xff", b""], as_json=False)
    assert raised.value.place == 1
    with pytest.raises(Malformed) as raised:
        read(signal, [b"{}", b"{}", b"[]"], as_json=True)
    assert raised.value.place == 2


@pytest.mark.parametrize("value", [True, "x", 1.5, -1, ["of parts"]])
@pytest.mark.parametrize("key", ALLOWED)
def test_each_attribute_of_each_type_is_read_alike(key: str, value: Any) -> None:
    records = [(name, {key: value}) for name in COUNTED_EVENTS]
    bodies = packed(logs(*records, *((name, {**CLAUDE, key: value}) for name in COUNTED_EVENTS)))
    fast = told(read(Signal.LOGS, bodies, as_json=False))
    assert fast == told(read_slowly(Signal.LOGS, bodies, as_json=False))
