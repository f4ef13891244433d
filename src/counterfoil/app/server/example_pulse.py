"""Holds a pulse in an invented company, which closed some weeks ago and was told."""

from dataclasses import replace
from datetime import timedelta

from counterfoil.guard.guarded import Guarded
from counterfoil.guard.pulse import Sheet, close_pulse, eligible, open_pulse
from counterfoil.simulate.company.pulse import said
from counterfoil.simulate.tables.company import Company
from counterfoil.terms.error import StoreError
from counterfoil.terms.pulse import Pulse, Standing
from counterfoil.terms.release import Refuse

NAME = "autumn"
OPENED, CLOSED = timedelta(days=35), timedelta(days=21)
"""How long ago."""


def hold_pulse(g: Guarded, c: Company) -> None:
    """Open it, let an invented share of people answer, and tell it once."""
    opened, told = replace(g, now=g.now - OPENED), replace(g, now=g.now - CLOSED)
    who = eligible(opened)
    counts = {standing: len(some) for standing, some in who.items()}
    closes = told.now.date() - timedelta(days=1)
    keys = {standing: f"invented {standing}" for standing in Standing}
    pulse = Pulse(id=NAME, closes=closes, keys=keys, eligible=sum(counts.values()))
    open_pulse(opened, pulse)
    forms = said(c.days, leaders=counts[Standing.LEADERS], people=counts[Standing.PEOPLE], seed=c.seed)
    sheets = [
        Sheet(Standing.LEADERS if one.leads else Standing.PEOPLE, one.has_statement, one.answers)
        for one in forms
    ]
    came = close_pulse(told, pulse, sheets)
    if isinstance(came, Refuse):
        raise StoreError("example-refused", came.why, hint="report it: this is ours to put right")
