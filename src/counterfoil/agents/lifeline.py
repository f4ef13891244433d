"""What the gate hears from the server: that it is there, what ceilings it signed, which switches are off."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from counterfoil.terms.agent import Ceiling
from counterfoil.terms.ids import Pseudonym


class Lifeline(Protocol):
    """The one line to the server. Whatever is asked of it is answered from memory, at once."""

    @property
    def live(self) -> bool:
        """Whether the server was heard of just now; where it was not, nothing is done."""

    @property
    def version(self) -> int:
        """Another number whenever ceilings or switches are other ones."""

    @property
    def ceilings(self) -> Sequence[Ceiling]:
        """What the organisation lets any owner grant, each signature verified; none before it said so."""

    def ceilings_of(self, owner: Pseudonym) -> Sequence[Ceiling]:
        """Those over the agents of an owner: the organisation's, and those of their units; or none."""

    @property
    def stops(self) -> Collection[str]:
        """Switches that the server turned off, as a `Stop` names them; they count beside our own."""


@dataclass(slots=True)
class Told:
    """A line that says what it was told: in tests, and where one process is both sides."""

    ceilings: Sequence[Ceiling] = ()
    stops: Collection[str] = field(default_factory=frozenset)
    live: bool = True
    version: int = 0

    def ceilings_of(self, owner: Pseudonym) -> Sequence[Ceiling]:
        """The same for everybody."""
        return self.ceilings

    def tell(
        self, *, ceilings: Sequence[Ceiling] | None = None, stops: Collection[str] | None = None
    ) -> None:
        """Say something else from now on."""
        self.ceilings = self.ceilings if ceilings is None else ceilings
        self.stops = self.stops if stops is None else stops
        self.version += 1
