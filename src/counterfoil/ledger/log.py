"""The log on disk: durable before it is acknowledged; entries that were cut or altered are found."""

import fcntl
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from counterfoil.ledger.sign import SignerKey, signed_note
from counterfoil.ledger.tree import Tree
from counterfoil.ledger.verify import Checkpoint, Unverified, VerifierKey, leaf_hash, open_note
from counterfoil.terms.error import LedgerBroken, StoreError

JOURNAL, CHECKPOINT, LOCK = "entries", "checkpoint", "lock"
HEAD = struct.Struct(">HI")
"""Length and CRC of an entry; C2SP tlog-tiles bounds the length by 16 bits."""
MOST_BYTES = 0xFFFF
ROOM = 65_536
STOP = "stop, keep the folder as it is, and compare it with a witness's last cosignature"


class Log:
    """An append-only log of one writer.

    An append writes its entries and syncs them, then replaces the signed checkpoint and syncs that. What lies
    beyond the checkpoint was never acknowledged and is cut off at the next start; what lies before it has to
    be whole.
    """

    def __init__(self, folder: Path, key: SignerKey) -> None:
        """Open a log, or begin one in an empty folder.

        Raises: LedgerBroken where an acknowledged entry is gone or altered; StoreError where another process
        writes, or the folder can't be written.
        """
        self._folder, self._key = folder, key
        self._tree = Tree()
        self._starts: list[int] = []
        self._usable = True
        with ExitStack() as opened:
            self._lock = _opened(folder / LOCK)
            opened.callback(os.close, self._lock)
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                hint = "stop the other process, or ask it"
                raise StoreError("ledger-in-use", "another process writes this log", hint=hint) from error
            self._file = _opened(folder / JOURNAL)
            opened.callback(os.close, self._file)
            self._recover()
            opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)
        os.close(self._lock)

    def __len__(self) -> int:
        return len(self._tree)

    @property
    def verifier(self) -> VerifierKey:
        """The public half of the key that signs it."""
        return self._key.verifier

    @property
    def tree(self) -> Tree:
        """The tree over all acknowledged entries."""
        return self._tree

    @property
    def is_usable(self) -> bool:
        """Whether the last append was whole; not while one goes on."""
        return self._usable

    def check_room(self) -> None:
        """Write beside the log, and take it away again.

        Raises: StoreError where nothing can be written.
        """
        beside = self._folder / f".{CHECKPOINT}.room"
        try:
            beside.write_bytes(bytes(ROOM))
            beside.unlink()
        except OSError as error:
            raise _unwritable(self._folder) from error

    @property
    def checkpoint(self) -> str:
        """The signed checkpoint as it lies on disk."""
        return (self._folder / CHECKPOINT).read_text("utf-8")

    def append(self, entries: Sequence[bytes]) -> int:
        """Add entries; on return they are durable. The index of the first.

        Raises: StoreError where they can't be made durable; then nothing is acknowledged, and this log takes
        no more until it is opened again.
        """
        if not self._usable:
            raise _unwritable(self._folder)
        if any(len(entry) > MOST_BYTES for entry in entries):
            hint = "keep bodies outside of the log, and log their hash"
            raise StoreError("ledger-entry-too-long", "an entry is longer than 65,535 bytes", hint=hint)
        first, end = len(self), self._starts[-1] if self._starts else 0
        records = [HEAD.pack(len(entry), zlib.crc32(entry)) + entry for entry in entries]
        # Whatever interrupts this, an error or a signal, leaves memory and disk apart: only opening mends it.
        self._usable = False
        try:
            _written(self._file, b"".join(records), at=end)
            os.fdatasync(self._file)
            for entry, record in zip(entries, records, strict=True):
                self._tree.append(entry)
                end += len(record)
                self._starts.append(end)
            self._sign()
        except OSError as error:
            raise _unwritable(self._folder) from error
        self._usable = True
        return first

    def entry(self, index: int) -> bytes:
        """An acknowledged entry.

        Raises: IndexError where there is none; LedgerBroken where it was altered since it was read.
        """
        if not 0 <= index < len(self):
            raise IndexError(f"there is no entry {index}")
        start = self._starts[index - 1] if index else 0
        data = os.pread(self._file, self._starts[index] - start, start)[HEAD.size :]
        if self._tree.leaf(index) != leaf_hash(data):
            raise _broken(f"entry {index} was altered")
        return data

    def _sign(self) -> None:
        """Replace the checkpoint by one over everything that is durable."""
        text = str(Checkpoint(self._key.name, len(self._tree), self._tree.root()))
        partial = self._folder / f".{CHECKPOINT}.partial"
        file = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            _written(file, signed_note(text, self._key).encode(), at=0)
            os.fsync(file)
        finally:
            os.close(file)
        os.replace(partial, self._folder / CHECKPOINT)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _recover(self) -> None:
        """Read every entry, hold them to the checkpoint, and cut off what was never acknowledged."""
        self._tree, self._starts = _held(self._file, self._claimed())
        try:
            os.ftruncate(self._file, self._starts[-1] if self._starts else 0)
        except OSError as error:
            raise _unwritable(self._folder) from error

    def _claimed(self) -> Checkpoint:
        """The last signed checkpoint; one over nothing where the log is new."""
        path = self._folder / CHECKPOINT
        try:
            note = path.read_text("utf-8")
        except FileNotFoundError:
            self._sign_first()
            note = path.read_text("utf-8")
        except UnicodeDecodeError as error:
            raise _broken("the checkpoint can't be read") from error
        return _claim(note, self._key.verifier)

    def _sign_first(self) -> None:
        """Begin a log: only where there is no entry, since a checkpoint that is gone was taken away."""
        if os.fstat(self._file).st_size:
            raise _broken("the checkpoint is gone")
        try:
            self._sign()
        except OSError as error:
            raise _unwritable(self._folder) from error


