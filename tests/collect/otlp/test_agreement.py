"""The fast decoder says what the reference decoder says, row by row; JSON says what protobuf says."""

import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collect.otlp.exports import listed, logs, packed, plain, spans
from counterfoil.collect.otlp import columns
from counterfoil.collect.otlp.allowed import ALLOWED, CONTENT, COUNTED_EVENTS
from counterfoil.collect.otlp.decoded import Malformed
from counterfoil.collect.otlp.read import Arrived, Signal, read, read_quickly, read_slowly

COUNTS = st.one_of(
    st.integers(-3, 5_000), st.integers(0, 5_000).map(str), st.floats(allow_nan=True), st.just("many"),
    st.booleans(),
)  # fmt: skip
WORDS = st.one_of(
    st.text(max_size=12), st.text(min_size=190, max_size=210), st.sampled_from(["a", "b", "cli", "chat"])
)
COMMITS = st.sampled_from(['{"git_commit_id": "0123abc"}', '{"x": 1}', "no json", ""])
VALUES = st.one_of(COUNTS, WORDS, COMMITS, st.lists(st.just("x"), max_size=1))
KEYS = st.sampled_from([*ALLOWED, *CONTENT, "something.else", "x" * 70])
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


def field(number: int, value: bytes) -> bytes:
    """One field of a message, as it is on the wire."""
    return bytes([number << 3 | 2]) + varint(len(value)) + value


def with_attributes(*attributes: bytes) -> bytes:
    """A request with one record that has these attributes as they are."""
    plain = [
        field(1, key.encode()) + field(2, field(1, value.encode()))
        for key, value in (("request_id", "r"), ("session.id", "s"), ("model", "m"))
    ]
    counts = [field(1, key) + field(2, b"\x18\x05") for key in (b"input_tokens", b"output_tokens")]
    record = field(5, field(1, b"claude_code.api_request"))
    record += b"".join(field(6, each) for each in (*plain, *counts, *attributes))
    for tag in (0x12, 0x12, 0x0A):
        record = bytes([tag]) + varint(len(record)) + record
    return record


def varint(number: int) -> bytes:
    found = b""
    while number > 0x7F:
        found, number = found + bytes([number & 0x7F | 0x80]), number >> 7
    return found + bytes([number])


KEY = field(1, b"cache_read_tokens")
ODD = {
    "value first": field(2, b"\x18\x07") + KEY,
    "no value": KEY,
    "no key": field(2, b"\x18\x07"),
    "nothing": b"",
    "not set": KEY + field(2, b""),
    "twice": KEY + field(2, b"\x18\x07") + field(2, b"\x18\x08"),
    "two types": KEY + field(2, b"\x18\x07" + field(1, b"8")),
    "negative": KEY + field(2, b"\x18" + b"\xff" * 9 + b"\x01"),
    "large": KEY + field(2, b"\x18" + b"\xff" * 7 + b"\x7f"),
    "too long a number": KEY + field(2, b"\x18\x87\x80\x00"),
    "a number without an end": KEY + field(2, b"\x18\x87"),
    "a switch": KEY + field(2, b"\x10\x01"),
    "a large switch": KEY + field(2, b"\x10\x87\x01"),
    "half a double": KEY + field(2, b"\x21\x00\x00"),
    "bytes": KEY + field(2, b"\x3a\x01x"),
    "a type to come": KEY + field(2, b"\x48\x01"),
    "no text": field(1, b"user.email") + field(2, field(1, b"\xff\xfe")),
    "a text that is cut": field(1, b"user.email") + field(2, b"\x0a\x05ab"),
    "a length that is none": field(1, b"user.email") + b"\x12\x7f\x0a\x01a",
    "there already": field(1, b"model") + field(2, field(1, b"n")),
}


@pytest.mark.parametrize("name", ODD)
def test_what_no_exporter_writes_is_read_as_the_reference_reads_it(name: str) -> None:
    bodies = [with_attributes(), with_attributes(ODD[name])]
    try:
        slow = told(read_slowly(Signal.LOGS, bodies, as_json=False))
    except Malformed as error:
        with pytest.raises(Malformed) as raised:
            read(Signal.LOGS, bodies, as_json=False)
        assert raised.value.place == error.place == 1
    else:
        assert told(read(Signal.LOGS, bodies, as_json=False)) == slow


@pytest.mark.parametrize("signal", [Signal.LOGS, Signal.TRACES])
def test_what_exporters_write_needs_no_reference(signal: Signal) -> None:
    long = "x" * 20_000
    several: list[dict[str, Any]] = [
        CLAUDE, {**CLAUDE, "prompt": long}, {}, {**CLAUDE, "input_tokens": "5"}, {"tool_parameters": long},
        dict.fromkeys(ALLOWED, 1), {**CLAUDE, "cost_usd": 0.5}, {**CLAUDE, "cost_usd": 1}, CLAUDE,
    ]  # fmt: skip
    request = (
        logs(*(("claude_code.api_request", each) for each in several), resource={"service.name": "x"})
        if signal is Signal.LOGS
        else spans(*((f"{n:032x}", f"{n:016x}", each) for n, each in enumerate(several)))
    )
    bodies = packed(request, request)
    fast = read_quickly(signal, bodies)
    assert fast is not None
    assert told(fast) == told(read_slowly(signal, bodies, as_json=False))


def test_the_reference_takes_over_where_the_fast_decoder_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    bodies = packed(logs(("claude_code.api_request", CLAUDE)))
    fast = told(read(Signal.LOGS, bodies, as_json=False))
    monkeypatch.setitem(sys.modules, "ptars", None)
    columns._handler.cache_clear()
    assert read_quickly(Signal.LOGS, bodies) is None
    assert told(read(Signal.LOGS, bodies, as_json=False)) == fast
