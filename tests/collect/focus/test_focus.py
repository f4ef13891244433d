"""A bill: read by its columns, summed over the period, never a silent zero."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from counterfoil.collect.focus import bill_of, fetch
from counterfoil.terms.absent import Skipped, SkipReason, Unknown
from counterfoil.terms.error import SourceError

HEAD = "BilledCost,BillingCurrency,ChargePeriodStart,ServiceName\n"


def bill(tmp_path: Path, rows: str, *, head: str = HEAD) -> Path:
    file = tmp_path / "bill.csv"
    file.write_text(head + rows, encoding="utf-8-sig")
    return file


def test_charges_of_the_period_are_summed_exactly(tmp_path: Path) -> None:
    file = bill(
        tmp_path,
        "0.1,USD,2026-10-31T00:00:00Z,Claude\n0.1,USD,2026-11-01T00:00:00Z,Claude\n"
        "0.2,USD,2026-11-02,Codex\n-0.05,USD,2026-11-02T00:00:00+01:00,Credit\n",
    )
    found = bill_of(fetch(file), since=datetime(2026, 11, 1, tzinfo=UTC), name="bill.csv")
    assert found.paid == 250_000
    assert found.basis == "3 rows of the bill bill.csv"


def test_a_row_that_says_nothing_is_counted(tmp_path: Path) -> None:
    rows = list(
        fetch(
            bill(
                tmp_path, "x,USD,2026-11-01,a\n1,USD,never,a\nInfinity,USD,2026-11-01,a\n1,USD,2026-11-01,a\n"
            )
        )
    )
    assert [r.why for r in rows if isinstance(r, Skipped)] == [
        SkipReason.WRONG_SHAPE,
        SkipReason.NO_TIME,
        SkipReason.ABSURD_COUNT,
    ]
    assert bill_of(rows, since=None, name="b").basis == "1 rows of the bill b; 3 rows could not be read"


@pytest.mark.parametrize("rows", ["1,EUR,2026-11-01,a\n", ""])
def test_another_currency_or_nothing_is_unknown_not_zero(tmp_path: Path, rows: str) -> None:
    assert isinstance(bill_of(fetch(bill(tmp_path, rows)), since=None, name="b").paid, Unknown)


def test_a_file_without_the_columns_says_which(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no column BillingCurrency"):
        list(fetch(bill(tmp_path, "", head="BilledCost,ChargePeriodStart\n")))
    with pytest.raises(SourceError, match="can't read"):
        list(fetch(tmp_path / "absent.csv"))
    (tmp_path / "binary.csv").write_bytes(b"\xff\x00")
    with pytest.raises(SourceError, match="can't read"):
        list(fetch(tmp_path / "binary.csv"))
