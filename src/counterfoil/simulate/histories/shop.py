"""The invented shop's files as lines with identity, and the hands that change them."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import groupby
from random import Random

from counterfoil.simulate.formats.session import EditFile, WriteFile
from counterfoil.simulate.histories.invented_code import Coder, Line, Part

Written = WriteFile | EditFile


@dataclass(slots=True)
class Shop:
    """Every file of the main line, and how many code lines each change landed and lost."""

    files: dict[str, list[Line]] = field(default_factory=dict)
    landed: Counter[int] = field(default_factory=Counter)
    lost: Counter[int] = field(default_factory=Counter)

    def content(self, path: str) -> bytes | None:
        """A file as bytes; None when there is none."""
        lines = self.files.get(path)
        return None if lines is None else "".join(f"{line.text}\n" for line in lines).encode()

    def lines_of(self, change: int) -> list[tuple[str, list[int]]]:
        """Where a change's lines stand now: each path with their positions."""
        found = ((p, [i for i, li in enumerate(ls) if li.change == change]) for p, ls in self.files.items())
        return [(path, positions) for path, positions in found if positions]

    def room_to_lose(self, change: int, share: float) -> bool:
        """Whether one more line may go before `share` of what the change landed is lost."""
        return self.lost[change] + 1 <= share * self.landed[change]


class Hand:
    """One change in the making: alters the shop and keeps what a tool's calls would have written."""

    def __init__(self, shop: Shop, coder: Coder, random: Random, change: int, touch_up: float = 0.0) -> None:
        self._shop = shop
        self._coder = coder
        self._random = random
        self._change = change
        self._touch_up = touch_up
        self.calls: list[Written] = []
        self.touched: set[str] = set()

    def add(self, path: str, names: Iterable[str], statements: int) -> None:
        """New functions in a file, which is made if it is not there."""
        for name in names:
            file = self._shop.files.get(path)
            lines = self._coder.function(path, name, statements)
            if file is None:
                self._insert(path, 0, self._coder.head(path) + lines)
            else:
                self._insert(path, self._gap(file), lines)

    def put(self, path: str, texts: Iterable[str]) -> None:
        """A whole file of fixed lines: data, a lock, prose."""
        self.remove_file(path)
        self._insert(path, 0, [Line(text) for text in texts])

    def rewrite(self, change: int, share: float) -> int:
        """Other statements in place of about `share` of a change's lines; how many code lines went."""
        wanted = round(share * self._shop.landed[change])
        places = [
            (path, i)
            for path, positions in self._shop.lines_of(change)
            for i in positions
            if self._shop.files[path][i].part is not Part.FIXED
        ]
        start = self._random.randrange(max(1, len(places) - wanted + 1))
        chosen = places[start : start + wanted]
        for path, run in reversed(_runs(chosen)):
            self.replace(path, run)
        return len(chosen)

    def replace(self, path: str, run: list[int]) -> None:
        """Other statements in place of neighbouring lines."""
        file = self._shop.files[path]
        first, last = run[0], run[-1] + 1
        self._swap(path, first, last, [self._coder.again(line) for line in file[first:last]])

    def drop_change(self, change: int) -> None:
        """Take away every line of a change, and files it alone had made."""
        for path, positions in self._shop.lines_of(change):
            if len(positions) == len(self._shop.files[path]):
                self.remove_file(path)
                continue
            for _, run in reversed(_runs([(path, i) for i in positions])):
                self._swap(path, run[0], run[-1] + 1, [])

    def move(self, block: int, to: str) -> None:
        """A function carried to another file with its lines' identity."""
        source = next(p for p, ls in self._shop.files.items() if any(line.block == block for line in ls))
        moved = [line for line in self._shop.files[source] if line.block == block]
        self._shop.files[source] = [line for line in self._shop.files[source] if line.block != block]
        target = self._shop.files[to]
        at = self._gap(target)
        target[at:at] = moved
        self.touched |= {source, to}

    def restyle(self, path: str, style: Callable[[str], str]) -> None:
        """The same lines in another dress; they keep their identity."""
        for line in self._shop.files[path]:
            line.text = style(line.text)
        self.touched.add(path)

    def remove_file(self, path: str) -> None:
        """Take a file away."""
        self._count_lost(self._shop.files.pop(path, []))
        self.touched.add(path)

    def files(self) -> dict[str, bytes | None]:
        """What the commit writes and deletes."""
        return {path: self._shop.content(path) for path in sorted(self.touched)}

    def _where(self, path: str, belongs: Callable[[Line], bool]) -> list[list[int]]:
        file = self._shop.files[path]
        return [run for _, run in _runs([(path, i) for i, line in enumerate(file) if belongs(line)])]

    def _gap(self, file: list[Line]) -> int:
        """A position between two functions, or the end."""
        gaps = [
            i
            for i in range(1, len(file))
            if file[i].block != file[i - 1].block and file[i].block and file[i - 1].block
        ]
        return self._random.choice([*gaps, len(file)])

    def _insert(self, path: str, at: int, lines: list[Line]) -> None:
        self._swap(path, at, at, lines)

    def _swap(self, path: str, first: int, last: int, lines: list[Line]) -> None:
        """Put lines in place of `[first, last)`; the call says what the tool wrote, before touch-ups."""
        new_file = path not in self._shop.files
        file = self._shop.files.setdefault(path, [])
        old = file[first:last]
        written = [line.text for line in lines]
        landed = [self._touched_up(line) for line in lines]
        for line in landed:
            line.change = self._change
        self._count_lost(old)
        self._shop.landed[self._change] += sum(line.is_code for line in landed)
        file[first:last] = landed
        self.touched.add(path)
        if new_file:
            self.calls.append(WriteFile(path, "".join(f"{text}\n" for text in written)))
        else:
            anchor = [file[first - 1].text] if first and not old else []
            before = "\n".join([*anchor, *(line.text for line in old)])
            self.calls.append(EditFile(path, before, "\n".join([*anchor, *written])))

    def _touched_up(self, line: Line) -> Line:
        if line.part is Part.FIXED or self._random.random() >= self._touch_up:
            return line
        return self._coder.again(line)

    def _count_lost(self, lines: Iterable[Line]) -> None:
        for line in lines:
            if line.is_code:
                self._shop.lost[line.change] += 1


def _runs(places: list[tuple[str, int]]) -> list[tuple[str, list[int]]]:
    """Positions gathered into neighbouring runs within one file."""
    runs = groupby(enumerate(places), key=lambda item: (item[1][0], item[1][1] - item[0]))
    return [(path, [i for _, (_, i) in group]) for (path, _), group in runs]
