"""Prices copied from one version of the list for models that are often met, so that it need not be loaded.

Source: genai-prices (PyPI, MIT); `make goldens` renews the copy, a test compares each price with the list.
"""

import json
import os
import sys
from collections.abc import Mapping
from functools import cache

from counterfoil.terms.ids import PicoUsd
from counterfoil.terms.rate import Rate, Tier

FILE = os.path.join(os.path.dirname(__file__), "copied.json")
Models = Mapping[str, Rate]


@cache
def copied_rates() -> Mapping[str, Models]:
    """The copied prices by source and model; empty where another version of the list is installed."""
    with open(FILE, encoding="utf-8") as file:
        copy = json.load(file)
    name = f"genai_prices-{copy['version']}.dist-info"
    if not any(os.path.isdir(os.path.join(folder, name)) for folder in sys.path):
        return {}
    return {
        source: {model: Rate(tiers=tuple(_tier(*row) for row in rows)) for model, rows in models.items()}
        for source, models in copy["models"].items()
    }


def copied_version() -> str:
    """Name and version of the list that the prices were copied from."""
    with open(FILE, encoding="utf-8") as file:
        return f"genai-prices {json.load(file)['version']}"


def _tier(over: int, fresh: int, read: int, write: int, hour: int, out: int) -> Tier:
    return Tier(
        over=over,
        input_uncached=PicoUsd(fresh),
        cache_read=PicoUsd(read),
        cache_write=PicoUsd(write),
        cache_write_1h=PicoUsd(hour),
        output=PicoUsd(out),
    )
