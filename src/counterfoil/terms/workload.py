"""Workloads: automation that an organisation declares, so that its use is understood and kept apart."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import WorkloadName

STILL_DECLARED = Unknown("it is still declared")
PARTS = "-/.:"
"""After these a name goes on: `ci` is the workload of `ci/nightly` as well."""


class WorkloadKind(StrEnum):
    """What heavy use is honestly for."""

    EVALUATION = "evaluation"
    """The same prompts over many inputs, whose results are kept."""
    CI = "ci"
    """Agents that review and repair in a pipeline."""
    MIGRATION = "migration"
    """One change, made in many places."""
    SERVICE = "service"
    """A product or a service that asks a model under a key of its own."""
    BEST_OF_N = "best-of-n"
    """Several tries at one task, of which one is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """One entry of the register: what runs, what for, and from when to when. It names nobody."""

    name: WorkloadName
    """What requests carry as `counterfoil.workload`, or what that begins with."""
    kind: WorkloadKind
    says: str
    """What it is for, in words."""
    since: date
    until: date | Unknown = STILL_DECLARED
    """First day on which it is no longer declared."""

    def covers(self, told: str) -> bool:
        """Whether a request's own word for its workload is this entry.

        Example:
        >>> ci = Workload(name=WorkloadName("ci"), kind=WorkloadKind.CI, says="", since=date(2026, 1, 1))
        >>> ci.covers("ci"), ci.covers("ci/nightly"), ci.covers("cinema")
        (True, True, False)
        """
        return told == self.name or (told.startswith(self.name) and told[len(self.name)] in PARTS)
