"""Lines of JSON as clients write them: told apart from what is none, which is counted."""

import re
from collections.abc import Iterator
from io import BytesIO

import msgspec

from counterfoil.collect.reading import FileReading
from counterfoil.terms.absent import SkipReason

LONGEST_LINE = 64 << 20
"""A longer line is no record of a client; it is not decoded.

Unit: bytes.
"""
HALVES = "halves"
HALVES_SAY = "{n} halves of characters stood alone in the log; each was read as the replacement character"
_BOM = b"\xef\xbb\xbf"
_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
    rb"|\\.",
    re.DOTALL,
)
"""A whole surrogate pair, half of one in the group, or any other escape."""


def survey(content: bytes, reading: FileReading) -> int:
    """Count the lines that are no JSON object as left-out records; the number of all other lines.

    A line is taken for an object by its first and last byte; what is inside shows when it is decoded.
    A last line without its end is still being written: where it is no whole object it counts as
    truncated now, and is read whole the next time.
    """
    whole = 0
    for number, line in enumerate(BytesIO(content), start=1):
        if line[:1] == b"{" and line[-2:] == b"}\n" and len(line) <= LONGEST_LINE:
            whole += 1
            continue
        text = object_on(line)
        if isinstance(text, SkipReason):
            reading.records += 1
            reading.skip(number, text)
        elif text is not None:
            whole += 1
    return whole


def object_on(line: bytes) -> bytes | SkipReason | None:
    """What a line holds, without what surrounds it; why it is no JSON object; None for a blank line."""
    text = line.removeprefix(_BOM).strip()
    if not text:
        return None
    why = _why_unreadable(text)
    return text if why is None else why


def whole_lines(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Start and text of every line that `survey` took for an object."""
    start = 0
    for line in BytesIO(content):
        text = object_on(line)
        if isinstance(text, bytes):
            yield start, text
        start += len(line)


def mended(content: bytes, reading: FileReading) -> bytes:
    r"""The same JSON with U+FFFD for each `\ud800` to `\udfff` without its other half, which are noted.

    JavaScript writes such halves into a log where it cut a text; no strict decoder takes them. In a file it
    writes U+FFFD. What is replaced keeps its length.
    """
    if b"\\ud" not in content and b"\\uD" not in content:
        return content
    halves = 0

    def whole(escape: re.Match[bytes]) -> bytes:
        nonlocal halves
        if escape[1] is None:
            return escape[0]
        halves += 1
        return rb"\ufffd"

    sound = _ESCAPE.sub(whole, content)
    if not halves:
        return content
    reading.notes[HALVES] = reading.notes.get(HALVES, 0) + halves
    return sound


def line_number(content: bytes, start: int) -> int:
    """The number, counted from one, of the line that starts there."""
    return content.count(b"\n", 0, start) + 1


def undecodable(content: bytes, start: int) -> SkipReason:
    """Why a line that looked like an object could not be decoded."""
    return SkipReason.NOT_JSON if content.find(b"\n", start) >= 0 else SkipReason.TRUNCATED


def _why_unreadable(text: bytes) -> SkipReason | None:
    if len(text) > LONGEST_LINE:
        return SkipReason.TOO_LONG
    if text[:1] == b"{":
        return None if text[-1:] == b"}" else SkipReason.TRUNCATED
    if b"\0" in text or not _is_text(text):
        return SkipReason.BINARY
    try:
        msgspec.json.decode(text)
    except msgspec.DecodeError:
        return SkipReason.NOT_JSON
    return SkipReason.WRONG_SHAPE


def _is_text(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
