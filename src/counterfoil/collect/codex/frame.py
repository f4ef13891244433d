"""Opens a zstd frame as far as it reaches."""

import sys

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MAX_PLAIN = 1 << 30
"""A rollout never holds more; a longer frame was made to exhaust memory.

Unit: bytes.
"""
_STEP = 1 << 16


def opened(content: bytes) -> tuple[bytes, bool]:
    """The plain text up to where the frames end or break, and whether they were whole.

    Example:
        >>> opened(zstd.compress(b"tally"))
        (b'tally', True)
        >>> opened(b"no frame")
        (b'', False)
    """
    plain = bytearray()
    frame = zstd.ZstdDecompressor()
    at = 0
    try:
        while at < len(content) and len(plain) < MAX_PLAIN:
            if frame.eof:
                at -= len(frame.unused_data)
                frame = zstd.ZstdDecompressor()
            step = content[at : at + _STEP]
            at += len(step)
            plain += frame.decompress(step)
            if frame.eof and at == len(content) and frame.unused_data:
                at -= len(frame.unused_data)
                frame = zstd.ZstdDecompressor()
    except zstd.ZstdError:
        return bytes(plain), False
    return bytes(plain), frame.eof and at == len(content)