def check_log(folder: Path, key: VerifierKey) -> int:
    """How many entries a log has, each held to its signed checkpoint; it only reads, also beside a writer.

    Raises: LedgerBroken where an acknowledged entry is gone or altered; StoreError where it can't be read.
    """
    try:
        # The checkpoint first: entries that are added meanwhile lie beyond it.
        claimed = _claim((folder / CHECKPOINT).read_text("utf-8"), key)
        file = os.open(folder / JOURNAL, os.O_RDONLY)
    except (FileNotFoundError, UnicodeDecodeError) as error:
        raise _broken("the checkpoint or the entries are gone, or can't be read") from error
    except OSError as error:
        raise _unwritable(folder) from error
    try:
        return len(_held(file, claimed)[0])
    finally:
        os.close(file)


def _claim(note: str, key: VerifierKey) -> Checkpoint:
    """The checkpoint that a key signed."""
    try:
        claimed = Checkpoint.parse(open_note(note, [key]).text)
    except Unverified as error:
        raise _broken(f"the checkpoint does not hold: {error}") from error
    if claimed.origin != key.name:
        raise _broken("the checkpoint is that of another log")
    return claimed


def _held(file: int, claimed: Checkpoint) -> tuple[Tree, list[int]]:
    """The tree over the entries that a checkpoint claims, and where each ends."""
    tree, ends = Tree(), list[int]()
    for entry, end in _records(file):
        if len(tree) == claimed.size:
            break
        tree.append(entry)
        ends.append(end)
    if len(tree) < claimed.size:
        raise _broken(f"{claimed.size - len(tree)} acknowledged entries are gone or torn")
    if tree.root() != claimed.root:
        raise _broken("an acknowledged entry was altered")
    return tree, ends


def _records(file: int) -> Iterator[tuple[bytes, int]]:
    """Whole entries from the first on, each with where it ends; stops at the first that is not whole."""
    with os.fdopen(os.dup(file), "rb") as journal:
        journal.seek(0)
        end = 0
        while len(head := journal.read(HEAD.size)) == HEAD.size:
            length, check = HEAD.unpack(head)
            entry = journal.read(length)
            if len(entry) < length or zlib.crc32(entry) != check:
                return
            end += HEAD.size + length
            yield entry, end


def _opened(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise _unwritable(path.parent) from error


def _written(file: int, data: bytes, *, at: int) -> None:
    """Write all of some bytes at a place."""
    os.lseek(file, at, os.SEEK_SET)
    left = memoryview(data)
    while left:
        left = left[os.write(file, left) :]


def _broken(says: str) -> LedgerBroken:
    return LedgerBroken("ledger-broken", f"the log does not hold: {says}", hint=STOP)


def _unwritable(folder: Path) -> StoreError:
    hint = "make room on the disk, or name a folder that you can write; until then nothing is read"
    return StoreError("ledger-unwritable", f"the log in {folder} can't be written", hint=hint)
