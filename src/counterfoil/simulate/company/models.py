"""The models that people of an invented company use, through which tool, and what a token costs."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model with its tool and its prices.

    Unit: micro-USD a token, which is US dollars a million tokens.
    """

    name: str
    tool: str
    input_uncached: float
    cache_read: float
    cache_write: float
    output: float
    writes: bool = False
    """Whether the tool reports what it wrote to a cache."""


TOOLS = CLAUDE, CODEX, GEMINI = ("claude-code", "codex", "gemini-cli")
MODELS = (
    Model(name="claude-sonnet-4-5", tool=CLAUDE, input_uncached=3.0, cache_read=0.3, cache_write=3.75,
          output=15.0, writes=True),
    Model(name="gpt-5-codex", tool=CODEX, input_uncached=1.25, cache_read=0.125, cache_write=0.0,
          output=10.0),
    Model(name="gemini-2.5-pro", tool=GEMINI, input_uncached=1.25, cache_read=0.125, cache_write=0.0,
          output=10.0),
    Model(name="claude-opus-4-5", tool=CLAUDE, input_uncached=5.0, cache_read=0.5, cache_write=6.25,
          output=25.0, writes=True),
    Model(name="claude-haiku-4-5", tool=CLAUDE, input_uncached=1.0, cache_read=0.1, cache_write=1.25,
          output=5.0, writes=True),
    Model(name="gpt-5", tool=CODEX, input_uncached=1.25, cache_read=0.125, cache_write=0.0, output=10.0),
    Model(name="gpt-5-mini", tool=CODEX, input_uncached=0.25, cache_read=0.025, cache_write=0.0, output=2.0),
    Model(name="gemini-2.5-flash", tool=GEMINI, input_uncached=0.3, cache_read=0.03, cache_write=0.0,
          output=2.5),
)  # fmt: skip
"""One for each bit of `Days.models`.

Source: list prices below the tier of long contexts, as genai-prices 0.2.3 has them; a test compares.
"""
DEAREST = max(range(len(MODELS)), key=lambda place: MODELS[place].output)
BUCKETS = ("input_uncached", "cache_read", "cache_write", "output")
PRICES = np.array([[getattr(model, bucket) for bucket in BUCKETS] for model in MODELS])
"""Shape: (models, buckets)."""
WRITES = np.array([model.writes for model in MODELS])
TOOL_OF = np.array([TOOLS.index(model.tool) for model in MODELS])
"""Place in TOOLS of each model's tool."""
