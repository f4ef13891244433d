"""Lines as numbers: equal but for white space, with flags that say what can be followed."""

from hypothesis import given
from hypothesis import strategies as st

from counterfoil.collect.git.texts import SPACE, hashes_of
from counterfoil.terms.history import CODE_LINE, MOVABLE, WEIGHTY

LINES = st.lists(st.binary(max_size=30).map(lambda b: b.replace(b"\n", b"")), max_size=5)


def flags(line: bytes) -> int:
    return hashes_of([line])[0] & 7


def test_flags_say_what_a_line_is_good_for() -> None:
    assert flags(b" }") == 0
    assert flags(b" x = 1") == CODE_LINE
    assert flags(b" return xy") == CODE_LINE | MOVABLE
    assert flags(b" total = price * quantity + shipping") == CODE_LINE | MOVABLE | WEIGHTY
    assert flags(b" ----------------") == MOVABLE


def test_a_very_long_line_is_no_code_yet_can_be_followed() -> None:
    assert flags(b"x" * 1_001) == MOVABLE | WEIGHTY
    assert flags(b"-" * 1_001) == MOVABLE


@given(lines=LINES, long=st.booleans())
def test_lines_hash_alike_alone_and_together(lines: list[bytes], long: bool) -> None:
    whole = [*lines, b"x" * 1_001] if long else lines
    assert hashes_of(whole) == [hashes_of([line])[0] for line in whole]


@given(line=st.binary(max_size=30).map(lambda b: b.replace(b"\n", b"")))
def test_white_space_makes_no_difference(line: bytes) -> None:
    assert hashes_of([line]) == hashes_of([b"\t " + line.translate(None, SPACE) + b" \r"])
