"""A rollout in waves whose order chance decides: the plan, the dealing, and what it says of the effect."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from counterfoil.terms.absent import Unknown
from counterfoil.terms.cause import Judgement, Outcome
from counterfoil.terms.estimate import Estimate
from counterfoil.terms.ids import UnitId

NOTHING_GIVEN = Unknown("it gets nothing in these weeks")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """Units that get it from the same week on."""

    name: str
    starts: date | Unknown = NOTHING_GIVEN
    """The Monday of its first week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DealtUnit:
    """A unit that is dealt to a wave."""

    unit: UnitId
    stratum: str
    """Within which units are dealt, so that each wave has as many of them: a department, a kind of work."""
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """What is written down before anything is dealt, and can't be changed after."""

    name: str
    says: str
    """What is rolled out, in a sentence."""
    outcome: Outcome
    begins: date
    """The Monday of the first week that is looked at."""
    ends: date
    """The Monday of the last week that is looked at."""
    waves: Sequence[Wave]
    units: Sequence[DealtUnit]
    pilots: Sequence[str]
    """Units that were picked by hand to be early; they are not dealt and not looked at."""
    drawn_from: str
    """Which public value that nobody here can choose the dealing hangs on, in words."""
    drawn_on: date
    """The day of that value."""

    @property
    def first_start(self) -> date:
        """The Monday on which the first wave gets it."""
        return min(wave.starts for wave in self.waves if not isinstance(wave.starts, Unknown))

    def written(self) -> str:
        """The same text for the same plan, of which the log has the hash."""
        told = {
            "name": self.name,
            "says": self.says,
            "outcome": self.outcome.name,
            "begins": str(self.begins),
            "ends": str(self.ends),
            "waves": [[w.name, None if isinstance(w.starts, Unknown) else str(w.starts)] for w in self.waves],
            "units": [[u.unit, u.stratum, u.people] for u in self.units],
            "pilots": sorted(self.pilots),
            "drawn_from": self.drawn_from,
            "drawn_on": str(self.drawn_on),
        }
        return json.dumps(told, sort_keys=True, separators=(",", ":"))

    @classmethod
    def read(cls, text: str) -> "Rollout":
        """A plan from its text."""
        told = json.loads(text)
        return cls(
            name=told["name"],
            says=told["says"],
            outcome=Outcome.parse(told["outcome"]),
            begins=date.fromisoformat(told["begins"]),
            ends=date.fromisoformat(told["ends"]),
            waves=[
                Wave(name=name, starts=NOTHING_GIVEN if starts is None else date.fromisoformat(starts))
                for name, starts in told["waves"]
            ],
            units=[DealtUnit(unit=UnitId(u), stratum=s, people=p) for u, s, p in told["units"]],
            pilots=told["pilots"],
            drawn_from=told["drawn_from"],
            drawn_on=date.fromisoformat(told["drawn_on"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan as the log has it."""

    plan: Rollout
    sha256: str
    seed_sha256: str
    """The hash of the seed, which is shown once units are dealt."""
    entry: int
    """Its entry in the log; -1 where it was only looked at."""
    ways: float
    """About how many ways there are to deal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Which wave chance gave each unit."""

    plan: Rollout
    wave: Mapping[UnitId, str]
    """The name of each unit's wave, by unit."""
    seed: str
    drawn: str
    """The public value that was drawn."""
    entry: int
    at: str
    """The minute at which it was logged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DealtEffect:
    """An effect, with what the dealing itself says of chance."""

    effect: Estimate
    chance: float
    """How likely an effect as large would be if there were none (p), by dealing anew."""
    draws: int
    """How many times it was dealt anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutFound:
    """What a rollout came to, so far."""

    name: str
    outcome: str
    judgement: Judgement
    says: str
    given: DealtEffect | Unknown
    """What being given it did, whether it was used or not."""
    moved: DealtEffect | Unknown
    """How much more it was used by those who were given it."""
    used: DealtEffect | Unknown
    """What use did among those who used it since they were given it, for each 1.0 of exposure."""
    units: int
    weeks: int
    left_out: int
    """Weeks left out since some unit has no figure of them."""
    look: int
    """How many times it was looked at, this time among them."""
    entry: int
    """The entry of the log that has this look."""
    dealt_entry: int
    """The entry of the log that has the dealing."""
