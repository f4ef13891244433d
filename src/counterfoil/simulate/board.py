"""The historical board of people by tokens, with titles and tiers: over invented days and nowhere else."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from counterfoil.simulate.company.days import Days
from counterfoil.simulate.company.people import Floats
from counterfoil.terms.board import HistoricalBoard, Place

SHOWN = 250
"""Places that were shown.

Source: press reports on Meta's board, 2026.
"""
TIERS = (("emerald", 0.01), ("gold", 0.05), ("silver", 0.20), ("bronze", 1.0))
"""Each tier with the share of places down to which it reaches: the names were reported, the shares not."""
META_TASK_TOKENS = 7_822_000.0
"""Tokens of a median task at which 85,000 people come to 60 trillion in 30 days."""
LEGEND, IMMORTAL = "Token Legend", "Session Immortal"
CONNOISSEUR, WIZARD = "Model Connoisseur", "Cache Wizard"


def historical_board(days: Days, *, shown: int = SHOWN) -> HistoricalBoard:
    """The board as it was: one order of everybody, the first places, titles and tiers."""
    tokens = _sums(days.tokens)
    count = len(tokens)
    order = np.argsort(-tokens, kind="stable")
    first = order[:shown]
    titles = _titles(days, tokens, first)
    needed = _sums(days.needed)
    gamed = needed < tokens * (1 - 1e-6)
    total = float(tokens.sum())
    return HistoricalBoard(
        people=count,
        days=days.tokens.shape[1],
        tokens=round(total),
        shown=[
            Place(
                place=place + 1,
                who=f"Person {person + 1:05d}",
                tokens=round(float(tokens[person])),
                tier=_tier(place, count),
                titles=tuple(title for title, holder in titles.items() if holder == person),
                needed=float(needed[person] / tokens[person]) if tokens[person] else 1.0,
            )
            for place, person in enumerate(first.tolist())
        ],
        tiers=_tier_sizes(count),
        top_share=float(tokens[first].sum() / total),
        gamed_share=1 - float(needed.sum()) / total,
        gaming_people=int(gamed.sum()),
        honest_places=int((~gamed[first]).sum()),
    )


def _sums(values: Floats) -> NDArray[np.float64]:
    """Each person's sum, as matrix times ones: several times faster than a sum over the short axis.

    Shape: `values` (people, days), the result (people,).
    """
    sums: NDArray[np.float64] = (values @ np.ones(values.shape[1], values.dtype)).astype(np.float64)
    return sums


def _titles(days: Days, tokens: NDArray[np.float64], first: NDArray[np.intp]) -> dict[str, int]:
    """Who of those shown holds each title: most tokens, longest session, most models, most from a cache."""
    models = np.bitwise_count(np.bitwise_or.reduce(days.models, axis=1))
    return {
        LEGEND: int(tokens.argmax()),
        IMMORTAL: int(_best(days.longest.max(axis=1), tokens)),
        CONNOISSEUR: int(_best(models, tokens)),
        WIZARD: int(first[(_sums(days.cache_read) / np.maximum(tokens, 1))[first].argmax()]),
    }


def _best(values: NDArray[np.generic], tokens: NDArray[np.float64]) -> int:
    """The largest value; among equals, whoever used more."""
    tied = values == values.max()
    return int(np.where(tied, tokens, -1.0).argmax())


def _tier(place: int, count: int) -> str:
    return next(name for name, share in TIERS if place < max(share * count, 1))


def _tier_sizes(count: int) -> Sequence[tuple[str, int]]:
    edges = [0, *(min(round(share * count), count) for _, share in TIERS)]
    return [(name, edges[i + 1] - edges[i]) for i, (name, _) in enumerate(TIERS)]
