"""The keys of a record's attributes, in their order: most records of an exporter have the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from counterfoil.collect.otlp.allowed import ALLOWED, CONTENT
from counterfoil.collect.otlp.group import Ints

WIDTHS = (16, 32, 64, 136)
"""How many bytes of an attribute are held against its layout, at once; the last holds the longest key."""
MOST_KEY = 127
_WANTED = {key.encode(): key for key in ALLOWED}
_CONTENT = {key.encode(): key for key in CONTENT}
_KEY, _VALUE = 0x0A, 0x12
"""The tags of KeyValue's fields."""
Words = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Layout:
    """What every record of a group has before each of its values: tag, length, key, tag.

    Shape: `begins` (n,), `words` and `mask` (n, width / 8), of n attributes.
    """

    wanted: Mapping[str, int]
    """Keys that are looked at, with their place."""
    content: str
    """The first key of what somebody wrote, or nothing."""
    width: int
    begins: Ints
    """How far into each attribute its value begins."""
    words: Words
    mask: Words

    def __len__(self) -> int:
        return len(self.begins)


def layout_of(attributes: Sequence[bytes]) -> Layout:
    """The layout of one record.

    Raises: ValueError where an attribute is not written as every exporter writes it: key, then value.
    """
    return _layout(tuple(_head(attribute) for attribute in attributes))


def _head(attribute: bytes) -> bytes:
    end = 2 + attribute[1] if len(attribute) > 1 and attribute[0] == _KEY else 0
    if not 2 < end <= 2 + MOST_KEY or len(attribute) <= end or attribute[end] != _VALUE:
        says = "an attribute that is no key with a value"
        raise ValueError(says)
    return attribute[: end + 1]


@lru_cache(maxsize=1_024)
def _layout(heads: tuple[bytes, ...]) -> Layout:
    keys = [head[2:-1] for head in heads]
    wanted = {_WANTED[key]: place for place, key in enumerate(keys) if key in _WANTED}
    if len(wanted) != sum(key in _WANTED for key in keys):
        says = "an attribute that is there twice"
        raise ValueError(says)
    longest = max(map(len, heads), default=0)
    width = next(width for width in WIDTHS if width >= longest)
    words = np.frombuffer(b"".join(head.ljust(width, b"\0") for head in heads), "<u8")
    mask = np.frombuffer(b"".join((b"\xff" * len(head)).ljust(width, b"\0") for head in heads), "<u8")
    return Layout(
        wanted=wanted,
        content=next((_CONTENT[key] for key in keys if key in _CONTENT), ""),
        width=width,
        begins=np.array([len(head) for head in heads], np.int64),
        words=words.reshape(len(heads), width // 8),
        mask=mask.reshape(len(heads), width // 8),
    )
