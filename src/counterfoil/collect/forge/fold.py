"""Turns events into rows, with what was remembered of earlier ones."""

from collections.abc import Callable
from typing import Any

from counterfoil.collect.forge.changes import checked, closed, marked, merged, proposed, pushed, reviewed
from counterfoil.collect.forge.deployments import broke, deployed
from counterfoil.collect.forge.event import (
    Broke,
    Checked,
    Closed,
    Deployed,
    Event,
    Marked,
    Merged,
    Proposed,
    Pushed,
    Reviewed,
)
from counterfoil.collect.forge.state import Fold

FOLDED: dict[type, Callable[[Fold, Any], None]] = {
    Proposed: proposed,
    Merged: merged,
    Closed: closed,
    Reviewed: reviewed,
    Checked: checked,
    Deployed: deployed,
    Broke: broke,
    Pushed: pushed,
    Marked: marked,
}


def take(fold: Fold, event: Event) -> None:
    """Take an event in; the fold has its rows after."""
    FOLDED[type(event)](fold, event)
