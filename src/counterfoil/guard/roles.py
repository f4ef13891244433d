"""Roles that watch over the rest: given in the log's sight, and never by whoever provisions people."""

from counterfoil.guard.guarded import Guarded
from counterfoil.ledger.entry import EntryKind, open_entry
from counterfoil.terms.ask import Role
from counterfoil.terms.ids import Pseudonym

KEPT = "role"
GIVEN = (Role.FINANCE, Role.COUNCIL, Role.DPO, Role.ADMIN)
"""Roles that somebody is given; the others follow from where they are in the organisation."""


def roles_given(g: Guarded, who: Pseudonym) -> frozenset[Role]:
    """The roles that somebody was given."""
    return frozenset(role for role in GIVEN if g.lake.registry.kept(KEPT, f"{role}/{who}") is not None)


def holders(g: Guarded, role: Role) -> frozenset[Pseudonym]:
    """Everybody who holds a role that is given."""
    names = (name.partition("/") for name in g.lake.registry.all_kept(KEPT))
    return frozenset(Pseudonym(who) for given, _, who in names if given == role)


def give(g: Guarded, role: Role, who: Pseudonym) -> None:
    """Give somebody a role; that it was given, and when, is in the log first."""
    if g.lake.registry.kept(KEPT, f"{role}/{who}") is None:
        _logged(g, role, "given")
        with g.lake.registry.change() as change:
            change.keep(KEPT, f"{role}/{who}", g.minute.encode())


def take(g: Guarded, role: Role, who: Pseudonym) -> None:
    """Take a role back; that it was, and when, is in the log first."""
    if g.lake.registry.kept(KEPT, f"{role}/{who}") is not None:
        _logged(g, role, "taken back")
        with g.lake.registry.change() as change:
            change.forget(KEPT, f"{role}/{who}")


def take_all(g: Guarded, who: Pseudonym) -> None:
    """Take back every role that somebody was given."""
    for role in GIVEN:
        take(g, role, who)


def _logged(g: Guarded, role: Role, did: str) -> None:
    g.log.append([open_entry(EntryKind.RULE, {"rule": "role", "role": role, "did": did, "at": g.minute})])
