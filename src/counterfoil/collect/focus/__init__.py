"""Reads a bill in FOCUS columns: what was really paid.

Source: FinOps Open Cost and Usage Specification 1.2 (focus.finops.org, read 2026-11-23): columns BilledCost,
BillingCurrency, ChargePeriodStart and ServiceName.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from counterfoil.terms.absent import Place, Skipped, SkipReason, Unknown
from counterfoil.terms.charge import Charge
from counterfoil.terms.error import SourceError
from counterfoil.terms.ids import MicroUsd
from counterfoil.terms.own import Bill

NEEDED = ("BilledCost", "BillingCurrency", "ChargePeriodStart")
_HINT = (
    "export the charges of your AI tools as FOCUS CSV, with BilledCost, BillingCurrency and ChargePeriodStart"
)


def fetch(path: Path) -> Iterator[Charge | Skipped]:
    """Every row of a bill.

    Raises: SourceError where the file can't be read or lacks a column.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            missing = [name for name in NEEDED if name not in (rows.fieldnames or ())]
            if missing:
                raise SourceError("bill-lacks-column", f"{path} has no column {missing[0]}", hint=_HINT)
            for number, row in enumerate(rows, start=2):
                yield parse(row, Place(str(path), number))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SourceError("bill-unreadable", f"can't read {path} as CSV", hint=_HINT) from error


def parse(row: Mapping[str, str | None], place: Place) -> Charge | Skipped:
    """The charge a row states."""
    try:
        began = datetime.fromisoformat(row["ChargePeriodStart"] or "")
    except ValueError:
        return Skipped(place, SkipReason.NO_TIME)
    try:
        billed = Decimal(row["BilledCost"] or "") * 1_000_000
    except InvalidOperation:
        return Skipped(place, SkipReason.WRONG_SHAPE)
    if not billed.is_finite():
        return Skipped(place, SkipReason.ABSURD_COUNT)
    return Charge(
        began=began.replace(tzinfo=began.tzinfo or UTC).astimezone(UTC),
        service=row.get("ServiceName") or "",
        currency=row["BillingCurrency"] or "",
        billed=MicroUsd(int(billed.to_integral_value())),
    )


def bill_of(charges: Iterable[Charge | Skipped], *, since: datetime | None, name: str) -> Bill:
    """What the charges of a period come to; Unknown where they are not all in dollars or none is there."""
    read = list(charges)
    within = [c for c in read if isinstance(c, Charge) and (since is None or c.began >= since)]
    skipped = sum(isinstance(c, Skipped) for c in read)
    basis = f"{len(within)} rows of the bill {name}" + (
        f"; {skipped} rows could not be read" if skipped else ""
    )
    if foreign := sorted({c.currency for c in within} - {"USD"}):
        return Bill(
            paid=Unknown(f"the bill is in {foreign[0] or 'no stated currency'}, not in USD"), basis=basis
        )
    if not within:
        return Bill(paid=Unknown("the bill has no charge in the period"), basis=basis)
    return Bill(paid=MicroUsd(sum(c.billed for c in within)), basis=basis)
