"""Lines of JSON as clients write them: found by a marker without decoding the rest, bad ones counted."""

from collections.abc import Iterator

import msgspec

from counterfoil.collect.reading import FileReading
from counterfoil.terms.absent import SkipReason

LONGEST_LINE = 64 << 20
"""A longer line is no record of a client; it is not decoded.

Unit: bytes.
"""
_BOM = b"\xef\xbb\xbf"


def survey(content: bytes, reading: FileReading) -> int:
    """Count the lines that are no JSON object as left-out records; the number of all other lines.

    A line is taken for an object by its first and last byte; what is inside shows when it is decoded.
    A last line without its end is still being written: where it is no whole object it counts as
    truncated now, and is read whole the next time.
    """
    ends = content.count(b"\n")
    if (
        len(content) <= LONGEST_LINE
        and content.startswith(b"{")
        and content.endswith(b"}\n")
        and content.count(b"}\n{") + 1 == ends
    ):
        return ends
    whole = 0
    for number, line in enumerate(content.split(b"\n"), start=1):
        text = _trimmed(line)
        if not text:
            continue
        why = _why_unreadable(text)
        if why is None:
            whole += 1
        else:
            reading.records += 1
            reading.skip(number, why)
    return whole


def marked(content: bytes, marker: bytes) -> Iterator[tuple[int, bytes]]:
    """Start and text of every line that `survey` took for an object and that contains the marker."""
    find, rfind = content.find, content.rfind
    hit, done = find(marker), 0
    while hit >= 0:
        start = rfind(b"\n", done, hit) + 1 or done
        end = find(b"\n", hit)
        if end < 0:
            end = len(content)
        line = content[start:end]
        if line[:1] != b"{" or line[-1:] != b"}" or len(line) > LONGEST_LINE:
            line = _trimmed(line)
            if line and _why_unreadable(line) is None:
                yield start, line
        else:
            yield start, line
        done = end
        hit = find(marker, end)


def whole_lines(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Start and text of every line that `survey` took for an object."""
    start = 0
    for line in content.split(b"\n"):
        text = _trimmed(line)
        if text and _why_unreadable(text) is None:
            yield start, text
        start += len(line) + 1


def line_number(content: bytes, start: int) -> int:
    """The number, counted from one, of the line that starts there."""
    return content.count(b"\n", 0, start) + 1


def undecodable(content: bytes, start: int) -> SkipReason:
    """Why a line that looked like an object could not be decoded."""
    return SkipReason.NOT_JSON if content.find(b"\n", start) >= 0 else SkipReason.TRUNCATED


def _trimmed(line: bytes) -> bytes:
    return line.removeprefix(_BOM).strip()


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
