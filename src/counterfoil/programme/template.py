"""The programme to begin with: it passes every rule, and its days count from today."""

from datetime import date, timedelta
from pathlib import Path
from string import Template

DAYS = {"today": 0, "in_two_weeks": 14, "in_a_month": 30, "in_half_a_year": 180, "in_a_year": 365}


def template(today: date) -> str:
    """The text of a programme that begins in a month."""
    text = Path(__file__).with_suffix(".toml").read_text("utf-8")
    days = {name: (today + timedelta(days=ahead)).isoformat() for name, ahead in DAYS.items()}
    return Template(text).substitute(days)
