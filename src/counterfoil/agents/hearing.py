"""What the server said last: whether it is there, the ceilings that it signed, and what is switched off."""

import hmac
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from threading import Lock

import msgspec

from counterfoil.agents.pinned import Pinned, kept, pinned
from counterfoil.agents.wire import Standing, WireError, standing_of
from counterfoil.ledger.verify import Unverified, VerifierKey, open_note
from counterfoil.terms.agent import Ceiling, Stop
from counterfoil.terms.error import SourceError
from counterfoil.terms.ids import Pseudonym

LIVE_SECONDS = 4.0
"""How long an answer of the server holds."""
APART_SECONDS = 120
"""How far the clocks of both sides may be apart."""
ORGANISATION = "organisation"
NEVER = "the server was not heard of so far"
SILENT = "the server was not heard of for some seconds"
CLOCK = "the clocks of the server and of this process are apart"
BACK = "the server's clock went back"


@dataclass(frozen=True, slots=True)
class _Heard:
    standing: Standing
    at: float
    """On the clock that nobody sets; of when the question was sent."""
    ceilings: Mapping[str, Ceiling]
    stops: frozenset[str]

    @classmethod
    def of(cls, standing: Standing, at: float) -> "_Heard":
        """What the gate asks of an answer."""
        gone = {f"owner:{who}" for who, owner in standing.owners.items() if not owner.here}
        stopped = frozenset(gone | {stop.what for stop in standing.stops})
        return cls(standing, at, {ceiling.name: ceiling for ceiling in standing.ceilings}, stopped)

    def same(self, other: "_Heard | None") -> bool:
        """Whether another answer says the same."""
        mine, others = self.standing, other.standing if other is not None else None
        return others is not None and (mine.version, mine.stops, mine.owners) == (
            others.version,
            others.stops,
            others.owners,
        )


class Hearing:
    """The lifeline of the gate: whatever it asks is one look at memory, and nothing here reaches out."""

    def __init__(
        self,
        folder: Path,
        *,
        now: Callable[[], float] = time.time,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        """What is pinned lies in a folder: the server's key, and the last version of its ceilings.

        Raises: StoreError where it can't be read.
        """
        self._folder, self._now, self._ticks = folder, now, ticks
        self._pinned = pinned(folder)
        self._heard: _Heard | None = None
        self._asked: dict[str, float] = {}
        self._lock = Lock()
        self._trouble, self._turns = NEVER, 0

    @property
    def key(self) -> str:
        """The verifier key of the server; empty where none is pinned."""
        return self._pinned.key

    @property
    def live(self) -> bool:
        """Whether the server was heard of just now."""
        heard = self._heard
        return heard is not None and self._ticks() - heard.at < LIVE_SECONDS and not self._apart(heard)

    @property
    def trouble(self) -> str:
        """Why it is not live, in words; empty where it is."""
        heard = self._heard
        if self.live:
            return ""
        if heard is not None and self._apart(heard):
            return CLOCK
        return self._trouble or SILENT

    @property
    def version(self) -> int:
        """Another number whenever ceilings, switches or owners are other ones."""
        return self._turns

    @property
    def ceiling_version(self) -> int:
        """Of the ceilings; 0 where there are none."""
        return 0 if self._heard is None else self._heard.standing.version

    @property
    def ceilings(self) -> Sequence[Ceiling]:
        """Every ceiling, the organisation's first; those over one owner's agents are in `ceilings_of`."""
        return () if self._heard is None else self._heard.standing.ceilings

    @property
    def stops(self) -> Collection[str]:
        """What is switched off, as a `Stop` names it; and owners who are not there today."""
        return frozenset() if self._heard is None else self._heard.stops

    @property
    def stops_told(self) -> Sequence[Stop]:
        """What the server says is switched off, by whom, since when and why."""
        return () if self._heard is None else self._heard.standing.stops

    def ceilings_of(self, owner: Pseudonym) -> Sequence[Ceiling]:
        """The ceilings over the agents of an owner; none where the server was not asked about them so far."""
        heard = self._heard
        of = None if heard is None else heard.standing.owners.get(owner)
        if heard is None or of is None or ORGANISATION not in heard.ceilings:
            return ()
        return [heard.ceilings[name] for name in (ORGANISATION, *of.ceilings) if name in heard.ceilings]

    @property
    def owners(self) -> Mapping[Pseudonym, bool]:
        """Whether each owner whom the server was just asked about is in the organisation today."""
        heard = self._heard
        if heard is None or not self.live:
            return {}
        return {who: of.here for who, of in heard.standing.owners.items()}

    def pin(self, key: str) -> None:
        """Take a key for that of the server, durably; one that is pinned stays.

        Raises: SourceError where it is another one; Unverified where it is none.
        """
        VerifierKey.parse(key)
        if self._pinned.key and not hmac.compare_digest(self._pinned.key, key):
            hint = "if the server was really set up anew, remove server.json from the agents' folder"
            raise SourceError("another-server", "this is not the server that was pinned here", hint=hint)
        if not self._pinned.key:
            self._pinned = kept(self._folder, msgspec.structs.replace(self._pinned, key=key))

    def ask(self) -> str:
        """A nonce for the next question."""
        nonce = token_hex(16)
        with self._lock:
            now = self._ticks()
            self._asked = {n: at for n, at in self._asked.items() if now - at < LIVE_SECONDS}
            self._asked[nonce] = now
        return nonce

    def hear(self, note: str) -> None:
        """Take an answer: signed by the pinned key, to a question of just now, and nothing older than before.

        Raises: WireError where it is not; nothing of it is taken.
        """
        try:
            standing = standing_of(open_note(note, [VerifierKey.parse(self._pinned.key)]).text)
        except WireError as error:
            raise self._refused(error.message) from error
        except Unverified as error:
            raise self._refused(f"the state of agents is not signed by the server: {error}") from error
        with self._lock:
            at = self._asked.pop(standing.nonce, None)
        if at is None:
            raise self._refused("an answer to no question of just now")
        self._check(standing)
        self._keep(standing)
        heard = _Heard.of(standing, at)
        self._turns += not heard.same(self._heard)
        self._heard = heard
        self._trouble = ""

    def lost(self) -> None:
        """The connection ended; what was heard holds for the seconds that it holds anyway."""
        self._trouble = SILENT

    def _check(self, standing: Standing) -> None:
        before = self._pinned
        if standing.version < before.version:
            raise self._refused(f"the ceilings went back from version {before.version} to {standing.version}")
        if standing.version == before.version and before.digest not in {"", standing.digest}:
            raise self._refused(f"version {standing.version} of the ceilings has another content than before")
        if standing.at < before.at - APART_SECONDS:
            raise self._refused(BACK)

    def _keep(self, standing: Standing) -> None:
        before = self._pinned
        # The time is kept now and then: it is there to notice a clock that was set back.
        if standing.version != before.version or standing.at > before.at + APART_SECONDS:
            told = Pinned(key=before.key, version=standing.version, digest=standing.digest, at=standing.at)
            self._pinned = kept(self._folder, told)

    def _apart(self, heard: _Heard) -> bool:
        passed = self._ticks() - heard.at
        return abs(self._now() - (heard.standing.at + passed)) > APART_SECONDS

    def _refused(self, says: str) -> WireError:
        self._heard, self._trouble = None, says
        self._turns += 1
        return WireError(says)
