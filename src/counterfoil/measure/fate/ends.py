"""Landed lines that ended within 30 days, each with the change that ended it and why."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from counterfoil.measure.fate.lines import JOINED, NONE, Ints, LineFates
from counterfoil.measure.fate.reverts import WINDOW, Reverts
from counterfoil.terms.history import Cause

CAUSES = tuple(Cause)
"""What a number in `EarlyEnds.cause` means."""
CORRECTIVE, UNKNOWN_CAUSE = CAUSES.index(Cause.CORRECTIVE), CAUSES.index(Cause.UNKNOWN)
AI_TIER = 2
"""A line is an AI line from this evidence tier on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyEnds:
    """Counted lines that ended within 30 days of landing and were not restored.

    Shape: every column (k,), in order of line.
    """

    line: NDArray[np.intp]
    landed: Ints
    """Index into the main line of the change that landed it."""
    ended: Ints
    """Index into the main line of the change that ended it."""
    cause: NDArray[np.uint8]
    """Index into `CAUSES`."""


def early_ends(fates: LineFates, reverts: Reverts) -> EarlyEnds:
    """Lines that ended soon, by the stated cause of whatever ended them.

    The cause is what the killing commit says; where it says nothing, what the change that landed it says.
    Whatever takes a change back is corrective, also where only the state of the tree shows it.
    A line that a formatting commit joined into another is no end.
    What a change ended that was itself taken back since is not an end.
    """
    dead = np.flatnonzero(fates.counted & (fates.ended != NONE) & (fates.how != JOINED))
    soon = fates.landed_at[fates.ended[dead]] - fates.landed_at[fates.landed[dead]] <= WINDOW
    line = dead[soon & ~reverts.taken_back[fates.ended[dead]]]
    landed, ended = fates.landed[line], fates.ended[line]
    cause = _cause_of(fates)[fates.killer[line]]
    silent = cause == UNKNOWN_CAUSE
    cause[silent] = _cause_of(fates)[fates.mainline[ended[silent]]]
    cause[reverts.by[landed] == ended] = CORRECTIVE
    return EarlyEnds(line=line, landed=landed, ended=ended, cause=cause)


def _cause_of(fates: LineFates) -> NDArray[np.uint8]:
    """Shape: (c,): what each commit says of itself."""
    number = {cause: n for n, cause in enumerate(CAUSES)}
    return np.array([number[commit.says.cause] for commit in fates.commits], np.uint8)
