"""What is asked of whoever holds the keys of people: pseudonyms, sealed entries, names in a case."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from counterfoil.ledger.entry import Body, Sealed
from counterfoil.ledger.verify import SECRET_SIZE
from counterfoil.terms.directory import Card, CardKind
from counterfoil.terms.error import SourceError
from counterfoil.terms.ids import CardId, Pseudonym

ERASED = Pseudonym("")
"""Stands for somebody who had their data erased: their rows are not taken in again."""
HEAD = "counterfoil-secret-1:"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The proof that an entry stands in a log: what a read is given against."""

    index: int
    entry: bytes
    proof: Sequence[bytes]
    checkpoint: str
    """The signed note over the log that has it."""


class Keys(Protocol):
    """The keys of people, held in this process or in another one."""

    def name(self) -> str:
        """What tells these keys from any others, and nothing else.

        Raises: StoreError where they can't be reached.
        """

    def pseudonyms(self, identities: Sequence[str]) -> Sequence[Pseudonym]:
        """The pseudonym of each identity, made where it is the first time; ERASED for the erased.

        Raises: StoreError where the keys can't be reached.
        """

    def known(self, identities: Sequence[str]) -> Sequence[Pseudonym | None]:
        """The pseudonym of each identity that is known by any of its names, ERASED, or None; none is made.

        Raises: StoreError where the keys can't be reached.
        """

    def tags(self, people: Sequence[Pseudonym], use: str) -> Sequence[str]:
        """The hash of what each person alone can show for one use; it says nothing of who they are."""

    def whose(self, secret: bytes) -> Pseudonym | None:
        """Who has this secret; None where nobody has."""

    def seal(self, who: Pseudonym, body: Body) -> Sealed:
        """The next entry about a person, whose number is never used again.

        Raises: LookupError where nobody has that pseudonym.
        """

    def sealed(self) -> int:
        """How many entries about people were sealed: as many as the log has to have of them."""

    def entries_of(self, secret: bytes) -> int:
        """How many entries were sealed about whoever has this secret.

        Raises: LookupError where nobody has it.
        """

    def reveal(self, who: Pseudonym, count: int, entry: bytes, ciphertext: bytes) -> bytes:
        """What an entry about a person says, for an auditor who drew it; counted.

        Raises: LookupError where nobody has that pseudonym; Unverified where the entry is not that one.
        """

    def unwrap(self, who: Pseudonym, receipt: Receipt) -> str:
        """The identity behind a pseudonym, against the receipt of an entry that says so; counted.

        Raises: PermissionError where the receipt is none for this.
        """

    def destroy(self, who: Pseudonym) -> None:
        """Destroy a person's keys and cards: what was sealed about them stays noise for good."""

    def put_cards(self, cards: Sequence[Card]) -> None:
        """Keep cards of the directory instead of their older forms, durably.

        From then on everybody is known by the names on their card.
        """

    def cards(self, ids: Sequence[CardId]) -> Sequence[Card]:
        """Those of the cards that are there."""

    def card_ids(self, kind: CardKind) -> Sequence[CardId]:
        """The cards of a kind, always in the same order."""

    def card_named(self, name: str) -> Card | None:
        """The card of whoever is called that; None where nobody is."""

    def remove_cards(self, ids: Sequence[CardId]) -> None:
        """Overwrite cards; those whose cards they were keep their keys."""


def tag_for(secret: bytes, use: str) -> str:
    """What whoever has a secret shows for one use."""
    return hmac.new(secret, b"use" + use.encode(), hashlib.sha256).hexdigest()


def secret_text(secret: bytes) -> str:
    """A secret as its owner keeps it."""
    return f"{HEAD}{base64.b64encode(secret).decode()}\n"


def parse_secret(text: str) -> bytes:
    """A secret from its text.

    Raises: SourceError where it is none.
    """
    try:
        secret = base64.b64decode(text.strip().removeprefix(HEAD), validate=True)
    except ValueError:
        secret = b""
    if not text.startswith(HEAD) or len(secret) != SECRET_SIZE:
        hint = "name the file that you were given when you were enrolled"
        raise SourceError("no-secret", "this file holds no secret of a person", hint=hint)
    return secret
