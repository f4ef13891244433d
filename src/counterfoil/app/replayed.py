"""The instant answer: what was printed last time, while everything it was computed from is unchanged."""

import os
import struct
import sys
import time
import zlib
from _thread import get_ident

from counterfoil import __version__

try:
    # The whole of hashlib takes 10 ms to import.
    from _blake2 import blake2b
except ImportError:  # pragma: no cover
    from hashlib import blake2b

from counterfoil.store.place import cache_dir, database_mark, private_file, private_folder
from counterfoil.terms.error import StoreError

# Only the quick part of the standard library is imported (no pathlib, dataclasses, json, re, collections):
# this module is the whole of a run in which nothing changed.

FORMAT = b"counterfoil answer 1\n"
FOLDER = "answers"
MOST_ANSWERS = 64
MASK = 2**64 - 1
SETTLED_SECONDS = 2
"""A file changed this shortly before it was read may change again unseen (git's racy-git rule)."""
VARIABLES = (
    "HOME",
    "USERPROFILE",
    "CLAUDE_CONFIG_DIR",
    "CODEX_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_CACHE_HOME",
    "NO_COLOR",
    "FORCE_COLOR",
    "TERM",
    "COLUMNS",
    "LINES",
    "LANG",
    "LC_ALL",
    "TZ",
    "PYTHONIOENCODING",
    "PYTHONUTF8",
)
PREFIXES = ("COUNTERFOIL_", "GIT_")
NOWHERE = (0,) * 6
PARTS = struct.Struct("<8Q")
"""Lengths of the parts of an entry, in the order in which `remember` writes them."""
GIT_FILES = (
    *("HEAD", "packed-refs", "config", "config.worktree", "shallow", "worktrees", "info/attributes"),
    *("objects/pack", "objects/info/alternates", "reftable", "reftable/tables.list", "commondir"),
)


def replay(argv: list[str]) -> int | None:
    """Print the stored answer and return its exit code; None where it must be computed."""
    question = _question(argv)
    try:
        answer = _unchanged(_own_bytes(_entry(question)), question)
    except (OSError, ValueError, struct.error):
        return None
    if answer is None:
        return None
    code, out, err = answer
    _write(2, err)
    _write(1, out)
    return code


def remember(watched: "Watched", *, out: bytes, err: bytes, code: int) -> bool:
    """Store an answer until something watched changes; False where a change might be missed."""
    if not watched.settled():
        return False
    parts = (
        watched.question,
        _joined(watched.stamps),
        _numbers([n for stamp in watched.stamps.values() for n in stamp]),
        _joined(watched.marks),
        b"".join(watched.marks.values()),
        b"%d" % code,
        out,
        err,
    )
    body = PARTS.pack(*map(len, parts)) + b"".join(parts)
    try:
        _store(_entry(watched.question), FORMAT + zlib.crc32(body).to_bytes(4, "little") + body)
    except (OSError, StoreError):
        return False
    return True


class Watched:
    """Everything an answer depends on, noted before it is read.

    The program itself and the folder it is installed in are always among it. Made at the start of the run.
    """

    __slots__ = ("_began", "_latest", "_open", "marks", "question", "stamps")

    def __init__(self, argv: list[str]) -> None:
        self._began = time.time_ns()
        self._open = True
        self.question = _question(argv)
        self.stamps: dict[str, tuple[int, ...]] = {}
        """How each path looked; NOWHERE for one that was not there."""
        self.marks: dict[str, bytes] = {}
        """The mark of each of our own databases and of each tree whose names are not kept."""
        self._latest = 0
        here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        self.file(os.path.dirname(here))
        # Its files, not its folders: the first run of a new installation writes its bytecode beside them.
        for folder, _, names in os.walk(here):
            for name in names:
                if name.endswith(".py"):
                    self.file(os.path.join(folder, name))

    def file(self, path: str) -> None:
        """A file, a folder's list of names, or a place where nothing is."""
        if self._open:
            self.stamps[os.path.abspath(path)] = _stamp(path)

    def tree(self, path: str) -> None:
        """Every file and folder below, through links too, and the folder itself."""
        if self._open:
            self.stamps |= _below(path)

    def hidden(self, path: str) -> None:
        """Everything below, of which no name is kept: branches are named by other people."""
        if self._open:
            below = _below(path)
            self._latest = max(self._latest, _latest(below))
            self.marks[os.path.abspath(path)] = _digest(repr(sorted(below.items())))

    def repository(self, git_dir: str) -> None:
        """All that says which commits there are and how they are read: refs, settings, packs, worktrees."""
        for name in GIT_FILES:
            self.file(os.path.join(git_dir, name))
        self.hidden(os.path.join(git_dir, "refs"))
        home = os.path.expanduser("~")
        settings = os.environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
        for path in (
            "/etc/gitconfig",
            f"{home}/.gitconfig",
            f"{settings}/git/config",
            f"{settings}/git/attributes",
        ):
            self.file(path)

    def database(self, path: str, mark: bytes | None) -> None:
        """One of our own databases, with its mark after this run; None where another run wrote too."""
        if mark is None:
            self.never()
        else:
            self.marks[os.path.abspath(path)] = mark

    def never(self) -> None:
        """Say that this run's answer depends on something that can't be watched."""
        self._open = False

    def settled(self) -> bool:
        """True where no path changed during the run, or so shortly before that it could be missed."""
        latest = max(self._latest, _latest(self.stamps))
        return self._open and latest < self._began - SETTLED_SECONDS * 10**9


