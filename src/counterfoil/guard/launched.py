"""When a programme's versions came into force, and what each of them launched, removed or defined anew."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from counterfoil.guard.force import PAST, Version, version
from counterfoil.guard.guarded import Guarded
from counterfoil.terms.absent import Unknown
from counterfoil.terms.aim import Target
from counterfoil.terms.ids import MetricId
from counterfoil.terms.programme import Programme

NO_LAUNCH = Unknown("no launch is known")


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One version of the programme as it came into force."""

    number: int
    """Counted from one."""
    on: date
    programme: Programme

    @property
    def name(self) -> str:
        """As people name it."""
        return f"programme@v{self.number}"


def versions(g: Guarded) -> Sequence[Past]:
    """Every version that was ever in force, oldest first."""
    kept = g.lake.registry.all_kept(PAST)
    told = [Version(**json.loads(kept[name])) for name in sorted(kept)]
    if not told and (force := version(g)) is not None:
        told = [force]
    return [
        Past(
            number=n,
            on=date.fromisoformat(one.at[:10]),
            programme=one.programme(date.fromisoformat(one.at[:10])),
        )
        for n, one in enumerate(told, 1)
    ]


def target_of(programme: Programme, metric: MetricId) -> Target | None:
    """The target that a programme sets on a number, where it does."""
    return next((target for target in programme.targets if target.metric == metric), None)


def is_shown(programme: Programme, metric: MetricId) -> bool:
    """Whether a programme shows a number to others."""
    return any(metric in display.metrics and not display.is_own_view for display in programme.displays)


def launch_of(past: Sequence[Past], metric: MetricId) -> date | Unknown:
    """Since when the last programme has asked for a number, or shown it, without a break."""
    since: date | Unknown = NO_LAUNCH
    for one in past:
        if target_of(one.programme, metric) is None and not is_shown(one.programme, metric):
            since = NO_LAUNCH
        elif isinstance(since, Unknown):
            begins = one.programme.about.begins
            since = one.on if isinstance(begins, Unknown) or one.number > 1 else begins
    return since


def redefined(past: Sequence[Past], metric: MetricId) -> Sequence[date]:
    """The days on which a number was defined anew."""
    told = [(one.on, [m.version for m in one.programme.metrics if m.id == metric]) for one in past]
    return [on for (_, was), (on, now) in pairwise(told) if was and now and was != now]
