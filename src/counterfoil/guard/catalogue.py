"""What can be asked, and how large the lake is: nothing here is a figure of anybody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from counterfoil.guard.guarded import Guarded
from counterfoil.measure.cohort.metric import METRICS, Metric
from counterfoil.store.tables import TABLES
from counterfoil.terms.ids import MetricId
from counterfoil.terms.organisation import Exempt

UNTOLD = frozenset({Exempt})
"""Tables that are left out: how many people are exempt may be told in fifties alone."""
CATALOGUE: Mapping[MetricId, Metric] = METRICS
"""Every figure that can be asked about groups of people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a table is."""

    table: str
    files: int
    rows: int
    late: int
    """Rows that came after something of their week was released, and wait."""


def sizes(g: Guarded) -> Sequence[Size]:
    """How large each table is.

    Raises: StoreError where the registry can't be read.
    """
    found = []
    for table in (table for table in TABLES.values() if table.noun not in UNTOLD):
        parts, late = (g.lake.registry.parts(table.name, late=apart) for apart in (False, True))
        size = Size(
            table=table.name,
            files=len(parts) + len(late),
            rows=sum(part.rows for part in parts),
            late=sum(part.rows for part in late),
        )
        found.append(size)
    return found
