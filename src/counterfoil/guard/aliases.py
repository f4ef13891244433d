"""Which pseudonyms are one person's: a forge knows a login where the directory knows a name."""

from collections.abc import Iterable, Sequence

from counterfoil.guard.guarded import Guarded
from counterfoil.ledger.entry import EntryKind, open_entry
from counterfoil.ledger.keys import ERASED
from counterfoil.terms.ids import Pseudonym

KEPT = "alias"


def add(g: Guarded, pairs: Iterable[tuple[str, str]]) -> int:
    """Let each login be the person of an identity; how many are known now that were not, or were another's.

    Neither is kept, but the pseudonym of each; that some were added, and how many, is in the log first.
    """
    logins, identities = zip(*pairs, strict=True)
    told = zip(g.keys.pseudonyms(logins), g.keys.pseudonyms(identities), strict=True)
    new = [(login, who) for login, who in told if ERASED not in {login, who} and person_of(g, login) != who]
    if new:
        _logged(g, "added", len(new))
        with g.lake.registry.change() as change:
            for login, who in new:
                change.keep(KEPT, login, who.encode())
    return len(new)


def withdraw(g: Guarded, login: str) -> bool:
    """Let a login be nobody's but its own."""
    (known,) = g.keys.pseudonyms([login])
    if g.lake.registry.kept(KEPT, known) is None:
        return False
    _logged(g, "withdrawn", 1)
    with g.lake.registry.change() as change:
        change.forget(KEPT, known)
    return True


def person_of(g: Guarded, login: Pseudonym) -> Pseudonym:
    """The person whose login it is; itself where nobody said."""
    kept = g.lake.registry.kept(KEPT, login)
    return login if kept is None else Pseudonym(kept.decode())


def logins_of(g: Guarded, who: Pseudonym) -> Sequence[Pseudonym]:
    """The pseudonyms of the logins of a person."""
    known = g.lake.registry.all_kept(KEPT)
    return [Pseudonym(login) for login, person in known.items() if person == who.encode()]


def _logged(g: Guarded, did: str, count: int) -> None:
    g.log.append([open_entry(EntryKind.RULE, {"rule": KEPT, "did": did, "count": count, "at": g.minute})])
