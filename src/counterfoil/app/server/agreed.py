"""The programme in force as pages need it, read once for each text and day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from counterfoil.guard.force import PROPOSED, Version, loaded_text, version
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.page import FIGURES
from counterfoil.programme.diff import diff
from counterfoil.programme.lint import case_of, lint
from counterfoil.programme.rules import RULES
from counterfoil.programme.says import says
from counterfoil.terms.finding import Change, Finding, RuleText, Saying
from counterfoil.terms.ids import MetricId, RuleId
from counterfoil.terms.programme import Programme

TEXTS: Mapping[RuleId, RuleText] = {name: rule.text for name, rule in RULES.items()}


@dataclass(frozen=True, slots=True)
class Read:
    """A programme with everything that follows from its text alone."""

    programme: Programme
    findings: Sequence[Finding]
    told: Sequence[Saying]


@dataclass(frozen=True, slots=True)
class Force:
    """The programme in force today."""

    version: Version
    read: Read
    proposed: Version | None
    changes: Sequence[Change]
    """What would change by the one that is proposed."""

    @property
    def programme(self) -> Programme:
        """What it says."""
        return self.read.programme

    def measured(self, *wanted: str) -> Sequence[MetricId]:
        """Those of some figures that it measures, shows to somebody, and that can be asked."""
        p = self.programme
        named = {metric.id for metric in p.metrics} & {m for d in p.displays for m in d.metrics}
        return [MetricId(name) for name in wanted if name in named and name in FIGURES]


def in_force(g: Guarded) -> Force | None:
    """The programme in force; None where there is none.

    Raises: LedgerBroken where it is not the one that the log has.
    """
    found, proposed = version(g), version(g, PROPOSED)
    if found is None:
        return None
    today = g.now.date()
    changes = () if proposed is None else _changes(found.text, proposed.text, today)
    return Force(found, _read(found.text, today), proposed, changes)


@lru_cache(maxsize=4)
def _read(text: str, today: date) -> Read:
    loaded = loaded_text(text, today)
    return Read(loaded.programme, lint(loaded), says(case_of(loaded)))


@lru_cache(maxsize=2)
def _changes(old: str, new: str, today: date) -> Sequence[Change]:
    return diff(loaded_text(old, today), loaded_text(new, today))
