"""The numbers that behaviour runs on: some fitted to published figures, the others assumed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """How strongly each thing moves people; utilities are in logits."""

    pad: float
    """Padding when nothing speaks for it."""
    maximise: float
    resist: float
    stake: float
    """How much a number that may count in reviews is worth, for each unit of fear."""
    unclear: float
    """How much an unclear mandate adds to quiet resistance."""
    task_noise: float
    """Unit: hours; how much the net time of one task varies."""
    adoption: float
    """Unit: logits a week; how fast people take AI up."""
    launched: float
    """Share of people who had taken AI up when the programme began."""
    peer: float = 0.18
    """How much the share of the team that games adds."""
    short: float = 0.65
    """What being short of the target adds to the stake of padding, beside `near`."""
    near: float = 0.35
    pad_status: float = 0.2
    max_status: float = 1.6
    max_skill: float = 1.5
    max_stake: float = 0.5
    pad_cost: float = 0.6
    max_cost: float = 0.9
    useless: float = 0.9
    """What AI that costs more time than it saves adds to resistance against a mandate."""
    clear_cost: float = 0.3
    """How much a clear strategy adds to what pretending costs, as `seen_pad` and `seen_max` do."""
    seen_pad: float = 0.3
    seen_max: float = 0.5
    burn: float = 12.0
    """Tokens that one person burns in a week of tokenmaxxing, in weeks of an average honest user."""
    unsuited: float = 0.15
    """Share of tasks for which people still use AI that costs them time."""
    rework: float = 0.37
    """Share of the gross time saved that goes into putting AI's work right."""
    pad_minutes: float = 2.0
    """Unit: minutes for one padding call."""
    max_hours: float = 0.5
    """Unit: hours a week to keep a loop running."""
    usd_per_active_day: float = 13.0
    """What an average active day costs."""


FITTED = Parameters(
    pad=-3.7830,
    maximise=-10.1346,
    resist=-2.9159,
    stake=15.4079,
    unclear=3.7549,
    task_noise=1.0030,
    adoption=0.2748,
    launched=0.1602,
)
"""What tests/simulate fits to the published figures of `calibration.TARGETS`, and checks again."""
