"""Where each key of a TOML text stands: a tolerant scan beside the parser, which keeps no places."""

import re
from collections.abc import Iterator, Mapping

_KEY = re.compile(r"""\s*([A-Za-z0-9_-]+|"[^"]*"|'[^']*')\s*=""")
_TABLE = re.compile(r"""\s*(\[{1,2})\s*([A-Za-z0-9_."'-]+)\s*\]""")
_TOKEN = re.compile(r'''"""|\'\'\'|"(?:\\.|[^"\\])*"|'[^']*'|#.*|[\[\]{}]''')
_ITEM = re.compile(r"(.+)\[[0-9]+\]")
_LONG = ('"""', "'''")


class Places:
    """The line of each field, asked for by its path."""

    def __init__(self, text: str, named: Mapping[str, str]) -> None:
        self._lines: dict[str, int] = {}
        for path, line in key_lines(text):
            self._lines.setdefault(path, line)
        self._named = named
        """Paths by name, such as `targets.weekly`, with the same by number, such as `targets[0]`."""

    def line(self, where: str) -> int | None:
        """The line of a field, else of the table around it; None where the text has neither.

        Example:
        >>> Places("[[targets]]", {"targets.weekly": "targets[0]"}).line("targets.weekly.level")
        1
        """
        path = self._numbered(where)
        while path:
            if path in self._lines:
                return self._lines[path]
            item = _ITEM.fullmatch(path)
            path = item[1] if item else path.rpartition(".")[0]
        return None

    def _numbered(self, where: str) -> str:
        head = ".".join(where.split(".")[:2])
        return self._named[head] + where[len(head) :] if head in self._named else where


def key_lines(text: str) -> Iterator[tuple[str, int]]:
    r"""Each table and key with its line, counted from one.

    Example:
    >>> list(key_lines('a = 1\n[b]\nc = [\n 2,\n]\n[[d]]\ne = "x"'))
    [('a', 1), ('b', 2), ('b.c', 3), ('d[0]', 6), ('d[0].e', 7)]
    """
    table, open_text, depth = "", "", 0
    seen: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        rest = line
        if not open_text and not depth:
            if header := _TABLE.match(line):
                table = _bare(header[2])
                if header[1] == "[[":
                    seen[table] = seen.get(table, -1) + 1
                    table = f"{table}[{seen[table]}]"
                yield table, number
                continue
            if key := _KEY.match(line):
                yield f"{table}.{_bare(key[1])}".lstrip("."), number
                rest = line[key.end() :]
        open_text, depth = _left_open(rest, open_text, depth)


def _left_open(line: str, open_text: str, depth: int) -> tuple[str, int]:
    """The long text that is still open at the end of a line, and how many brackets are."""
    at = 0
    while at < len(line):
        if open_text:
            end = line.find(open_text, at)
            if end < 0:
                return open_text, depth
            at, open_text = end + len(open_text), ""
        token = _TOKEN.search(line, at)
        if token is None:
            break
        at = token.end()
        if token[0] in _LONG:
            open_text = token[0]
        else:
            depth += (token[0] in "[{") - (token[0] in "]}")
    return open_text, max(depth, 0)


def _bare(name: str) -> str:
    return name.replace('"', "").replace("'", "")
