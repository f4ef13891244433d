"""What people do in a week: use AI honestly, pad the number, burn tokens, or quietly resist."""

from dataclasses import dataclass

import numpy as np

from counterfoil.simulate.company.design import Design
from counterfoil.simulate.company.parameters import Parameters
from counterfoil.simulate.company.people import Flags, Floats, People

CERTAIN = np.float32(40)
"""Logits beyond which nothing becomes any likelier."""
MOST_ASKED = 400
"""Uses a week; more are asked of nobody."""


@dataclass(frozen=True, slots=True)
class Odds:
    """How likely each behaviour is for each person; honest use is the rest.

    Shape: every array (people,).
    """

    pad: Floats
    maximise: Floats
    resist: Floats


@dataclass(frozen=True, slots=True)
class Pull:
    """What draws a person, apart from being short of the target and from their team.

    Shape: every array (people,), in logits.
    """

    pad: Floats
    pad_if_short: Floats
    """Added when the person is short."""
    maximise: Floats
    resist: Floats


def pull(people: People, design: Design, p: Parameters) -> Pull:
    """What draws each person under a design; a denial works only through who can look and who believes it."""
    d = design
    stake = p.stake * people.fear * np.float32(felt_stake(d))
    reward = people.status * np.float32(d.visibility * (1.0 if d.ranked else 0.25) * (1 - d.outcome_paired))
    asked = np.float32(d.target > 0)
    unpaired = np.float32(asked * (1 - 0.7 * d.outcome_paired))
    moral_pad = np.float32(p.pad_cost * (1 + p.seen_pad * d.transparency + p.clear_cost * d.clarity))
    moral_max = np.float32(p.max_cost * (1 + p.seen_max * d.transparency + p.clear_cost * d.clarity))
    against = np.float32(p.unclear * (1 - d.clarity)) + np.float32(p.useless) * (people.benefit < 0)
    return Pull(
        pad=p.pad + stake * (p.near * unpaired) + p.pad_status * reward - moral_pad * people.moral_cost,
        pad_if_short=stake * (p.short * unpaired),
        maximise=p.maximise
        + stake * np.float32(p.max_stake * (1 - d.outcome_paired))
        + p.max_status * reward
        + p.max_skill * people.skill
        - moral_max * people.moral_cost,
        resist=p.resist + asked * against - np.float32(0.2) * stake,
    )


def felt_stake(d: Design) -> float:
    """How far a number is felt to count in reviews, whatever is said.

    Example:
    >>> felt_stake(Design(review_link=0.0, credibility=0.0, managers_look=1.0))
    1.0
    """
    return d.review_link + (1 - d.review_link) * (1 - d.credibility) * d.managers_look


def odds(drawn: Pull, short: Flags | bool, peers: Floats | float, p: Parameters) -> Odds:
    """How likely each behaviour is: first whether to make the number up, then whether to resist.

    Shape: `short` and `peers` (people,); `peers` is the share of each person's team that gamed last week.
    """
    company = np.float32(p.peer) * peers
    pad = np.exp(np.minimum(drawn.pad + drawn.pad_if_short * short + company, CERTAIN))
    maximise = np.exp(np.minimum(drawn.maximise + company, CERTAIN))
    whole = 1 + pad + maximise
    honest = 1 / whole
    return Odds(
        pad=pad * honest,
        maximise=maximise * honest,
        resist=honest / (1 + np.exp(np.minimum(-drawn.resist, CERTAIN))),
    )


def expected_tasks(people: People, p: Parameters, *, adopted: float = 1.0) -> Floats:
    """Tasks a week that each person does with AI when being honest; `adopted` as in `adopters`."""
    suits = np.where(people.benefit > 0, 1.0, p.unsuited).astype(np.float32)
    taken_up = np.where(people.adopts_at < adopted, np.float32(1.0), np.float32(0.05))
    return people.demand * people.hours * suits * taken_up


def adopters(week: float, p: Parameters) -> float:
    """Share of people who have taken AI up, `week` weeks after the programme began."""
    start = np.log(p.launched / (1 - p.launched))
    return float(1 / (1 + np.exp(-(start + p.adoption * week))))


def share_short(tasks: Floats, target: float) -> Floats:
    """How likely each person is short of a target in a week of honest work.

    Shape: `tasks` (people,), the mean of a Poisson count.
    """
    if target <= 0:
        return np.zeros_like(tasks)
    asked = min(int(np.ceil(target)), MOST_ASKED)
    log_mean = np.log(np.maximum(tasks.astype(np.float64), 1e-9))
    term = -tasks.astype(np.float64)
    total = np.exp(term)
    for k in range(1, asked):
        term = term + log_mean - np.log(k)
        total += np.exp(term)
    return np.minimum(total, 1.0).astype(np.float32)
