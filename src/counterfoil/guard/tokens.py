"""Tokens by which programs come in: each for one thing, kept as a hash, issued and withdrawn in the log."""

import hashlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum

from counterfoil.guard.guarded import Guarded
from counterfoil.guard.members import members_today
from counterfoil.ledger.entry import EntryKind, open_entry
from counterfoil.terms.ask import Role, Viewer
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.release import Refuse

NOBODY = Pseudonym("")
KEPT = "token"
HEAD = "cf_"


GONE = Refuse("token-of-somebody-gone", "Whoever this token was issued to is not in the organisation today.")


class Scope(StrEnum):
    """What a token is for; none opens anything else."""

    INGEST = "ingest"
    """Send telemetry, as one person or as one machine."""
    SCIM = "scim"
    """Provision people and units; roles that watch over the rest are out of its reach."""
    ROLES = "roles"
    """Provision who is of the council, the data protection office, finance and administration."""
    READ = "read"
    """Ask guarded questions, in one role."""
    METRICS = "metrics"
    """Read how the server itself is doing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What is kept of a token; the token itself is not."""

    name: str
    """What it is called by those who manage it; for a person's own, nothing."""
    scope: Scope
    since: str
    """The minute at which it was issued."""
    who: Pseudonym = NOBODY
    """Whose usage comes in with it; empty where it is a machine's."""
    role: str = ""
    """In which role it asks."""


def issue(g: Guarded, scope: Scope, name: str, *, who: Pseudonym = NOBODY, role: str = "") -> str:
    """A new token, which is shown once; its issue is in the log first, without a person in it."""
    token = f"{HEAD}{scope}_{secrets.token_urlsafe(24)}"
    kept = Token(name=name, scope=scope, since=g.minute, who=who, role=role)
    _logged(g, "issued", kept)
    with g.lake.registry.change() as change:
        change.keep(KEPT, _hashed(token), json.dumps(asdict(kept)).encode())
    return token


def token_of(g: Guarded, token: str, scope: Scope) -> Token | None:
    """What is known of a token; None where nobody issued it, for that scope, or it was withdrawn."""
    kept = g.lake.registry.kept(KEPT, _hashed(token)) if token.startswith(HEAD) else None
    found = None if kept is None else _read(kept)
    return found if found is not None and found.scope is scope else None


def tokens(g: Guarded) -> Iterator[tuple[str, Token]]:
    """Every token that holds, by the start of its hash."""
    for name, kept in g.lake.registry.all_kept(KEPT).items():
        yield name[:12], _read(kept)


def viewer_of(g: Guarded, token: Token) -> Viewer | Refuse:
    """Who asks with a token: the person whose it is while they are there, else nobody but an operator.

    A token that is nobody's may have been handed to anybody, so it asks as the operator does: counted as one
    of every group, and as of its team. In which roles a person may ask, the guard judges at each question.
    """
    if not token.who:
        return Viewer(who=None, role=Role(token.role or Role.OPERATOR))
    if token.who not in members_today(g.lake, g.now.date()).who:
        return GONE
    return Viewer(who=token.who, role=Role(token.role or Role.EMPLOYEE))


def withdraw(g: Guarded, name: str, *, who: Pseudonym | None = None) -> bool:
    """Let a token hold no longer, by the start of its hash; where `who` is named, only if it is theirs."""
    for hashed, kept in g.lake.registry.all_kept(KEPT).items():
        token = _read(kept)
        if len(name) >= 12 and hashed.startswith(name) and who in {None, token.who}:
            _logged(g, "withdrawn", token)
            with g.lake.registry.change() as change:
                change.forget(KEPT, hashed)
            return True
    return False


def withdraw_all(g: Guarded, who: Pseudonym) -> None:
    """Let no token of a person hold any longer."""
    for hashed, kept in g.lake.registry.all_kept(KEPT).items():
        if _read(kept).who == who:
            withdraw(g, hashed, who=who)


def _read(kept: bytes) -> Token:
    told = json.loads(kept)
    return Token(**{**told, "scope": Scope(told["scope"]), "who": Pseudonym(told["who"])})


def _logged(g: Guarded, did: str, token: Token) -> None:
    body = {"rule": "token", "did": did, "scope": token.scope, "at": g.minute}
    g.log.append([open_entry(EntryKind.RULE, body if token.who else {**body, "name": token.name})])


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
