"""Plans by which chance decides: each is in the log, with its seed sealed, before anything is decided."""

import hashlib
import json
import secrets
from dataclasses import dataclass

from counterfoil.guard.guarded import Guarded, without_keys
from counterfoil.guard.worded import NAMES_SOMEBODY, names_somebody
from counterfoil.ledger.entry import Body, EntryKind, open_entry, read_entry
from counterfoil.terms.error import LedgerBroken
from counterfoil.terms.release import Refuse

PLANNED = "planned"
HINT = "compare the log with a witness; restore the registry from a copy that fits it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A plan with the seed that nobody sees until it is used."""

    plan: str
    """The plan, written out."""
    seed: str
    entry: int

    @property
    def seed_sha256(self) -> str:
        """By what the log knows the seed."""
        return hashlib.sha256(bytes.fromhex(self.seed)).hexdigest()


def seal(g: Guarded, kind: str, name: str, plan: str) -> Sealed | Refuse:
    """Log a plan with the hash of a new seed, and keep both; an earlier plan of the name is over.

    Its name stands in the log for good, so it may not be somebody's.
    """
    if (away := without_keys(g)) is not None:
        return away
    if names_somebody(g, name):
        return NAMES_SOMEBODY
    new = Sealed(plan=plan, seed=new_seed(), entry=len(g.log))
    g.log.append([open_entry(EntryKind.RULE, {**_logged(new, kind, name), "at": g.minute})])
    with g.lake.registry.change() as change:
        kept = {"plan": new.plan, "seed": new.seed, "entry": new.entry}
        change.keep(kind, name, json.dumps(kept).encode())
    return new


def sealed(g: Guarded, kind: str, name: str) -> Sealed | Refuse:
    """The plan of a name.

    Raises: LedgerBroken where it is not the one that the log has.
    """
    kept = g.lake.registry.kept(kind, name)
    if kept is None:
        return Refuse(f"no-{kind}", f"No {kind} of this name is planned.")
    found = Sealed(**json.loads(kept))
    body = read_entry(g.log.entry(found.entry))[1] if found.entry < len(g.log) else {}
    if {field: value for field, value in body.items() if field != "at"} != _logged(found, kind, name):
        raise altered(kind)
    last = last_entry(g, kind, name, PLANNED)
    if last is not None and last[0] > found.entry:
        return Refuse("not-kept", "A later plan was logged and, by a crash, not kept: plan it anew.")
    return found


def new_seed() -> str:
    """A seed that nobody can guess, in hex."""
    return secrets.token_hex(32)


def last_entry(g: Guarded, kind: str, name: str, state: str) -> tuple[int, Body] | None:
    """The last entry of a plan in a state, with its place."""
    for place in range(len(g.log) - 1, -1, -1):
        entry = g.log.entry(place)
        if entry[0] != EntryKind.RULE:
            continue
        body = read_entry(entry)[1]
        if (body.get("rule"), body.get("name"), body.get("state")) == (kind, name, state):
            return place, body
    return None


def digest_of(text: str) -> str:
    """The hash by which the log knows a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def altered(kind: str) -> LedgerBroken:
    """What the registry keeps of a plan is not what the log has."""
    return LedgerBroken(f"{kind}-altered", f"the {kind} is not the one that the log has", hint=HINT)


def _logged(one: Sealed, kind: str, name: str) -> Body:
    return {
        "rule": kind,
        "state": PLANNED,
        "name": name,
        "sha256": digest_of(one.plan),
        "seed_sha256": one.seed_sha256,
    }
