"""Figures about what people do: C5 to C8, C10, C11, C13."""

from collections.abc import Sequence
from math import log

from counterfoil.simulate.company.behave import adopters
from counterfoil.simulate.company.cases import AMAZON, CLEAR, EXPECTED, UBER, UNCLEAR
from counterfoil.simulate.company.parameters import FITTED
from counterfoil.simulate.company.people import People
from counterfoil.simulate.company.settled import always_ahead, settle
from counterfoil.simulate.published.row import fitted, free, given, percent, untestable
from counterfoil.terms.forecast import Moment

REPORTED = 4 / 25
"""Resistance that employers report, for each person who resists."""
TWO_MONTHS = 61 / 7
"""Unit: weeks."""


def gaming(people: People) -> Sequence[Moment]:
    """C5, C6: padding and tokenmaxxing."""
    amazon, expected = settle(people, AMAZON, FITTED), settle(people, EXPECTED, FITTED)
    short = [expected.pads_when_short, amazon.pads_when_short]
    return [
        fitted(
            "C5",
            "people who pad under an expectation",
            "16 %",
            percent(expected.padding, 1),
            "howdy.com, 1,047 workers who use AI",
        ),
        fitted(
            "C6",
            "people who burn tokens (Amazon's programme)",
            "4.5 %",
            percent(amazon.tokenmaxxing, 1),
            "Jacob and Levitt (2003), 4 to 5 % of classrooms a year or more: another field, taken as a size",
        ),
        free(
            "C6",
            "of those who are short, people who pad",
            "40 %",
            f"{percent(short[0])} (an expectation), {percent(short[1])} (Amazon's programme)",
            " and ".join(f"{100 * (share - 0.4):+.0f}" for share in short) + " points",
            "Dee, Dobbie, Jacob and Rockoff (2019), over 40 % of near-misses: another field",
        ),
    ]


def hours(people: People) -> Sequence[Moment]:
    """C7: what of the time saved is left."""
    source = "Workday, 3,200 people of whom half are leaders, 2026 (financial-planning.com)"
    return [
        given(
            "C7",
            "of the time saved, what is spent redoing",
            "37 %",
            percent(FITTED.rework),
            source,
            "net = (1 - 0.37) gross = 0.63 gross",
        ),
        fitted(
            "C7",
            "people who come out ahead in each of eight weeks",
            "14 %",
            percent(always_ahead(people, FITTED), 1),
            source,
        ),
    ]


def active(people: People) -> Moment:
    """C8: the target itself."""
    share = settle(people, AMAZON, FITTED).weekly_active
    return free(
        "C8",
        "people active in a week (Amazon's programme)",
        "over 80 %",
        percent(share),
        "holds" if share > 0.8 else "falls short",
        "Press reports on Amazon, 2026 (aimagazine.com after the Financial Times)",
    )


def survival() -> Moment:
    """C10: what stands of accepted code."""
    return untestable(
        "C10",
        "of accepted code, what survives",
        "0.1 to 0.3 of 0.85",
        "fates of work are planted, not modelled",
        "the vendor gives neither an age nor a definition of surviving",
        "Waydev, 80 to 90 % accepted, 10 to 30 % surviving; Faros (secondary)",
        f"0.1 / 0.85 = {0.1 / 0.85:.2f}; 0.3 / 0.85 = {0.3 / 0.85:.2f}",
    )


def adoption(people: People) -> Moment:
    """C11: how fast people take AI up."""
    first, later = (
        settle(people, UBER, FITTED, adopted=adopters(week, FITTED)).weekly_active
        for week in (0.0, TWO_MONTHS)
    )
    return fitted(
        "C11",
        "people active in a week, at the start and two months later",
        "32 %, 63 %",
        f"{percent(first)}, {percent(later)}",
        "Press reports on Uber, 2026 (working-ref.com, secondary)",
        f"ln(0.63 / 0.37) - ln(0.32 / 0.68) = {log(0.63 / 0.37) - log(0.32 / 0.68):.2f}",
    )


def resistance(people: People) -> Sequence[Moment]:
    """C13: what a clear strategy does."""
    source = (
        "No source was found for 25 and 4 %; nearest: Writer, 29 to 31 % of workers admit it; "
        "4 % of employers report it"
    )
    unclear, clear = (settle(people, d, FITTED).quiet_resistance for d in (UNCLEAR, CLEAR))
    return [
        fitted("C13", "people who quietly resist an unclear mandate", "25 %", percent(unclear, 1), source),
        fitted("C13", "people who quietly resist a clear one", "4 %", percent(clear, 1), source),
        given(
            "C13",
            "resistance that employers report, of what there is",
            "16 %",
            percent(REPORTED),
            source,
            f"4 / 25 = {REPORTED:.2f}",
        ),
    ]
