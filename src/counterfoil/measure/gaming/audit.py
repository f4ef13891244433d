"""The one entrance: a panel in, a verdict in words out, with the lever of the programme it points at."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from counterfoil.measure.gaming.apart import Apart, come_apart
from counterfoil.measure.gaming.panel import Panel
from counterfoil.measure.gaming.signs import (
    apart_sign,
    at_the_line,
    before_the_deadline,
    improvement,
    units_at_the_share,
)
from counterfoil.terms.absent import Unknown
from counterfoil.terms.audit import Audit, Lever, Sign, Variant, Verdict
from counterfoil.terms.estimate import Estimate
from counterfoil.terms.ids import RuleId
from counterfoil.terms.metric import Level

DISPLAY_FLOOR = 50
"""People below whom nothing about usage is said."""
HALF_A_YEAR = timedelta(weeks=26)
"""So soon after a launch, a number that comes apart is taken to answer it."""

LEVERS = {
    "line": ("AP201", "take the line away from single people: a range for units, and no cliff"),
    "share": ("AP202", "let the share be of tasks that suit it, and let falling just short cost nothing"),
    "deadline": ("AP203", "count over four closed weeks, without a last day"),
    "goal": ("AP101", "set the target on an outcome, and keep this number as a cost"),
    "shown": ("AP302", "take the number off the board: what is shown is what is fed"),
    "register": ("AP604", "register evaluations, pipelines and migrations, then look again"),
    "pair": ("AP102", "read an outcome beside it in every decision"),
}


def audited(panel: Panel) -> Audit:
    """Say whether a number responds to its target, whether outcomes still go with it, or why nobody can tell.

    Source: each test names its own; the ways in which a measure fails are Manheim and Garrabrant's (2018).
    """
    if panel.people < DISPLAY_FLOOR:
        return _cant_tell(panel, f"{panel.people} people are too few: it takes {DISPLAY_FLOOR}", ())
    apart = _apart(panel)
    signs = (
        apart_sign(apart),
        *at_the_line(panel),
        *units_at_the_share(panel),
        *before_the_deadline(panel),
    )
    response = tuple(sign for sign in signs[1:] if sign.fires is True)
    if isinstance(apart, Apart) and apart.watch.alarmed is not None:
        return _came_apart(panel, apart, signs, response)
    if response:
        return _responds(panel, signs, response, better=_improved(panel, apart))
    if isinstance(apart, Unknown):
        return _cant_tell(panel, apart.why, signs)
    return Audit(
        metric=panel.metric,
        verdict=Verdict.NO_SIGN,
        says=f"{panel.metric}: no sign that it answers anything but the work",
        since=Unknown("it has not come apart"),
        variant=Unknown("there is nothing to name"),
        levers=(),
        signs=signs,
        people=panel.people,
    )


def _apart(panel: Panel) -> Apart | Unknown:
    shapes = {panel.usage.shape, panel.outcomes.shape, panel.heads.shape}
    if shapes != {(panel.usage.shape[0], len(panel.weeks))}:
        return Unknown("the tables of the panel do not fit each other")
    return come_apart(panel.tracks(), panel.begins)


def _cant_tell(panel: Panel, why: str, signs: tuple[Sign, ...]) -> Audit:
    never = why.startswith("outcomes never")
    return Audit(
        metric=panel.metric,
        verdict=Verdict.CANT_TELL,
        says=f"{panel.metric}: can't tell, because {why}",
        since=Unknown(why),
        variant=Variant.REGRESSIONAL if never else Unknown(why),
        levers=_levers(["pair"]) if never else (),
        signs=signs,
        people=panel.people,
    )


def _came_apart(panel: Panel, apart: Apart, signs: tuple[Sign, ...], response: tuple[Sign, ...]) -> Audit:
    since = panel.weeks[apart.watch.since or 0]
    year, week, _ = since.isocalendar()
    few = apart.broad is False
    carried = "; a fifth of the units carry it, as work that nobody registered would" if few else ""
    names = [*map(_of, response), *_design(panel)]
    if few:
        names.insert(len(names) if _keeps_a_register(panel) else 0, "register")
    return Audit(
        metric=panel.metric,
        verdict=Verdict.APART,
        says=f"{panel.metric}: has come apart from outcomes since week {week} of {year}{carried}",
        since=since,
        variant=_variant(panel, apart, since, response),
        levers=_levers(names),
        signs=signs,
        people=panel.people,
    )


def _responds(panel: Panel, signs: tuple[Sign, ...], response: tuple[Sign, ...], *, better: bool) -> Audit:
    verdict = Verdict.IMPROVED if better else Verdict.RESPONDS
    return Audit(
        metric=panel.metric,
        verdict=verdict,
        says=f"{panel.metric}: {verdict.value}"
        + ("" if better else "; whether that harms, outcomes must say"),
        since=Unknown("it has not come apart"),
        variant=Variant.ADVERSARIAL,
        levers=_levers([*map(_of, response), "pair"]),
        signs=signs,
        people=panel.people,
    )


def _improved(panel: Panel, apart: Apart | Unknown) -> bool:
    """Whether outcomes surely rose since the launch, in a number that still goes with them."""
    if isinstance(apart, Unknown):
        return False
    found = improvement(panel)
    return isinstance(found, Estimate) and isinstance(found.low, float) and found.low > 0


def _levers(names: list[str]) -> tuple[Lever, ...]:
    """The first three, each once."""
    return tuple(
        Lever(rule=RuleId(rule), says=says) for rule, says in (LEVERS[name] for name in dict.fromkeys(names))
    )[:3]


def _of(sign: Sign) -> str:
    """The lever that a test points at."""
    return {"heap-at-share": "share", "last-day": "deadline"}.get(sign.test, "line")


def _design(panel: Panel) -> list[str]:
    """What in the programme most likely feeds a number that came apart."""
    names = []
    if not isinstance(panel.target, Unknown):
        names.append("line" if panel.target.level == Level.PERSON else "goal")
    return [*names, *(["shown"] if panel.shown else []), "pair"]


def _keeps_a_register(panel: Panel) -> bool:
    """Whether some work has been registered: then what is left is less likely to be automation."""
    return panel.registered is not None and bool(np.nansum(panel.registered) > 0)


def _variant(panel: Panel, apart: Apart, since: date, response: tuple[Sign, ...]) -> Variant:
    """Which way of coming apart it looks like.

    Source: Manheim and Garrabrant (2018).
    """
    if response:
        return Variant.ADVERSARIAL
    if _holds_where_it_was(panel, apart):
        return Variant.EXTREMAL
    asked = not isinstance(panel.target, Unknown) or panel.shown
    soon = not isinstance(panel.launched, Unknown) and since - panel.launched <= HALF_A_YEAR
    return Variant.ADVERSARIAL if asked and soon else Variant.CAUSAL


def _holds_where_it_was(panel: Panel, apart: Apart) -> bool:
    """Whether outcomes still go with the number in units that use no more than any did before the launch."""
    tracks = panel.tracks()
    x, _ = tracks.logs()
    before = x[:, : panel.begins]
    if not np.isfinite(before).any():
        return False
    highest = float(np.nanquantile(before, 0.99))
    inside = replace(tracks, usage=np.where(x > highest, np.nan, tracks.usage))
    if np.isfinite(inside.usage[:, panel.begins :]).mean() > 0.9:
        return False
    again = come_apart(inside, panel.begins)
    usual_low = apart.usual.low if isinstance(apart.usual.low, float) else apart.usual.value
    return (
        isinstance(again, Apart)
        and again.watch.alarmed is None
        and isinstance(again.now, Estimate)
        and again.now.value >= usual_low
    )
