"""The folders of a pulse's issuer and of its collector, in which no size, order or time tells of anybody."""

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from counterfoil.store.place import private_folder
from counterfoil.terms.error import SourceError, StoreError
from counterfoil.terms.pulse import Pulse, Standing

SLOT = 2_048
"""Bytes of one answer with its token."""
MARK = 32
"""Bytes of the mark of one token that was signed."""
PULSE, TAGS, ISSUED, ANSWERS = "pulse.json", "tags.json", "issued", "answers"


def make_folders(
    pulse: Pulse, issuer: Path, collector: Path, *, pems: Mapping[Standing, bytes], tags: Mapping[str, str]
) -> None:
    """Make both folders of a pulse: the issuer has its keys and who may ask, the collector public keys alone.

    Raises: StoreError where one can't be written, or is used already.
    """
    told = {"id": pulse.id, "closes": str(pulse.closes), "keys": pulse.keys, "eligible": pulse.eligible}
    for folder in (issuer, collector):
        private_folder(str(folder.absolute()))
        _new_file(folder / PULSE, json.dumps(told).encode())
    for standing, pem in pems.items():
        _new_file(issuer / f"{standing}.pem", pem)
    # Sorted, so that their order says nothing either.
    _new_file(issuer / TAGS, json.dumps(tags, sort_keys=True).encode())
    _new_file(issuer / ISSUED, bytes(MARK * len(tags)))
    # Room for everybody, so that no size says how many have answered.
    _new_file(collector / ANSWERS, bytes(SLOT * len(tags)))


def pulse_in(folder: Path) -> Pulse:
    """The pulse of a folder.

    Raises: SourceError where there is none.
    """
    try:
        return pulse_of((folder / PULSE).read_text("utf-8"))
    except (OSError, ValueError, KeyError) as error:
        hint = "name the folder that counterfoil pulse new made"
        raise SourceError("no-pulse", f"{folder} holds no pulse", hint=hint) from error


def pulse_of(text: str) -> Pulse:
    """A pulse from its JSON."""
    told = json.loads(text)
    keys = {Standing(name): key for name, key in told["keys"].items()}
    closes = date.fromisoformat(told["closes"])
    return Pulse(id=told["id"], closes=closes, keys=keys, eligible=told["eligible"])


class IssuerFolder:
    """Who may ask for a token, and what was issued.

    What was issued stands in one file, at the place of the tag among all tags: no file has a time at which
    somebody asked.
    """

    def __init__(self, folder: Path) -> None:
        """Open it.

        Raises: OSError, or ValueError, where it is none.
        """
        self.tags: Mapping[str, str] = json.loads((folder / TAGS).read_text("utf-8"))
        self.pems = {standing: (folder / f"{standing}.pem").read_bytes() for standing in Standing}
        self._issued = os.open(folder / ISSUED, os.O_RDWR)
        self._places = {tag: place for place, tag in enumerate(sorted(self.tags))}

    def issue(self, tag: str, mark: bytes) -> bool:
        """Note what was signed for a tag; False where it was something else before."""
        at = self._places[tag] * MARK
        # Asked again for the same, where the answer got lost on its way, it is the same again.
        if os.pread(self._issued, MARK, at) not in {bytes(MARK), mark}:
            return False
        _put(self._issued, mark, at=at)
        return True


class CollectorFolder:
    """Answers in one file, each at a place that chance draws: neither their order nor any time is kept."""

    def __init__(self, folder: Path) -> None:
        """Open it.

        Raises: OSError where it is none.
        """
        self._answers = os.open(folder / ANSWERS, os.O_RDWR)
        self._free = [place for place, slot in enumerate(self._slots()) if not slot]

    def take(self, answer: bytes) -> bool:
        """Keep an answer, which ends with two brackets; False where there is no room for it."""
        if not self._free or len(answer) > SLOT:
            return False
        place = self._free.pop(secrets.randbelow(len(self._free)))
        _put(self._answers, answer.ljust(SLOT, b"\0"), at=place * SLOT)
        return True

    def answers(self) -> Iterator[bytes]:
        """Every answer."""
        return (slot for slot in self._slots() if slot)

    def forget(self) -> None:
        """Overwrite every answer."""
        _put(self._answers, bytes(os.fstat(self._answers).st_size), at=0)

    def _slots(self) -> Iterator[bytes]:
        for place in range(os.fstat(self._answers).st_size // SLOT):
            slot = os.pread(self._answers, SLOT, place * SLOT).rstrip(b"\0")
            # One that was being written when it was killed was never acknowledged.
            yield slot if slot.endswith(b"}}") else b""


def _put(file: int, data: bytes, *, at: int) -> None:
    """Write at a place, durably."""
    try:
        os.pwrite(file, data, at)
        os.fdatasync(file)
    except OSError as error:
        hint = "make room on the disk"
        raise StoreError(
            "pulse-unwritable", f"the pulse can't be written: {error.strerror}", hint=hint
        ) from error


def _new_file(path: Path, data: bytes) -> None:
    """Write a file that is not there yet, durably and whole."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(handle, view) :]
            os.fsync(handle)
        finally:
            os.close(handle)
        try:
            os.link(partial, path)
        finally:
            os.unlink(partial)
    except OSError as error:
        hint = "for another pulse, name other folders; else make room on the disk"
        raise StoreError("pulse-unwritable", f"{path}: {error.strerror}", hint=hint) from error
