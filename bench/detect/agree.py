"""Whether what a few seeds give lies where the long form says."""

from collections.abc import Iterator, Mapping
from math import sqrt
from typing import Any

SURELY = 4.0
"""Standard errors; so many figures are compared that two would miss."""


def disagreements(quick: Mapping[str, Any], full: Mapping[str, Any]) -> Iterator[str]:
    """What of the quick figures can't be chance, in words."""
    for part, names in (("watch", ("found", "plain_found", "yield_found")), ("small", ("found", "tells"))):
        for suite, mine in quick[part].items():
            theirs = full[part].get(suite)
            if theirs is None:
                yield f"{part} has no {suite}"
                continue
            for name in names:
                yield from _share(
                    f"{suite}, {name}", mine[name], mine["seeds"], theirs[name], theirs["seeds"]
                )
    for cause, mine in quick["levers"].items():
        theirs = full["levers"][cause]
        named, of = theirs["named"] / theirs["seeds"], theirs["seeds"]
        yield from _share(cause, mine["named"] / mine["seeds"], mine["seeds"], named, of)
    for name, value in quick["line"].items():
        yield from _share(name, value, 40, full["line"][name], 1_000)
    for name, value in quick["prevalence"].items():
        yield from _share(name, value, 200, full["prevalence"][name], 4_000)
    yield from _people(quick["people"], full["people"])
    for year, mine in quick["moments"]["emergency"].items():
        yield from _share(
            year, mine["spoke"], mine["seeds"], full["moments"]["emergency"][year]["spoke"], 200
        )
    if quick["moments"]["improved"] != full["moments"]["improved"]:
        yield "the verdict on the four-hour target is another one"
    if abs(quick["tables"]["tokens_in_the_lake"] - 1) > 0.001:
        yield "tokens were lost between the tables and the lake"


def _people(quick: Mapping[str, Any], full: Mapping[str, Any]) -> Iterator[str]:
    """Recall at one in a hundred, of the detectors that the short form has too."""
    wider = sqrt(
        full["organisations"] / quick["organisations"] * full["people"] / full["organisations"] / 4_000
    )
    for name, mine in quick["detectors"].items():
        theirs = full["detectors"][name]
        for suite in ("seen tactics", "unseen tactics"):
            value, low, high = theirs["recall"][suite][0]
            found = mine["recall"][suite][0][0]
            reach = 2 * wider * max(high - low, 0.02) + 0.05
            if not value - reach <= found <= value + reach:
                yield f"{name} finds {found:.2f} of {suite}, and not about {value:.2f}"


def _share(name: str, mine: float, of: int, theirs: float, of_theirs: int) -> Iterator[str]:
    """Whether two shares differ by more than chance makes them."""
    pooled = (mine * of + theirs * of_theirs + 1) / (of + of_theirs + 2)
    if abs(mine - theirs) > SURELY * sqrt(pooled * (1 - pooled) * (1 / of + 1 / of_theirs)) + 0.02:
        yield f"{name}: {mine:.2f} of {of}, and not about {theirs:.2f}"
