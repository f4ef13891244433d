"""Lines as JavaScript writes them: half a character is mended, nothing else is touched."""

import json

from hypothesis import given
from hypothesis import strategies as st

from counterfoil.collect.jsonl import HALVES, mended
from counterfoil.collect.reading import FileReading, Rows

PIECES = st.text(
    alphabet=st.sampled_from(["\ud800", "\udbff", "\udc00", "\udfff", "\\", "u", "d", '"', "é", "😀"])
)


@given(text=PIECES)
def test_only_lone_halves_are_replaced(text: str) -> None:
    written = json.dumps({"a": text}).encode()
    reading = FileReading(path="p", rows=Rows())
    sound = mended(written, reading)
    # What stands side by side is one character, as it is for whoever decodes the escapes.
    joined = json.loads(written)["a"]
    halves = sum("\ud800" <= letter <= "\udfff" for letter in joined)
    expected = "".join("\ufffd" if "\ud800" <= letter <= "\udfff" else letter for letter in joined)
    assert json.loads(sound)["a"] == expected
    assert len(sound) == len(written)
    assert reading.notes.get(HALVES, 0) == halves
    assert (sound is written) == (halves == 0)
