"""Makes the rows of the table: fitted, put in, not fitted, not testable."""

from functools import partial

from counterfoil.terms.forecast import Moment, Standing


def row(
    standing: Standing,
    name: str,
    says: str,
    target: str,
    model: str,
    gap: str,
    source: str,
    arithmetic: str = "",
) -> Moment:
    """A published figure beside the model's."""
    return Moment(
        id=name,
        says=says,
        target=target,
        model=model,
        standing=standing,
        gap=gap,
        source=source,
        arithmetic=arithmetic,
    )


def fitted(name: str, says: str, target: str, model: str, source: str, arithmetic: str = "") -> Moment:
    """A figure that a parameter was set for, so that it is no evidence."""
    gap = "none: a parameter for each such figure"
    return row(Standing.FITTED, name, says, target, model, gap, source, arithmetic)


def given(name: str, says: str, target: str, model: str, source: str, arithmetic: str = "") -> Moment:
    """A figure that was put in as it is."""
    return row(Standing.INPUT, name, says, target, model, "none: it is put in", source, arithmetic)


free = partial(row, Standing.NOT_FITTED)
"""A figure that nothing was fitted to."""
untestable = partial(row, Standing.NOT_TESTABLE)
"""A figure of another kind of thing, or without a definition."""


def percent(share: float, digits: int = 0) -> str:
    """A share as people write it.

    Example:
    >>> percent(0.16), percent(0.013, 1)
    ('16 %', '1.3 %')
    """
    return f"{100 * share:.{digits}f} %"


def times(ratio: float) -> str:
    """A ratio to the published figure, in words.

    Example:
    >>> times(0.5)
    '0.5 times it'
    """
    return f"{ratio:.1f} times it"


def within(value: float, low: float, high: float) -> str:
    """Whether a value lies in a range, or how far it is off.

    Example:
    >>> within(1.8, 1.5, 2.0), within(2.5, 1.5, 2.0)
    ('within it', 'off by 0.5')
    """
    if low <= value <= high:
        return "within it"
    return f"off by {abs(value - (low if value < low else high)):.1f}"
