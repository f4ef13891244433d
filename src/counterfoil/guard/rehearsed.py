"""Audits an invented company by the very tests that a real one is audited by; nothing of anybody is in it."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from counterfoil.guard.audit_told import told_of_panel
from counterfoil.guard.dominance import COUNTED_IN
from counterfoil.guard.event import told_effects
from counterfoil.measure.gaming.event import of_use
from counterfoil.measure.gaming.panel import Aimed, Panel
from counterfoil.terms.absent import Unknown
from counterfoil.terms.audited import AuditAsk, AuditTold
from counterfoil.terms.ids import MetricId
from counterfoil.terms.metric import Level
from counterfoil.terms.period import A_WEEK
from counterfoil.terms.programme import Programme
from counterfoil.terms.release import Released

Floats = NDArray[np.float64]
CLAUSE = "invented"
TOKENS = MetricId("tokens")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """Weekly numbers of invented units, before and after something was launched or repaired.

    Shape: usage, outcomes, heads and registered (units, weeks).
    """

    usage: Floats
    outcomes: Floats
    heads: Floats
    registered: Floats
    first: date
    """The Monday of the first week."""
    at: int
    """The first week after."""

    @property
    def launched(self) -> date:
        """The Monday on which it was."""
        return self.first + self.at * A_WEEK

    @property
    def people(self) -> int:
        """How many there are in the last week."""
        return int(np.nansum(self.heads[:, -1]))


def rehearsed(before_and_after: Rehearsal, programme: Programme) -> Released[AuditTold]:
    """What the audit of tokens says of an invented company that launched a programme."""
    r = before_and_after
    weeks = r.usage.shape[1]
    panel = Panel(
        metric="tokens",
        weeks=tuple(r.first + n * A_WEEK for n in range(weeks)),
        usage=r.usage,
        registered=r.registered,
        outcomes=r.outcomes,
        heads=r.heads,
        people=r.people // COUNTED_IN * COUNTED_IN,
        launched=r.launched,
        target=Aimed(level=Level.COMPANY, threshold=Unknown("there is none on tokens"), cliff=False),
        shown=True,
    )
    told = told_of_panel(panel, AuditAsk(metric=TOKENS), programme)
    return Released(told, CLAUSE)


def repaired(told: Released[AuditTold], after: Rehearsal, touched: NDArray[np.bool_]) -> Released[AuditTold]:
    """The same with what a repair did in some units, against those that went on as before.

    Shape: touched (units,).
    """
    effects = told_effects(
        of_use(after.usage - after.registered, after.outcomes, after.heads), touched, after.at
    )
    return Released(replace(told.answer, effects=effects), told.clause)
