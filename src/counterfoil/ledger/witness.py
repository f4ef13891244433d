"""A witness: cosigns a log's checkpoint only if the log did nothing but grow since the last one it saw."""

import base64
import binascii
import fcntl
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from counterfoil.ledger.sign import SignerKey, signature_line
from counterfoil.ledger.verify import (
    Checkpoint,
    Unverified,
    VerifierKey,
    check_consistency,
    empty_root,
    open_note,
)
from counterfoil.terms.error import LedgerBroken, StoreError

MOST_STEPS = 63
MOST_BODY = 16_384
SIZE_TYPE, TEXT_TYPE = "text/x.tlog.size", "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a witness says to a log."""

    status: int
    """As HTTP: 200 cosigned, 400 malformed, 403 not signed by the log, 404 no log it watches, 409 another
    size was seen last, 422 rewritten."""
    body: str
    kind: str = TEXT_TYPE


class Witness:
    """Watches some logs; it keeps a size and a root of each and learns nothing else.

    Source: C2SP tlog-witness 1.0.0, add-checkpoint (read 2026-11-25).
    """

    def __init__(self, folder: Path, key: SignerKey, logs: Mapping[str, VerifierKey]) -> None:
        """Watch logs, by their origins; what was seen of them is kept in a folder."""
        self._folder, self._key, self._logs = folder, key, logs

    def add_checkpoint(self, body: str, *, now: int) -> Answer:
        """Cosign a checkpoint that follows the last one seen, or say why not; `now` in seconds since 1970.

        Raises: StoreError where what was seen can't be kept; then nothing is cosigned.
        """
        try:
            old_size, proof, note = _parsed(body)
            origin = note.split("\n", 1)[0]
        except Unverified as error:
            return Answer(400, f"{error}\n")
        if origin not in self._logs:
            return Answer(404, "this witness does not watch that log\n")
        try:
            text = open_note(note, [self._logs[origin]]).text
        except Unverified as error:
            return Answer(403, f"{error}\n")
        try:
            claimed = Checkpoint.parse(text)
        except Unverified as error:
            return Answer(400, f"{error}\n")
        if old_size > claimed.size:
            return Answer(400, "a log can't shrink\n")
        return self._seen(origin, old_size, proof, claimed, text, now)

    def last(self, origin: str) -> Checkpoint | None:
        """The last checkpoint that was cosigned for a log; None where there was none.

        Raises: LedgerBroken where what was kept can't be read: a witness that forgot must not go on.
        """
        try:
            kept = self._path(origin).read_text("utf-8")
        except FileNotFoundError:
            return None
        try:
            return Checkpoint.parse(kept)
        except Unverified as error:
            hint = "retire this witness's key, and begin anew with another"
            raise LedgerBroken("witness-forgot", "what this witness saw can't be read", hint=hint) from error

    def _seen(
        self, origin: str, old_size: int, proof: Sequence[bytes], claimed: Checkpoint, text: str, now: int
    ) -> Answer:
        """Compare with what was seen, keep the new checkpoint, and cosign; one at a time."""
        try:
            lock = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise _unkept() from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            last = self.last(origin)
            size = last.size if last is not None else 0
            if old_size != size:
                return Answer(409, f"{size}\n", SIZE_TYPE)
            try:
                _follows(last, proof, claimed)
            except Unverified as error:
                return Answer(422, f"{error}\n")
            self._keep(origin, claimed)
            return Answer(200, signature_line(text, self._key, at=now))
        finally:
            os.close(lock)

    def _path(self, origin: str) -> Path:
        """The file of a log, named by a hash: an origin may hold what a path could mean."""
        return self._folder / f"{sha256(origin.encode()).hexdigest()[:40]}.seen"

    def _keep(self, origin: str, claimed: Checkpoint) -> None:
        path = self._path(origin)
        partial = path.with_suffix(".partial")
        try:
            with partial.open("w", encoding="utf-8") as file:
                file.write(str(claimed))
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
            folder = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise _unkept() from error


def _unkept() -> StoreError:
    hint = "make room on the disk, or name a folder that you can write; until then nothing is cosigned"
    return StoreError("witness-unwritable", "what was seen can't be kept", hint=hint)


def _follows(last: Checkpoint | None, proof: Sequence[bytes], claimed: Checkpoint) -> None:
    """Check that a checkpoint follows the last one; the first needs no proof."""
    if last is None or last.size == 0:
        if proof:
            raise Unverified("nothing was seen yet, and a proof was sent")
        if claimed.size == 0 and claimed.root != empty_root():
            raise Unverified("a log without entries has another root")
        return
    check_consistency(last.size, claimed.size, proof, last.root, claimed.root)


def _parsed(body: str) -> tuple[int, list[bytes], str]:
    """The old size, the proof and the note of a request."""
    if len(body) > MOST_BODY:
        raise Unverified("the request is too long")
    head, gap, note = body.partition("\n\n")
    first, *lines = head.split("\n")
    word, _, size = first.partition(" ")
    counted = size.isascii() and size.isdigit() and (size == "0" or size[0] != "0")
    if not gap or word != "old" or not counted:
        raise Unverified("the request does not begin with the old size")
    if len(lines) > MOST_STEPS:
        raise Unverified("the proof is too long")
    try:
        return int(size), [base64.b64decode(line, validate=True) for line in lines], note
    except binascii.Error as error:
        raise Unverified("a step of the proof is no base64") from error


def request_of(old_size: int, proof: Sequence[bytes], checkpoint: str) -> str:
    """What a log sends to a witness."""
    steps = "".join(f"{base64.b64encode(step).decode()}\n" for step in proof)
    return f"old {old_size}\n{steps}\n{checkpoint}"
