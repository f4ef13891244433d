"""Switches for agents that the server holds: for one, an owner, a connector, or everything."""

import json
from collections.abc import Sequence
from datetime import datetime

from counterfoil.guard.guarded import OPERATOR, Guarded
from counterfoil.ledger.entry import EntryKind, open_entry
from counterfoil.store.registry import Registry
from counterfoil.terms.agent import Stop
from counterfoil.terms.ask import Role, Viewer
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.release import Refuse

KEPT = "agent-stop"
EVERYTHING = "everything"
KINDS = ("agent", "owner", "connector")
MAY = frozenset({Role.OPERATOR, Role.ADMIN, Role.DPO})
NOT_YOURS = Refuse("agents-stop", "The operator, administration and data protection switch agents off here.")
STRANGE = Refuse("agents-stop", "That is agent:NAME, owner:NAME, connector:NAME or everything.")
MOST_WHY = 500


def stops(registry: Registry) -> Sequence[Stop]:
    """Everything that is switched off, by name."""
    found = []
    for what, kept in registry.all_kept(KEPT).items():
        told = json.loads(kept)
        at = datetime.fromisoformat(told["at"])
        found.append(Stop(what=what, by=Pseudonym(told["by"]), at=at, why=told["why"]))
    return found


def may_stop(by: Viewer, what: str) -> Refuse | None:
    """Why somebody may not switch something off or on; None where they may."""
    if by.role not in MAY:
        return NOT_YOURS
    kind, colon, name = what.partition(":")
    return None if what == EVERYTHING or (colon and name and kind in KINDS and len(what) < 300) else STRANGE


def stop_of(now: datetime, by: Viewer, what: str, why: str) -> Stop:
    """A switch, as it will be kept; nothing is kept so far."""
    at = now.replace(second=0, microsecond=0)
    return Stop(what=what, by=by.who or Pseudonym(OPERATOR), at=at, why=why[:MOST_WHY])


def stop(g: Guarded, by: Viewer, stopped: Stop) -> Refuse | None:
    """Switch something off; that it was, and in which role, is in the log first, without whose it is."""
    if (refused := may_stop(by, stopped.what)) is not None:
        return refused
    _logged(g, "stopped", stopped.what, by)
    told = {"by": stopped.by, "at": stopped.at.isoformat(), "why": stopped.why}
    with g.lake.registry.change() as change:
        change.keep(KEPT, stopped.what, json.dumps(told).encode())
    return None


def resume(g: Guarded, by: Viewer, what: str) -> Refuse | None:
    """Switch something on again."""
    if (refused := may_stop(by, what)) is not None:
        return refused
    if g.lake.registry.kept(KEPT, what) is not None:
        _logged(g, "resumed", what, by)
        with g.lake.registry.change() as change:
            change.forget(KEPT, what)
    return None


def _logged(g: Guarded, did: str, what: str, by: Viewer) -> None:
    kind = what.partition(":")[0]
    shown = what if kind == "connector" else kind
    body = {"rule": "agents", "did": did, "what": shown, "role": by.role, "at": g.minute}
    g.log.append([open_entry(EntryKind.RULE, body)])