def _stamp(path: str) -> tuple[int, ...]:
    try:
        s = os.stat(path)
    except (OSError, ValueError):
        return NOWHERE
    return s.st_mode, s.st_size, s.st_mtime_ns, s.st_ctime_ns, s.st_ino, s.st_dev


def _below(path: str) -> dict[str, tuple[int, ...]]:
    """How every file and folder below looks, through links too, and the folder itself."""
    stamps: dict[str, tuple[int, ...]] = {}
    pending, seen = [os.path.abspath(path)], set()
    while pending:
        folder = pending.pop()
        stamps[folder] = _stamp(folder)
        inode = stamps[folder][-2:]
        if inode in seen:
            continue
        seen.add(inode)
        try:
            entries = list(os.scandir(folder))
        except OSError:
            continue
        for entry in entries:
            if os.path.isdir(entry):
                pending.append(entry.path)
            else:
                stamps[entry.path] = _stamp(entry.path)
    return stamps


def _latest(stamps: dict[str, tuple[int, ...]]) -> int:
    return max((max(stamp[2:4]) for stamp in stamps.values()), default=0)


def _digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogateescape"), digest_size=32).digest()


def _mark(path: str) -> bytes:
    if os.path.isdir(path):
        return _digest(repr(sorted(_below(path).items())))
    return database_mark(path)


def _question(argv: list[str]) -> bytes:
    """A digest of all that an answer depends on besides files: words, place, day, terminal, program.

    Variables of git can hold a secret, so none is kept.
    """
    variables = [
        f"{k}={v}" for k, v in sorted(os.environ.items()) if k in VARIABLES or k.startswith(PREFIXES)
    ]
    day = time.time_ns() // 86_400_000_000_000
    words = [__version__, sys.version, str(day), _terminal(1), _terminal(2), _where(), *argv, "", *variables]
    return _digest("\0".join(words))


def _where() -> str:
    try:
        return os.getcwd()
    except OSError:
        return ""


def _terminal(handle: int) -> str:
    """The width of a terminal; empty for a file or a pipe."""
    try:
        return str(os.get_terminal_size(handle).columns)
    except OSError:
        return ""


def _entry(question: bytes) -> str:
    # Two short checksums only name the file: the question itself is compared before an answer is used.
    return os.path.join(cache_dir(), FOLDER, f"{zlib.crc32(question):08x}{zlib.adler32(question):08x}")


def _own_bytes(path: str) -> bytes:
    """The content of a file that nobody else could have put there.

    Raises: OSError when it isn't there or isn't ours alone.
    """
    with open(path, "rb") as file:
        s = os.fstat(file.fileno())
        if os.name == "posix" and (s.st_uid != os.geteuid() or s.st_mode & 0o022):
            raise PermissionError(path)
        return file.read()


def _unchanged(entry: bytes, question: bytes) -> tuple[int, bytes, bytes] | None:
    """The exit code and the two outputs, where the entry is whole and each thing it watched is as it was.

    Raises: ValueError or struct.error when the entry is not one of ours.
    """
    at = len(FORMAT) + 4
    if not entry.startswith(FORMAT) or zlib.crc32(entry[at:]).to_bytes(4, "little") != entry[at - 4 : at]:
        return None
    lengths = PARTS.unpack_from(entry, at)
    at += PARTS.size
    parts = []
    for length in lengths:
        parts.append(entry[at : at + length])
        at += length
    asked, paths, stamps, databases, marks, code, out, err = parts
    if asked != question or _numbers([n for path in _split(paths) for n in _stamp(path)]) != stamps:
        return None
    if b"".join(_mark(path) for path in _split(databases)) != marks:
        return None
    return int(code), out, err


def _joined(paths: dict[str, tuple[int, ...]] | dict[str, bytes]) -> bytes:
    return os.fsencode("\0".join(paths))


def _split(paths: bytes) -> list[str]:
    return os.fsdecode(paths).split("\0") if paths else []


def _numbers(numbers: list[int]) -> bytes:
    # Device and inode numbers may use all 64 bits; times before 1970 wrap, and compare as well.
    return struct.pack(f"<{len(numbers)}Q", *(numbers if min(numbers) >= 0 else (n & MASK for n in numbers)))


def _store(path: str, entry: bytes) -> None:
    """Put an entry in place whole or not at all, and keep the newest ones only."""
    folder = private_folder(os.path.dirname(path))
    draft = private_file(f"{path}.{os.getpid()}.{get_ident()}")
    try:
        with open(draft, "wb") as file:
            file.write(entry)
        os.replace(draft, path)
    except OSError:
        os.unlink(draft)
        raise
    kept = sorted(os.scandir(folder), key=lambda e: e.stat().st_mtime_ns, reverse=True)
    for entry_file in kept[MOST_ANSWERS:]:
        os.unlink(entry_file.path)


def _write(handle: int, text: bytes) -> None:
    left = memoryview(text)
    try:
        while left:
            left = left[os.write(handle, left) :]
    except BrokenPipeError:
        return
