"""What an audit says of a number: whether it responds to its target, whether outcomes still go with it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate
from counterfoil.terms.ids import RuleId


class Verdict(StrEnum):
    """What is said of a number, and never of a person."""

    RESPONDS = "responds to its target"
    APART = "has come apart from outcomes"
    IMPROVED = "responding, and outcomes improved"
    NO_SIGN = "no sign"
    CANT_TELL = "can't tell"


class Variant(StrEnum):
    """Which of the ways in which a measure stops measuring it looks like.

    Source: Manheim and Garrabrant (2018), arXiv:1803.04585.
    """

    REGRESSIONAL = "regressional"
    EXTREMAL = "extremal"
    CAUSAL = "causal"
    ADVERSARIAL = "adversarial"

    @property
    def says(self) -> str:
        """What the word means."""
        return {
            Variant.REGRESSIONAL: "the number was mostly noise about worth from the beginning",
            Variant.EXTREMAL: "it holds where it used to be, and fails where it had never been before",
            Variant.CAUSAL: "it was pushed up, and worth does not come of it",
            Variant.ADVERSARIAL: "people answer the number itself",
        }[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """What in the programme to change."""

    rule: RuleId
    """The linter's rule about it."""
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """What one test says."""

    test: str
    """Name of the method, as in docs/methods."""
    estimate: Estimate | Unknown
    fires: bool | Unknown
    """Whether it speaks for a response; Unknown where it abstains, with the reason."""
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What became of a number, in words, with what it rests on."""

    metric: str
    verdict: Verdict
    says: str
    """The verdict as a sentence; with the reason where it can't tell."""
    since: date | Unknown
    """The Monday of the week since which it has come apart."""
    variant: Variant | Unknown
    levers: tuple[Lever, ...]
    """What in the programme it points at, the likeliest first; none where there is nothing to change."""
    signs: tuple[Sign, ...]
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Foresight:
    """What one kind of evidence would find in an organisation of a size, and how soon."""

    evidence: str
    gaming: float | Unknown
    """The share of people who would game, or of near-misses that would move."""
    found: float | Unknown
    """How often it would be found within half a year."""
    weeks: float | Unknown
    """Weeks until then in the middle case."""
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What an organisation of a size can find out about its number, before it is launched."""

    people: int
    simulated: int
    """The size for which it was simulated, the next smaller one."""
    foresights: tuple[Foresight, ...]
    advice: str
