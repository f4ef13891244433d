"""How what agents did, spent and were let do is worded on pages."""

from collections.abc import Mapping

from counterfoil.show.server.agents import GrantShown, StandingShown, StopShown
from counterfoil.show.words import when
from counterfoil.terms.agent import Cause, Grant, Standing, Stop
from counterfoil.terms.effect import EffectState, RunState
from counterfoil.terms.ids import MicroUsd

STATES: Mapping[RunState, str] = {
    RunState.QUEUED: "waits for its turn",
    RunState.RUNNING: "is under way",
    RunState.WAITING: "waits for a yes",
    RunState.DONE: "done",
    RunState.FAILED: "failed",
    RunState.STOPPED: "stopped",
    RunState.OUT_OF_BUDGET: "out of budget",
    RunState.UNCONFIRMED: "a person has to look",
}
EFFECTS: Mapping[EffectState, str] = {
    EffectState.INTENDED: "Under way, or broken off",
    EffectState.DONE: "Done",
    EffectState.FAILED: "Surely not done",
    EffectState.UNCONFIRMED: "Sent, and nobody knows whether it happened",
}
VERDICTS = {"permit": "let through", "hold": "not without a yes", "refuse": "refused"}
FATES = {"too_young": "too young to say", "not_examined": "not known: its system could not be asked"}
MILLION = 1_000_000


def stop_line(one: Stop) -> StopShown:
    """A switch that is off."""
    return StopShown(what=one.what, says=one.why, since=when(one.at))


def grant_line(one: Grant) -> GrantShown:
    """What may be done with one tool."""
    where = ", ".join(one.to) or "to no destination"
    return GrantShown(tool=one.tool, to=where, until="" if one.until is None else str(one.until))


def standing_line(one: Standing) -> StandingShown:
    """A rule that answers."""
    where = ", ".join(one.to)
    return StandingShown(id=one.id, says=f"{one.tool} to {where}, {one.per_day} a day, until {one.until}")


def usd(spent: MicroUsd, *, is_floor: bool = False) -> str:
    """An amount in dollars; at least that, where a model has no price."""
    digits = 2 if spent >= MILLION // 10 or not spent else 4
    return f"{'at least ' if is_floor else ''}{spent / MILLION:.{digits}f} US dollars"


def cause(one: Cause) -> str:
    """What something is for."""
    return f"{one.kind.value} {one.ref}".strip()


def span(seconds: int) -> str:
    """How long something took, roughly."""
    if seconds < 120:
        return f"{seconds} seconds"
    return f"{seconds // 60} minutes" if seconds < 7_200 else f"{seconds // 3_600} hours"
