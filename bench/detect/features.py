"""What a detector of people would look at: one row for each person, from what tools and systems report."""

import warnings

import numpy as np
from numpy.typing import NDArray

from bench.detect.rows import Lives

Floats = NDArray[np.float64]
NAMES = (
    "log tokens",
    "log requests",
    "log tokens a request",
    "share of output",
    "share read from a cache",
    "log cost a token",
    "log requests a session",
    "active days",
    "share at weekends",
    "share on Fridays",
    "share of days with one request",
    "declared share",
    "share set off by no person",
    "kept works for a million tokens",
    "share of works not kept",
    "empty works",
    "rise in the second half",
    "models",
    "share repeated",
    "human turns a request",
    "tool calls a request",
    "share at night",
    "spread of gaps",
)
PLACE = {name: place for place, name in enumerate(NAMES)}


def features(of: Lives) -> Floats:
    """The features of everybody; nan where a table does not tell.

    Shape: (people, features).
    """
    u, count, days = of.used, len(of.honest), of.weeks * 7
    tokens = u.input_uncached + u.cache_read + u.cache_write + u.output

    def total(values: Floats) -> Floats:
        return np.bincount(u.who, values, count)[:count]

    whole, requests = total(tokens), total(u.requests)
    late = total(np.where(u.day >= days // 2, tokens, 0))
    cells = np.bincount(u.who * days + u.day, u.requests, count * days).reshape(count, days)
    active = (cells > 0).sum(axis=1)
    used = np.bincount(u.who * 64 + np.minimum(u.model, 63), minlength=count * 64).reshape(count, 64)
    works = np.bincount(of.worked.who, minlength=count)[:count]
    kept = np.bincount(of.worked.who, of.worked.kept, count)[:count]
    empty = np.bincount(of.worked.who, of.worked.empty, count)[:count]
    columns = (
        np.log1p(whole),
        np.log1p(requests),
        np.log(_over(whole, requests) + 1),
        _over(total(u.output), whole),
        _over(total(u.cache_read), whole),
        np.log(_over(total(u.cost), whole) + 0.01),
        np.log(_over(requests, total(u.sessions)) + 1),
        active,
        _over(total(np.where(u.day % 7 > 4, tokens, 0)), whole),
        _over(total(np.where(u.day % 7 == 4, tokens, 0)), whole),
        _over((cells == 1).sum(axis=1).astype(float), active.astype(float)),
        _over(total(u.declared * tokens), whole),
        _over(total(u.unattended * u.requests), requests),
        np.log((kept + 0.5) / (whole / 1e6 + 0.5)),
        _over(works - kept, works.astype(float)),
        np.log1p(empty),
        np.log((late + 1e5) / (whole - late + 1e5)),
        (used > 0).sum(axis=1),
        _over(total(u.repeated), requests),
        np.log(_over(total(u.human_turns), requests) + 0.001),
        _over(total(u.tool_calls), requests),
        _over(total(u.night), requests),
        _over(total(u.gap_spread * u.requests), requests),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.column_stack(columns).astype(np.float32)


def _over(part: Floats, whole: Floats) -> Floats:
    return np.where(whole > 0, part / np.maximum(whole, 1e-9), 0.0)
