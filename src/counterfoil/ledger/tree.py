"""The tree over a log's entries: it grows at its end, and proves what it holds and that it only grew."""

from collections.abc import Sequence

from counterfoil.ledger.verify import empty_root, leaf_hash, node_hash


class Tree:
    """Every complete node of the tree, level by level.

    Source: RFC 6962, section 2.1.
    """

    def __init__(self) -> None:
        self._levels: list[list[bytes]] = [[]]

    def __len__(self) -> int:
        return len(self._levels[0])

    def append(self, data: bytes) -> int:
        """Add an entry; its index."""
        return self.append_hash(leaf_hash(data))

    def append_hash(self, leaf: bytes) -> int:
        """Add an entry by its leaf hash; its index."""
        level = 0
        self._levels[0].append(leaf)
        while len(self._levels[level]) % 2 == 0:
            left, right = self._levels[level][-2:]
            level += 1
            if level == len(self._levels):
                self._levels.append([])
            self._levels[level].append(node_hash(left, right))
        return len(self) - 1

    def leaf(self, index: int) -> bytes:
        """The hash of an entry."""
        return self._levels[0][index]

    def nodes(self, level: int) -> Sequence[bytes]:
        """The hash of each whole subtree of 2 to the power of `level` entries, in their order."""
        return self._levels[level] if level < len(self._levels) else ()

    def root(self, size: int | None = None) -> bytes:
        """The root over the first `size` entries, or over all."""
        size = len(self) if size is None else size
        return self._over(0, size) if size else empty_root()

    def inclusion(self, index: int, size: int | None = None) -> Sequence[bytes]:
        """The proof that entry `index` is among the first `size`.

        Raises: IndexError where it is not.
        """
        size = len(self) if size is None else size
        if not 0 <= index < size <= len(self):
            raise IndexError(f"entry {index} is not one of {size}")
        return self._path(index, 0, size)

    def consistency(self, old_size: int, size: int | None = None) -> Sequence[bytes]:
        """The proof that the first `size` entries begin with the first `old_size`.

        Raises: IndexError where they can't.
        """
        size = len(self) if size is None else size
        if not 0 < old_size <= size <= len(self):
            raise IndexError(f"{size} entries can't follow {old_size}")
        return self._growth(old_size, 0, size, whole=True)

    def _path(self, index: int, begin: int, end: int) -> list[bytes]:
        if end - begin == 1:
            return []
        middle = begin + _split(end - begin)
        if index < middle:
            return [*self._path(index, begin, middle), self._over(middle, end)]
        return [*self._path(index, middle, end), self._over(begin, middle)]

    def _growth(self, old: int, begin: int, end: int, *, whole: bool) -> list[bytes]:
        if old == end:
            return [] if whole else [self._over(begin, end)]
        middle = begin + _split(end - begin)
        if old <= middle:
            return [*self._growth(old, begin, middle, whole=whole), self._over(middle, end)]
        return [*self._growth(old, middle, end, whole=False), self._over(begin, middle)]

    def _over(self, begin: int, end: int) -> bytes:
        """The hash over entries `[begin, end)`; complete nodes are looked up."""
        width = end - begin
        if width & (width - 1) == 0 and begin % width == 0:
            level = width.bit_length() - 1
            return self._levels[level][begin >> level]
        middle = begin + _split(width)
        return node_hash(self._over(begin, middle), self._over(middle, end))


def _split(width: int) -> int:
    """The largest power of two below a width.

    Example:
    >>> _split(7), _split(8), _split(2)
    (4, 4, 1)
    """
    return 1 << ((width - 1).bit_length() - 1)
