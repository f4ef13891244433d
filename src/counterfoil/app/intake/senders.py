"""Who sends telemetry: the person or machine whose token it is, and pseudonyms for those it only claims."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from counterfoil.app.server.desk import Desk
from counterfoil.guard.tokens import NOBODY, Scope, token_of
from counterfoil.terms.ids import Pseudonym

Kept = TypeVar("Kept")
LASTS = 30.0
"""Seconds for which a token is known without a look: one that was withdrawn holds as long."""
MOST_KNOWN = 100_000
LONGEST = 198
"""Bytes of an identity that can be enrolled."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose request it is."""

    who: Pseudonym = NOBODY
    has_token: bool = False


@dataclass(slots=True)
class Senders:
    """Tokens and identities that were met lately; what they stand for is never written here."""

    desk: Desk
    need_token: bool
    """Whether a request without a token is turned away."""
    _tokens: dict[str, tuple[float, Sender | None]] = field(default_factory=dict)
    _people: dict[str, Pseudonym] = field(default_factory=dict)
    _until: float = 0.0
    """When all of them are forgotten."""

    def of(self, authorization: str) -> Sender | None:
        """Whose token a request brings; None where it may not send."""
        if not authorization:
            return None if self.need_token else Sender()
        bearer = authorization.removeprefix("Bearer ").strip()
        now = time.monotonic()
        until, found = self._tokens.get(bearer, (0.0, None))
        if until <= now:
            token = token_of(self.desk.aside, bearer, Scope.INGEST)
            found = None if token is None else Sender(token.who, True)
            _trimmed(self._tokens)[bearer] = (now + LASTS, found)
        return found

    def pseudonyms(self, identities: Sequence[str]) -> Sequence[Pseudonym]:
        """The pseudonym of each identity; nobody where there is none, or it was erased.

        Raises: StoreError where whoever holds the keys can't be reached.
        """
        found = self.known(identities)
        if found is None:
            people = self._looked_up(identities)
            found = [people[who] for who in identities]
        return found

    def known(self, identities: Sequence[str]) -> Sequence[Pseudonym] | None:
        """The same where all were met lately; None where somebody has to be looked up."""
        if time.monotonic() > self._until:
            # All at once: a look at each one's age cost more than looking all up again.
            self._people = {"": NOBODY}
            self._until = time.monotonic() + LASTS
        found = list(map(self._people.get, identities))
        return None if None in found else found  # type: ignore[return-value]

    def _looked_up(self, identities: Sequence[str]) -> Mapping[str, Pseudonym]:
        """What is known of people, these among them."""
        if len(self._people) > MOST_KNOWN:
            self._people = {"": NOBODY}
        people = self._people
        new = [who for who in dict.fromkeys(identities) if who not in people]
        can = [who for who in new if len(who.encode("utf-8", "surrogatepass")) <= LONGEST]
        named: Sequence[Pseudonym] = ()
        if can:
            with self.desk.open() as g:
                named = g.keys.pseudonyms(can)
        people.update({**dict.fromkeys(new, NOBODY), **dict(zip(can, named, strict=True))})
        return people


def _trimmed(known: dict[str, Kept]) -> dict[str, Kept]:
    """What is known, or nothing where that grew too large: it is looked up again."""
    if len(known) > MOST_KNOWN:
        known.clear()
    return known
