"""The reported programmes as people felt them; tests hold each to its file in examples/programmes."""

from dataclasses import replace

from counterfoil.simulate.company.design import Design

NOTHING = Design(credibility=0.5, transparency=0.5, clarity=0.6)
"""A company without any programme."""
EXPECTED = Design(
    target=1,
    review_link=0.1,
    credibility=0.5,
    managers_look=0.4,
    outcome_paired=0,
    transparency=0.5,
    clarity=0.6,
)
"""AI is expected, no board, and nothing is said on reviews."""
UNCLEAR = replace(EXPECTED, clarity=0.3)
"""The same mandate without a strategy."""
CLEAR = replace(EXPECTED, clarity=0.9)
"""The same mandate with a clear one."""
AMAZON = Design(
    target=1,
    visibility=1,
    ranked=1,
    credibility=0.3,
    managers_look=0.8,
    outcome_paired=0,
    clarity=0.6,
)
META = Design(
    visibility=1,
    ranked=1,
    review_link=0.1,
    credibility=0.5,
    managers_look=0.4,
    outcome_paired=0,
)
DISNEY = Design(visibility=1, ranked=1, credibility=0.7, managers_look=0.8, outcome_paired=0)
UBER = Design(
    visibility=0.5,
    review_link=0.1,
    credibility=0.5,
    managers_look=0.4,
    outcome_paired=0,
    transparency=0.5,
    clarity=0.6,
)
"""Boards of teams and no target; press reports of 2026, and no file of its own."""
