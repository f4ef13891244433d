"""What a vendor says of a period: charges reconcile with usage and are never added to it."""

from dataclasses import dataclass
from datetime import datetime

from counterfoil.terms.ids import MicroUsd


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One FOCUS row of a bill."""

    began: datetime
    """ChargePeriodStart. UTC, aware."""
    service: str
    """ServiceName, as the vendor writes it."""
    currency: str
    """BillingCurrency."""
    billed: MicroUsd
    """BilledCost, in millionths of the billing currency."""
