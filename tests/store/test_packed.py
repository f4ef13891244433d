"""What is packed comes back as it was, at every width."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.store.packed import packed, unpacked

WHOLE = st.integers(-(2**63), 2**63 - 1)
TEXT = st.none() | st.text(st.characters(codec=None), max_size=5)


@given(
    numbers=st.dictionaries(st.sampled_from("abc"), st.lists(WHOLE)),
    texts=st.dictionaries(st.sampled_from("xyz"), st.lists(TEXT)),
)
def test_columns_come_back(numbers: dict[str, list[int]], texts: dict[str, list[str | None]]) -> None:
    assert unpacked(packed(numbers, texts)) == {**numbers, **texts}


@pytest.mark.parametrize("edge", [2**7, 2**15, 2**31])
def test_a_number_at_the_edge_of_a_width_is_not_cut(edge: int) -> None:
    column = [edge - 1, edge, -edge, -edge - 1]
    assert unpacked(packed({"n": column}, {}))["n"] == column


def test_small_numbers_take_a_byte_and_equal_ones_nothing() -> None:
    empty = len(packed({"n": []}, {}))
    assert len(packed({"n": [0, 1] * 500}, {})) - empty < 1_010
    assert len(packed({"n": [123_456] * 1_000}, {})) - empty < 20


def test_bytes_cut_short_are_an_error() -> None:
    with pytest.raises(ValueError, match=r"cut short|not enough|multiple"):
        unpacked(packed({"n": [1, 2**40]}, {})[:-3])
