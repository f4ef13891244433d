"""Counts who has read a programme, and keeps it from being a list of who has not."""

import hashlib

from counterfoil.guard.dominance import rounded_count
from counterfoil.guard.force import version
from counterfoil.guard.guarded import Guarded
from counterfoil.ledger.entry import EntryKind, open_entry
from counterfoil.terms.release import Refuse

ACKNOWLEDGED = "acknowledged"


def acknowledge(g: Guarded, secret: bytes) -> int | Refuse:
    """Count a person once for the programme in force; to the nearest five, how many have been counted.

    What is kept is a hash of the person's secret with the programme's: without every secret, nobody can say
    whose it is, or who is missing.
    """
    force = version(g)
    if force is None:
        return Refuse("no-programme", "No programme is in force, so there is nothing to have read.")
    name = hashlib.sha256(b"acknowledged" + secret + force.digest.encode()).hexdigest()
    g.log.append(
        [open_entry(EntryKind.RULE, {"rule": "acknowledged", "programme": force.digest, "at": g.minute})]
    )
    with g.lake.registry.change() as change:
        change.keep(ACKNOWLEDGED, f"{force.digest}/{name}", b"1")
    return acknowledged(g, force.digest)


def acknowledged(g: Guarded, digest: str) -> int:
    """How many have been counted for a programme, to the nearest five."""
    kept = g.lake.registry.all_kept(ACKNOWLEDGED)
    return rounded_count(sum(one.startswith(digest) for one in kept))
