"""What tools report of each person and day, and on which day each of them was last used."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from counterfoil.simulate.company.days import Days
from counterfoil.simulate.company.manner import CREDENTIALS, TRIGGERS
from counterfoil.simulate.company.models import BUCKETS, MODELS, TOOL_OF, TOOLS
from counterfoil.simulate.company.people import Ints, People, Workload
from counterfoil.simulate.company.portions import Portions, each
from counterfoil.simulate.tables.sheet import PERSON, TEXT, WHOLE, Sheet, dates, words

COLUMNS = {
    "day": TEXT,
    "who": PERSON,
    "tool": TEXT,
    "model": TEXT,
    "requests": WHOLE,
    **dict.fromkeys(BUCKETS, WHOLE),
    "cost": WHOLE,
    "sessions": WHOLE,
    "trigger": TEXT,
    "credential": TEXT,
    "workload": TEXT,
}
SUMMED = ("requests", *BUCKETS, "cost", "sessions")
Told = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Spent:
    """What the tool that somebody usually uses took of each day.

    Shape: each (people, days).
    """

    cost: NDArray[np.int64]
    """Unit: micro-USD."""
    requests: NDArray[np.int64]


def write_usage(
    folder: Path,
    people: People,
    days: Days,
    first: np.datetime64,
    usual: NDArray[np.int64],
    *,
    seed: int,
    told: Told,
) -> tuple[int, Ints, Spent]:
    """Rows written, the last day on which each person used each tool (-1 for none), and what it cost.

    Shape: the days (people, tools).
    """
    last = np.full((len(people), len(TOOLS)), -1, np.int32)
    spent = Spent(*(np.zeros(days.tokens.shape, np.int64) for _ in range(2)))
    names = dates(first, np.arange(days.tokens.shape[1]))
    models, tools = [model.name for model in MODELS], [model.tool for model in MODELS]
    with Sheet(folder / "usage_days.csv", COLUMNS) as sheet:
        for some in each(people, days, seed=seed):
            row, sums = reported(some)
            np.maximum.at(last, (row.who, TOOL_OF[row.model]), row.day)
            mine = TOOL_OF[row.model] == usual[row.who]
            for into, name in ((spent.cost, "cost"), (spent.requests, "requests")):
                np.add.at(into, (row.who[mine], row.day[mine]), sums[SUMMED.index(name)][mine])
            sheet.add(
                [
                    names[row.day],
                    row.who,
                    words(tools, row.model),
                    words(models, row.model),
                    *sums[:-1],
                    sums[-1],
                    words(list(TRIGGERS), row.trigger),
                    words(list(CREDENTIALS), row.credential),
                    entries(row, people),
                ]
            )
            if len(row):
                told(int(row.who[-1]) + 1, len(people))
    return sheet.rows, last, spent


def reported(some: Portions) -> tuple[Portions, list[NDArray[np.int64]]]:
    """The first portion of each row that a tool reports, and the sums of the row: no tool knows manners.

    Rows keep the order of person and day.
    """
    key = some.who.astype(np.int64) << 10 | some.day
    for column, width in ((some.model, 3), (some.trigger, 2), (some.credential, 1), (some.registered, 1)):
        key = key << width | column.astype(np.int64)
    order = np.argsort(key, kind="stable")
    key = key[order]
    starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]])) if len(key) else order
    sums = [np.add.reduceat(getattr(some, name)[order], starts) if len(key) else order for name in SUMMED]
    return some[order[starts]], sums


def entries(row: Portions, people: People) -> list[str]:
    """The entry in the register of workloads; empty where there is none."""
    kinds = [workload.name.lower() for workload in Workload]
    return list(_entries(kinds, row, people.workload[row.who]))


def _entries(kinds: list[str], row: Portions, workload: NDArray[np.int8]) -> Iterator[str]:
    for listed, kind, who in zip(row.registered.tolist(), workload.tolist(), row.who.tolist(), strict=True):
        yield f"{kinds[kind]}-{who:06d}" if listed else ""
