"""Keeps the directory's cards beside the keys of people: durable, found by name, overwritten when removed."""

import json
import os
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from counterfoil.terms.directory import Card, CardKind
from counterfoil.terms.error import LedgerBroken, StoreError
from counterfoil.terms.ids import CardId, Pseudonym

CARDS, FRESH = "cards", "cards.new"
HEAD = struct.Struct(">BII")
"""State, length and checksum of what follows."""
HEADER = b"counterfoil cards 1\n"
HERE, GONE = 1, 2
LEAST_WASTE = 1 << 20
"""Unit: bytes. With less of it, the file is not written anew."""


class Cards:
    """The cards in one folder, whose owner holds its lock.

    A card is appended, and durable before its older form is overwritten: whenever it is killed, the last
    form that was acknowledged is there. What is removed is overwritten where it stood.
    """

    def __init__(self, folder: Path) -> None:
        """Open the cards, made where there are none.

        Raises: StoreError where they can't be read or written; LedgerBroken where they are damaged.
        """
        self._folder = folder
        self._cards: dict[CardId, Card] = {}
        self._places: dict[CardId, tuple[int, int]] = {}
        self._by_name: dict[str, CardId] = {}
        self._of: dict[Pseudonym, set[CardId]] = {}
        try:
            self._file = os.open(folder / CARDS, os.O_RDWR | os.O_CREAT, 0o600)
            self._load()
        except OSError as error:
            raise unusable(error) from error

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)

    def of(self, ids: Iterable[CardId]) -> Sequence[Card]:
        """Those of the cards that are there."""
        return [self._cards[id] for id in ids if id in self._cards]

    def ids(self, kind: CardKind) -> Sequence[CardId]:
        """The cards of a kind, always in the same order."""
        return sorted(id for id, card in self._cards.items() if card.kind is kind)

    def named(self, name: str) -> Card | None:
        """The card of whoever is called that; capitals count only where they tell two apart."""
        id = self._by_name.get(name) or self._by_name.get(name.casefold())
        return None if id is None else self._cards[id]

    def about(self, who: Pseudonym) -> Sequence[Card]:
        """The cards of one person."""
        return self.of(sorted(self._of.get(who, ())))

    def put(self, cards: Sequence[Card]) -> None:
        """Keep cards instead of their older forms, durably, before it returns."""
        old = [self._places[card.id] for card in cards if card.id in self._places]
        data, places = _packed(cards, self._end)
        try:
            _written(self._file, data, at=self._end)
            os.fdatasync(self._file)
            self._end += len(data)
            for card, place in zip(cards, places, strict=True):
                self._forget(card.id)
                self._take(card, place)
            self._wipe(old)
        except OSError as error:
            raise unusable(error) from error

    def remove(self, ids: Iterable[CardId]) -> None:
        """Overwrite cards, durably, before it returns."""
        gone = [id for id in ids if id in self._cards]
        try:
            self._wipe([self._places[id] for id in gone])
        except OSError as error:
            raise unusable(error) from error
        for id in gone:
            self._forget(id)

    def _take(self, card: Card, place: tuple[int, int]) -> None:
        self._cards[card.id], self._places[card.id] = card, place
        self._by_name.update(dict.fromkeys(card.names, card.id))
        if card.who:
            self._of.setdefault(card.who, set()).add(card.id)

    def _forget(self, id: CardId) -> None:
        card = self._cards.pop(id, None)
        self._places.pop(id, None)
        if card is None:
            return
        for name in card.names:
            if self._by_name.get(name) == id:
                del self._by_name[name]
        if (mine := self._of.get(card.who)) is not None:
            mine.discard(id)
            if not mine:
                del self._of[card.who]

    def _wipe(self, places: Sequence[tuple[int, int]]) -> None:
        """First say that they are gone, then overwrite them: what is half overwritten is never read."""
        if not places:
            return
        for at, _ in places:
            _written(self._file, bytes([GONE]), at=at)
        os.fdatasync(self._file)
        for at, length in places:
            _written(self._file, bytes(length), at=at + HEAD.size)
        os.fdatasync(self._file)

    def _load(self) -> None:
        whole = os.pread(self._file, os.fstat(self._file).st_size, 0)
        if len(whole) < len(HEADER) and HEADER.startswith(whole):
            _written(self._file, HEADER, at=0)
            os.fdatasync(self._file)
            whole = HEADER
        if not whole.startswith(HEADER):
            raise _broken()
        unwiped, wasted = [], 0
        self._end = len(HEADER)
        for at, length, card in _read(whole):
            self._end = at + HEAD.size + length
            if card is None:
                wasted += length
                unwiped += [(at, length)] if any(whole[at + HEAD.size : self._end]) else []
                continue
            if card.id in self._places:
                # It was killed between a card and the overwriting of its older form.
                unwiped.append(self._places[card.id])
                wasted += self._places[card.id][1]
            self._forget(card.id)
            self._take(card, (at, length))
        if self._end < len(whole):
            os.ftruncate(self._file, self._end)
        self._wipe(unwiped)
        if wasted > max(LEAST_WASTE, self._end // 2):
            self._write_anew()

    def _write_anew(self) -> None:
        """Leave out what was overwritten; the old file stands until the new one is whole."""
        cards = list(self._cards.values())
        data, places = _packed(cards, len(HEADER))
        fresh = os.open(self._folder / FRESH, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        _written(fresh, HEADER + data, at=0)
        os.fsync(fresh)
        os.replace(self._folder / FRESH, self._folder / CARDS)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        os.close(self._file)
        self._file, self._end = fresh, len(HEADER) + len(data)
        self._places = {card.id: place for card, place in zip(cards, places, strict=True)}


def _packed(cards: Sequence[Card], end: int) -> tuple[bytes, list[tuple[int, int]]]:
    """Cards as bytes, and where each will stand."""
    parts, places = [], []
    for card in cards:
        text = json.dumps(asdict(card), separators=(",", ":")).encode()
        places.append((end, len(text)))
        parts.append(HEAD.pack(HERE, len(text), zlib.crc32(text)) + text)
        end += HEAD.size + len(text)
    return b"".join(parts), places


def _read(whole: bytes) -> Iterator[tuple[int, int, Card | None]]:
    """Every card with its place; None where one was removed.

    Those that were being written when it was killed were never acknowledged, and are left out.
    Raises: LedgerBroken where one is damaged that others follow.
    """
    at = len(HEADER)
    while at + HEAD.size <= len(whole):
        state, length, checksum = HEAD.unpack_from(whole, at)
        text = whole[at + HEAD.size : at + HEAD.size + length]
        if state == GONE and len(text) == length:
            yield at, length, None
        elif state == HERE and len(text) == length and zlib.crc32(text) == checksum:
            yield at, length, _card(json.loads(text))
        elif len(text) < length or at + HEAD.size + length == len(whole):
            return
        else:
            raise _broken()
        at += HEAD.size + length


def _card(told: Mapping[str, str]) -> Card:
    kept = {**told, "kind": CardKind(told["kind"]), "names": tuple(told["names"])}
    return Card(**kept)  # type: ignore[arg-type]


def _written(file: int, data: bytes, *, at: int) -> None:
    done = 0
    while done < len(data):
        done += os.pwrite(file, data[done:], at + done)


def _broken() -> LedgerBroken:
    hint = "restore it from a copy; or delete it, and let the directory send everybody again"
    return LedgerBroken("cards-broken", "the file of the directory's cards is damaged", hint=hint)


def unusable(error: OSError) -> StoreError:
    """The keys, or the cards beside them, can't be read or written."""
    hint = "make room on the disk, or name a folder that you can write; until then nothing is read"
    return StoreError("keys-unusable", f"the keys can't be read or written: {error.strerror}", hint=hint)
