"""Halves of hashes, which stand for names that are not kept."""

from hashlib import md5


def half(text: str) -> int:
    """Half of a hash of a tool's own session, as the lake has it.

    Example:
        >>> half("one")
        4707813179413523735
    """
    return int.from_bytes(md5(text.encode(), usedforsecurity=False).digest()[8:], "little") >> 1
