"""Figures about tokens and cost: C1 to C4, C9, C11, C12, C14."""

from collections.abc import Sequence
from math import exp, log

import numpy as np

from counterfoil.simulate.company.behave import expected_tasks
from counterfoil.simulate.company.cases import AMAZON, DISNEY, META, NOTHING, UBER
from counterfoil.simulate.company.days import Days
from counterfoil.simulate.company.parameters import FITTED
from counterfoil.simulate.company.people import People
from counterfoil.simulate.company.tactics import REQUEST_TOKENS
from counterfoil.simulate.published.month import lived_days, month
from counterfoil.simulate.published.row import free, given, percent, times, untestable, within
from counterfoil.terms.forecast import Moment

SEEDS = (1, 2, 3, 4, 5)
META_PEOPLE, DISNEY_PEOPLE, OTHERS = 85_000, 4_800, 20_000
SCREENED = 0.0106
"""The share of people that Wells Fargo's screen, and what followed it, reached in a year."""


def unequal() -> Sequence[Moment]:
    """C1 and C2: how far the largest user is from the mean."""
    months = [month(META, META_PEOPLE, 30, seed) for seed in SEEDS[:3]]
    tops, sigmas = [m.top for m in months], [m.sigma for m in months]
    smaller = [month(DISNEY, DISNEY_PEOPLE, 11, seed).top for seed in SEEDS]
    meta, disney = 281e9 / (60e12 / META_PEOPLE), 234.2e6 / (16.4e9 / DISNEY_PEOPLE)
    source = (
        "Press reports on Meta, 2026 (kucoin.com, happycapyguide.com); whether cached tokens count is unknown"
    )
    return [
        given(
            "C1",
            "tokens of a head and day",
            "23.5 million",
            "tokens of a task are scaled to it",
            source,
            f"60e12 / 85,000 / 30 = {60e12 / META_PEOPLE / 30 / 1e6:.1f} million",
        ),
        free(
            "C1",
            "the largest user, in means",
            "398",
            f"{min(tops):.0f} to {max(tops):.0f}",
            times(float(np.median(tops)) / meta),
            source,
            f"281e9 / (60e12 / 85,000) = {meta:.0f}",
        ),
        free(
            "C1",
            "spread of tokens between people, in logarithms",
            "1.5 to 2.0",
            f"{np.median(sigmas):.2f}",
            within(float(np.median(sigmas)), 1.5, 2.0),
            "Own computation: the lognormal spreads in which 398 means are no rare draw",
        ),
        free(
            "C2",
            "the largest of 4,800 users in nine workdays, in means",
            "69",
            f"{min(smaller):.0f} to {max(smaller):.0f}",
            times(float(np.median(smaller)) / disney),
            "Press reports on Disney, 2026 (biztechweekly.com, agenticdaily.ai)",
            f"234.2e6 / (16.4e9 / 4,800) = {disney:.0f}; 16.4e9 / 4,800 / 9 = "
            f"{16.4e9 / 4_800 / 9 / 1e6:.2f} million a workday; "
            f"234.2e6 / 460,600 = {234.2e6 / 460_600:.0f} a call; "
            f"460,600 / 9 / 86,400 = {460_600 / 9 / 86_400:.2f} calls a second",
        ),
    ]


def active_day() -> Moment:
    """C3: how unequal the cost of active days is."""
    lived = lived_days(NOTHING, OTHERS, 28, 1)
    used = lived.tokens[lived.tokens > 0].astype(np.float64)
    ratio = float(np.percentile(used, 90) / used.mean())
    return free(
        "C3",
        "cost of an active day: 90th percentile over mean",
        "below 2.31",
        f"{ratio:.2f}",
        "holds" if ratio < 30 / 13 else f"above by {ratio - 30 / 13:.2f}",
        "Claude Code documentation, costs: $13 on average, 90 % of days below $30 (read 2026-11)",
        f"30 / 13 = {30 / 13:.2f}; no lognormal exceeds exp(1.2816^2 / 2) = {exp(1.2816**2 / 2):.2f}",
    )


def deadline() -> Moment:
    """C4: whether a heap appears before a deadline."""
    heap, usual = (_last_workday(lived_days(d, OTHERS, 28, 1)) for d in (AMAZON, NOTHING))
    return untestable(
        "C4",
        "units just before a deadline",
        "4.7 % to 8.4 % in the last 20 minutes of four hours",
        f"days of use on the last workday: {percent(usual, 1)} without a target, {percent(heap, 1)} with one",
        "a ward has minutes and the model days; only that a heap appears can be compared",
        "Mason et al. (2012), 735,588 visits",
        f"8.4 - 4.7 = {8.4 - 4.7:.1f} points; 17.3 / 6.3 = {17.3 / 6.3:.1f} in the vulnerable group",
    )


def _last_workday(lived: Days) -> float:
    used = lived.tokens > 0
    return float(used[:, 4::7].sum() / used.sum())


def elastic(people: People) -> Moment:
    """C9: how work grows with tokens, between people."""
    tasks = expected_tasks(people, FITTED).astype(np.float64)
    tokens = np.log(tasks * people.tokens_per_task)
    slope = float(np.cov(np.log(tasks), tokens)[0, 1] / tokens.var(ddof=1))
    return free(
        "C9",
        "growth of work with tokens between people, as an exponent",
        "0.30",
        f"{slope:.2f}",
        f"{slope - 0.30:+.2f}",
        "Jellyfish, 7,548 engineers: ten times the tokens, twice the pull requests (secondary)",
        f"ln 2 / ln 10 = {log(2) / log(10):.2f}",
    )


def spend() -> Moment:
    """C11: how unequal the spend of a month is."""
    lived = month(UBER, OTHERS, 30, 1)
    ratio = float(np.percentile(lived.tokens, 95) / lived.tokens.mean())
    return free(
        "C11",
        "spend of a month: 95th percentile over mean",
        "3 to 8",
        f"{ratio:.1f}",
        within(ratio, 3, 8),
        "Press reports on Uber, 2026 (working-ref.com, secondary): $150 to 250 on average, $500 to 2,000 for "
        "power users",
        f"500 / 150 = {500 / 150:.1f}; 2,000 / 250 = {2_000 / 250:.0f}",
    )


def screen() -> Moment:
    """C12: what a screen by volume finds of those who game, among invented people whose truth is planted."""
    lived = month(AMAZON, OTHERS, 30, 1)
    caught = lived.tokens >= np.quantile(lived.tokens, 1 - SCREENED)
    games = lived.tokens > lived.needed
    found = float((games & caught).sum() / games.sum())
    honest = float((~games & caught).sum() / caught.sum())
    return free(
        "C12",
        "of those who game, what a screen by volume finds",
        "far below one",
        percent(found, 1),
        f"holds; {percent(honest)} of those it picks are honest",
        "Wells Fargo, Independent Directors' report (2017): 1.06 % a year dismissed, the true rate unknown",
        f"5,300 / 100,000 / 5 = {percent(5_300 / 100_000 / 5, 2)}",
    )


def request() -> Moment:
    """C14: what a request holds."""
    return given(
        "C14",
        "tokens of a request",
        "12,000",
        f"{REQUEST_TOKENS:,}",
        "Press figures of 2026: 5 billion requests, 60 trillion tokens",
        f"60e12 / 5e9 = {60e12 / 5e9:,.0f}; 5e9 / 85,000 / 30 = {5e9 / META_PEOPLE / 30:,.0f} a head and day",
    )
