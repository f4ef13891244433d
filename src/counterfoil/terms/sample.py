"""An outcome sample: works drawn by chance, judged by people who know nothing of their use, told as rates."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate
from counterfoil.terms.metric import Level
from counterfoil.terms.period import Block
from counterfoil.terms.release import Refuse, Released, Withheld


class Judged(StrEnum):
    """What is asked about each work."""

    CONSEQUENTIAL = "consequential"
    CORRECT = "correct"
    NEEDED = "needed"

    @property
    def asks(self) -> str:
        """The question in words."""
        return {
            Judged.CONSEQUENTIAL: "Would anybody notice if it were not there?",
            Judged.CORRECT: "Does it do what it is for, without harm elsewhere?",
            Judged.NEEDED: "Was there a reason for it, other than that it be made?",
        }[self]


class Judgement(StrEnum):
    """What an assessor says to a question."""

    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"


class Arm(StrEnum):
    """Whether anything shows that AI had a hand in a work; assessors are never told."""

    ASSISTED = "with AI evidence"
    CONTROL = "controls"
    """Works without such evidence, which are not known to be anybody's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplePlan:
    """What is written down before anything is drawn, and can't be changed after."""

    name: str
    says: str
    """What it is to find out, in a sentence."""
    first: Block
    last: Block
    """The blocks of four weeks in which the works landed."""
    by: Level
    """Of the whole company, or of each unit."""
    purpose: str
    works: int
    """How many works are looked at, of each group that is told of."""
    controls: float
    """Which share of them are controls."""
    twice: float
    """Which share of them two assessors look at."""
    drawn_from: str
    """Which public value that nobody here can choose the draw hangs on, in words."""
    drawn_on: date
    """The day of that value."""

    @property
    def blocks(self) -> Sequence[Block]:
        """Every block from the first to the last."""
        found = [self.last]
        while self.first < found[0]:
            found.insert(0, found[0].previous)
        return found

    def written(self) -> str:
        """The same text for the same plan, of which the log has the hash."""
        told = {name: getattr(self, name) for name in self.__slots__}
        told |= {name: str(told[name]) for name in ("first", "last", "by", "drawn_on")}
        return json.dumps(told, sort_keys=True, separators=(",", ":"))

    @classmethod
    def read(cls, text: str) -> "SamplePlan":
        """A plan from its text."""
        told = json.loads(text)
        told |= {
            "first": Block.parse(told["first"]),
            "last": Block.parse(told["last"]),
            "by": Level(told["by"]),
            "drawn_on": date.fromisoformat(told["drawn_on"]),
        }
        return cls(**told)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedSample:
    """A plan as the log has it."""

    plan: SamplePlan
    sha256: str
    seed_sha256: str
    """The hash of the seed, which is shown once works are drawn."""
    entry: int
    """Its entry in the log; -1 where it was only looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLine:
    """One work as whoever assesses it sees it: neither tool, use, session, person nor unit."""

    line: str
    """Names the line, and says nothing."""
    kind: str
    work: str
    repository: str
    commit: str
    """The commits by which it can be told; empty where it has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnSample:
    """The works that chance picked, for those who assess them."""

    name: str
    sheet: Sequence[SheetLine]
    second: Sequence[SheetLine]
    """Those that are looked at twice, for somebody else."""
    left_out: int
    """Units with too few people, which are not drawn from and not told of."""
    seed: str
    drawn: str
    """The public value that was drawn."""
    entry: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetReading:
    """What a sheet that came back says, and what of it can't be read."""

    answers: Mapping[str, Mapping[str, str]]
    """By line, what is said to each question that was answered."""
    wrong: Sequence[str]
    """Rows that can't be read, each in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteredSheet:
    """What a sheet added."""

    fresh: int
    same: int
    """Lines that were entered before, with the same answers."""
    blank: int
    """Lines without an answer."""
    left: int
    """Lines that nobody has answered yet."""
    entry: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRate:
    """How often assessors said yes to a question, among works of one arm of a group."""

    question: Judged
    arm: Arm
    rate: Estimate | Unknown
    """Its n is how many works were judged, to the nearest five."""
    unclear: float
    """The share of looked-at works of which assessors could not say."""


def _worded(share: Estimate) -> str:
    low, high = ("?" if isinstance(x, Unknown) else f"{x * 100:.0f}" for x in (share.low, share.high))
    return f"{share.value * 100:.0f} % ({low} to {high})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Padding:
    """How much of a cohort's assisted work was judged needless, and how much more than without AI."""

    group: str
    first: Block
    last: Block
    assisted: Estimate
    """The share of works with AI evidence that was judged needless."""
    controls: Estimate
    """The same of works without."""
    excess: Estimate
    """How much more it is."""
    at_least: float
    """What is stated: the lower end of the excess, and never below zero."""
    sample: str

    @property
    def says(self) -> str:
        """How much of it is padding, at least, as a sentence."""
        one, other, more = (_worded(x) for x in (self.assisted, self.controls, self.excess))
        return (
            f"At least {self.at_least * 100:.0f} % of the work with AI evidence was needless: judged so were "
            f"{one} of it and {other} of controls, {more} more (blind, {self.first} to {self.last})."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRates:
    """What assessors found of one group's works."""

    rates: Sequence[SampleRate]
    padding: Padding | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledGroup:
    """A group with what may be told of it."""

    group: str
    verdict: Released[GroupRates] | Withheld | Refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How well two assessors of the same works agree on a question."""

    question: Judged
    kappa: Estimate | Unknown
    alike: float | Unknown
    """The share of works to which both said the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldSample:
    """What a sample came to; told once."""

    name: str
    says: str
    groups: Sequence[SampledGroup]
    agreement: Sequence[Agreement]
    answered: float
    """The share of all lines that were answered."""
    entry: int
