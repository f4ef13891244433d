"""What a company is like once people have settled under a programme, as expectations and not as draws."""

from dataclasses import dataclass
from math import erf, sqrt

import numpy as np

from counterfoil.simulate.company.behave import Odds, expected_tasks, odds, pull, share_short
from counterfoil.simulate.company.design import Design
from counterfoil.simulate.company.parameters import Parameters
from counterfoil.simulate.company.people import Floats, People

ROUNDS = 5
"""Weeks after which the share of a team that games no longer moves the next week's."""
PAD_TOKENS = 3_000
"""Tokens of one small call."""
RESISTED = 0.1
"""Share of their honest work with AI that people still do while they quietly resist."""
WORKDAYS = 5
CONSISTENT_WEEKS = 8
"""Weeks over which somebody has to come out ahead to do so consistently."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A week of a company, as shares of its people and amounts a person."""

    honest_use: float
    padding: float
    tokenmaxxing: float
    quiet_resistance: float
    weekly_active: float
    pads_when_short: float
    gamed_share: float
    """Share of tokens that nobody needed."""
    usd: float
    """Unit: US dollars a person and week."""
    net_hours: float
    """Unit: hours a person and week, net of rework and of the time that gaming takes."""
    redone_hours: float
    """Unit: hours a person and week."""

    @property
    def gaming(self) -> float:
        """Share of people who pad or burn."""
        return self.padding + self.tokenmaxxing


def settle(people: People, design: Design, p: Parameters, *, adopted: float = 1.0) -> Settled:
    """The week at which behaviour comes to rest."""
    tasks = expected_tasks(people, p, adopted=adopted)
    short = share_short(tasks, design.target)
    mix, if_short = settled_odds(people, design, p, short)
    return _summed(people, design, p, tasks, short, mix, if_short)


def settled_odds(people: People, design: Design, p: Parameters, short: Floats) -> tuple[Odds, Odds]:
    """The odds at rest, whatever the week brings; and those of people who are short.

    Shape: `short` (people,), how likely each is short of the target.
    """
    drawn = pull(people, design, p)
    sizes = np.bincount(people.team, minlength=people.teams)
    peers = np.zeros(len(people), np.float32)
    for _ in range(ROUNDS):
        if_short, if_not = odds(drawn, True, peers, p), odds(drawn, False, peers, p)
        mix = Odds(
            pad=_mixed(short, if_short.pad, if_not.pad),
            maximise=_mixed(short, if_short.maximise, if_not.maximise),
            resist=_mixed(short, if_short.resist, if_not.resist),
        )
        gaming = np.bincount(people.team, mix.pad + mix.maximise, minlength=people.teams)
        peers = (gaming / np.maximum(sizes, 1)).astype(np.float32)[people.team]
    return mix, if_short


def _mixed(short: Floats, if_short: Floats, if_not: Floats) -> Floats:
    return short * if_short + (1 - short) * if_not


def _summed(
    people: People,
    design: Design,
    p: Parameters,
    tasks: Floats,
    short: Floats,
    mix: Odds,
    if_short: Odds,
) -> Settled:
    engaged = 1 - mix.resist * (1 - RESISTED)
    honest = 1 - mix.pad - mix.maximise - mix.resist
    used = 1 - np.exp(-tasks)
    active = honest * used + mix.pad + mix.maximise + mix.resist * (1 - np.exp(-RESISTED * tasks))
    tokens = (tasks * people.tokens_per_task).astype(np.float64)
    calls = _missing_calls(tasks, design.target) * if_short.pad * short
    burned = mix.maximise * p.burn * tokens.mean() + calls * PAD_TOKENS
    kept = tokens * engaged
    gain = tasks * people.benefit
    return Settled(
        honest_use=_mean(honest * used),
        padding=_mean(mix.pad),
        tokenmaxxing=_mean(mix.maximise),
        quiet_resistance=_mean(mix.resist),
        weekly_active=_mean(active),
        pads_when_short=_mean(if_short.pad * short) / _mean(short) if design.target > 0 else 0.0,
        gamed_share=float(burned.sum() / (burned.sum() + kept.sum())),
        usd=_usd_a_token(people, p) * _mean(kept + burned),
        net_hours=_mean(gain * engaged - calls * p.pad_minutes / 60 - mix.maximise * p.max_hours),
        redone_hours=_mean(gain * engaged) * p.rework / (1 - p.rework),
    )


def _missing_calls(tasks: Floats, target: float) -> Floats:
    """Calls that somebody who is short still needs, roughly: at least one."""
    calls: Floats = np.maximum(np.float32(target) - tasks, 1)
    return calls


def _usd_a_token(people: People, p: Parameters) -> float:
    """The price at which an average active day costs what it is known to cost."""
    tasks = expected_tasks(people, p)
    active_days = WORKDAYS * (1 - np.exp(-tasks / WORKDAYS))
    return float(p.usd_per_active_day * active_days.sum() / (tasks * people.tokens_per_task).sum())


def always_ahead(people: People, p: Parameters) -> float:
    """Share of users who come out ahead in each of several weeks."""
    tasks = np.maximum(expected_tasks(people, p), 1e-6)
    mean = tasks * people.benefit
    spread = np.sqrt(tasks * (p.task_noise**2 + people.benefit**2))
    weekly = np.array([0.5 * (1 + erf(x / sqrt(2))) for x in (mean / spread).tolist()])
    return float(np.mean(weekly**CONSISTENT_WEEKS))


def _mean(values: Floats) -> float:
    return float(values.mean(dtype=np.float64))
