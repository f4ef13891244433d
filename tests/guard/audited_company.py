"""A company whose tokens go with its work for months, and come apart from it after a target."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np

from counterfoil.guard.guarded import Guarded
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.organisation import WorkFate
from guard.organisation import programme, put, usage

BEGINS = date(2026, 1, 26)
"""A Monday."""
WEEKS = 36
"""Of which something can be said in November: those until the end of September, and their follow-up."""
TARGET = """
[[targets]]
id = "tokens"
metric = "tokens"
level = "company"
"""


def lived_for_long(
    g: Guarded, who: Sequence[Pseudonym], *, gamed_from: int | None, share: float = 0.3, seed: int = 3
) -> None:
    """Weeks in which use goes with how much teams have to do, and from one week on partly does not."""
    rng = np.random.default_rng(seed)
    team = np.arange(len(who)) // 12
    teams = int(team.max()) + 1
    base = rng.normal(0, 0.25, teams)
    games = rng.random(teams) < share
    rows: list[Any] = []
    for week in range(WEEKS):
        busy = base + rng.normal(0, 0.5, teams)
        monday = BEGINS + timedelta(weeks=week)
        tokens = np.exp(8 + busy[team] + rng.normal(0, 0.3, len(who)))
        if gamed_from is not None and week >= gamed_from:
            tokens = np.where(games[team], np.exp(9.5 + rng.normal(0, 0.6, teams)[team]), tokens)
        works = rng.poisson(np.exp(0.6 + busy)[team])
        for n, person in enumerate(who):
            day = monday + timedelta(days=n % 5)
            rows.append(usage(person, day=day, output=int(tokens[n])))
            rows += [
                WorkFate(who=person, kind="change", work=f"{n}-{week}-{piece}", landed=day)
                for piece in range(works[n])
            ]
    put(g, *rows)


def with_target(*changes: tuple[str, str]) -> str:
    """The template with a target on tokens, in force since the first week, that keeps rows for long."""
    text = programme(('keep_raw = "30 days"', 'keep_raw = "900 days"'), *changes)
    return text.replace("begins = 2026-08-31", f"begins = {BEGINS}") + TARGET
