"""A stream of commits is cut the same, wherever its blocks end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.collect.git.patch import commits_in
from counterfoil.terms.error import SourceError

NAMES = [bytes([48 + n]) * 40 for n in range(3)]
STREAM = b"\0%b\n\n:raw\n\n@@ -0,0 +1,2 @@\n \0text\n \n\0%b\n\n\0%b\n\n:raw\n" % tuple(NAMES)


@given(cuts=st.lists(st.integers(0, len(STREAM)), max_size=8).map(sorted))
def test_blocks_can_end_anywhere(cuts: list[int]) -> None:
    ends = [*cuts, len(STREAM)]
    blocks = [STREAM[a:b] for a, b in zip([0, *cuts], ends, strict=True) if a < b]
    assert list(commits_in(blocks)) == [
        [NAMES[0], b":raw", b"", b"@@ -0,0 +1,2 @@", b" \0text", b" "],
        [NAMES[1]],
        [NAMES[2], b":raw"],
    ]


def test_a_stream_that_ends_within_a_line_is_refused() -> None:
    with pytest.raises(SourceError, match="within a line"):
        list(commits_in([STREAM[:-1]]))


def test_no_output_is_no_commit() -> None:
    assert list(commits_in([])) == []
