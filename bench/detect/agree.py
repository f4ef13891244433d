"""Whether what a few seeds give lies where the long form says."""

from collections.abc import Iterator, Mapping
from math import comb, sqrt
from typing import Any

HARDLY = 1e-3
"""How rarely chance alone goes so far in one direction: so many figures are compared that more would miss."""


def disagreements(quick: Mapping[str, Any], full: Mapping[str, Any]) -> Iterator[str]:
    """What of the quick figures can't be chance, in words."""
    for part, names in (("watch", ("found", "plain_found", "yield_found")), ("small", ("found", "tells"))):
        for suite, mine in quick[part].items():
            theirs = full[part].get(suite)
            if theirs is None:
                yield f"{part} has no {suite}"
                continue
            for name in names:
                yield from _share(f"{suite}, {name}", mine[name], mine["seeds"], theirs[name])
    for cause, mine in quick["levers"].items():
        theirs = full["levers"][cause]
        named = theirs["named"] / theirs["seeds"]
        yield from _share(cause, mine["named"] / mine["seeds"], mine["seeds"], named)
    for name, value in quick["line"].items():
        yield from _share(name, value, 40, full["line"][name])
    for name, value in quick["prevalence"].items():
        yield from _share(name, value, 200, full["prevalence"][name])
    yield from _people(quick["people"], full["people"])
    for year, mine in quick["moments"]["emergency"].items():
        yield from _share(year, mine["spoke"], mine["seeds"], full["moments"]["emergency"][year]["spoke"])
    if quick["moments"]["improved"] != full["moments"]["improved"]:
        yield "the verdict on the four-hour target is another one"
    if abs(quick["tables"]["tokens_in_the_lake"] - 1) > 0.001:
        yield "tokens were lost between the tables and the lake"


def _people(quick: Mapping[str, Any], full: Mapping[str, Any]) -> Iterator[str]:
    """Recall at one in a hundred, of the detectors that the short form has too."""
    wider = sqrt(full["people"] / quick["people"])
    for name, mine in quick["detectors"].items():
        theirs = full["detectors"][name]
        for suite in ("seen tactics", "unseen tactics"):
            value, low, high = theirs["recall"][suite][0]
            found = mine["recall"][suite][0][0]
            reach = 2 * wider * max(high - low, 0.02) + 0.05
            if not value - reach <= found <= value + reach:
                yield f"{name} finds {found:.2f} of {suite}, and not about {value:.2f}"


def _share(name: str, mine: float, of: int, theirs: float) -> Iterator[str]:
    """Whether chance alone hardly gives such a share of so few, were the long form's the true one."""
    hits, chance = round(mine * of), min(max(theirs, 0.01), 0.99)
    ways = [comb(of, k) * chance**k * (1 - chance) ** (of - k) for k in range(of + 1)]
    if min(sum(ways[: hits + 1]), sum(ways[hits:])) < HARDLY:
        yield f"{name}: {mine:.2f} of {of}, and not about {theirs:.2f}"
