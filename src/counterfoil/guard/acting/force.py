"""Which ceilings are in force, and how others come into force: stricter ones at once, wider ones by two."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import msgspec

from counterfoil.guard.acting.ceilings import Written
from counterfoil.guard.acting.compared import any_wider
from counterfoil.guard.guarded import OPERATOR, Guarded
from counterfoil.guard.roles import roles_given
from counterfoil.ledger.entry import EntryKind, open_entry, read_entry
from counterfoil.ledger.log import Log
from counterfoil.store.registry import Registry
from counterfoil.terms.agent import Ceiling
from counterfoil.terms.ask import Role, Viewer
from counterfoil.terms.error import LedgerBroken, SourceError
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.release import Refuse
from counterfoil.terms.work import BY_AGENT, MADE

KEPT, IN_FORCE, PROPOSED = "agent-ceiling", "in-force", "proposed"
FOR = timedelta(days=14)
"""How long a proposal waits for the other yes; silence is no."""
SIDES: Mapping[Role, str] = {
    Role.OPERATOR: "administration",
    Role.ADMIN: "administration",
    Role.DPO: "protection",
    Role.COUNCIL: "protection",
}
"""What lets more through needs a yes of each side, from two different people."""
BOTH = ("administration", "protection")
WHO = {
    "administration": "the operator or administration",
    "protection": "data protection or the works council",
}
NOT_YOURS = Refuse(
    "agents-ceiling",
    "A ceiling is put into force by the operator, administration, data protection or the works council.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """Ceilings as they were put into force, or proposed."""

    ceilings: tuple[Ceiling, ...]
    version: int
    entry: int
    """Its entry in the log."""
    at: str
    """The minute at which it was logged."""
    agreed: Mapping[str, Pseudonym] = field(default_factory=dict)
    """Who said yes, by side."""

    @property
    def digest(self) -> str:
        """The hash of what they say, whatever their version is."""
        return digest_of(self.ceilings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """How far ceilings are."""

    state: str
    """in-force, or proposed."""
    version: int
    digest: str
    entry: int
    wider: Sequence[str]
    """What they let through that was not let through before."""
    missing: Sequence[str]
    """Whose yes they wait for."""


def digest_of(ceilings: Sequence[Ceiling]) -> str:
    """The hash by which ceilings are known."""
    plain = [replace(ceiling, version=0) for ceiling in ceilings]
    said = msgspec.json.encode(plain, order="deterministic")
    # What says nothing of planted questions is known by the hash that it had before there were any.
    return hashlib.sha256(said.replace(b',"planted_one_in":0}', b"}")).hexdigest()


def in_force(registry: Registry, log: Log, which: str = IN_FORCE) -> Version | None:
    """The ceilings in force, or those that wait; None where there are none.

    Raises: LedgerBroken where they are not those that the log has.
    """
    kept = registry.kept(KEPT, which)
    if kept is None:
        return None
    try:
        found = msgspec.json.decode(kept, type=Version)
        kind, body = read_entry(log.entry(found.entry))
    except (IndexError, msgspec.DecodeError, ValueError) as error:
        raise _altered() from error
    if kind is not EntryKind.RULE or body != _body(found, which):
        raise _altered()
    return found


def sign(g: Guarded, written: Written, by: Viewer) -> Signed | Refuse:
    """Put ceilings into force where they may be; what lets more through waits for a second yes.

    Raises: SourceError where they name somebody whom nobody knows, or can't be read; LedgerBroken where
    those in force were altered.
    """
    if written.wrong:
        first = written.wrong[0]
        hint = "check it with: counterfoil agent ceiling check FILE"
        raise SourceError("ceiling-wrong", f"{first.where}: {first.says}", hint=hint)
    if by.role not in SIDES or (by.who is not None and by.role not in roles_given(g, by.who)):
        return NOT_YOURS
    ceilings = _named(g, written)
    current = in_force(g.lake.registry, g.log)
    if current is not None and current.digest == digest_of(ceilings):
        return _signed(current, IN_FORCE)
    more = any_wider(() if current is None else current.ceilings, ceilings)
    agreed = _agreed(g, ceilings, by)
    if missing := [side for side in BOTH if more and side not in agreed]:
        proposed = _put(g, PROPOSED, ceilings, agreed)
        return _signed(proposed, PROPOSED, more, [WHO[side] for side in missing])
    if more and len(set(agreed.values())) < len(BOTH):
        return Refuse("agents-ceiling", "What lets more through needs the yes of two different people.")
    return _signed(put_in_force(g, ceilings, agreed), IN_FORCE, more)


def made_by_agents(g: Guarded) -> Sequence[str]:
    """What agents may make under the ceilings in force, as kinds of work; not whether any was made."""
    current = in_force(g.lake.registry, g.log)
    effects = {
        effect
        for ceiling in (() if current is None else current.ceilings)
        for some in ceiling.connectors.values()
        for effect in some
    }
    return [f"{BY_AGENT}{kind}" for effect, kind in MADE.items() if effect in effects]


def put_in_force(g: Guarded, ceilings: Sequence[Ceiling], agreed: Mapping[str, Pseudonym]) -> Version:
    """Log ceilings, then let them hold; whoever calls this has seen to it that they may."""
    return _put(g, IN_FORCE, ceilings, agreed)


def _agreed(g: Guarded, ceilings: Sequence[Ceiling], by: Viewer) -> Mapping[str, Pseudonym]:
    """Who has said yes to exactly these, in place of those that are in force now."""
    before = in_force(g.lake.registry, g.log, PROPOSED)
    mine = {SIDES[by.role]: by.who or Pseudonym(OPERATOR)}
    if before is None or before.digest != digest_of(ceilings):
        return mine
    current = in_force(g.lake.registry, g.log)
    is_old = g.now.date() - date.fromisoformat(before.at[:10]) > FOR
    if is_old or before.version != (1 if current is None else current.version + 1):
        return mine
    # Whoever has lost the role by now has no say by now.
    held = {
        side: who
        for side, who in before.agreed.items()
        if who == OPERATOR or any(SIDES.get(role) == side for role in roles_given(g, who))
    }
    return {**held, **mine}


def _named(g: Guarded, written: Written) -> Sequence[Ceiling]:
    """The ceilings with a pseudonym instead of each approver."""
    called = written.approvers
    known = dict(zip(called, g.keys.known(called), strict=True))
    if strange := [name for name, who in known.items() if not who]:
        hint = "write approvers as your directory names them; they have to be in it first"
        raise SourceError("unknown-approver", f"nobody is known as {strange[0]}", hint=hint)
    return [
        replace(ceiling, approvers=tuple(known[who] or who for who in ceiling.approvers))
        for ceiling in written.ceilings
    ]


def _put(g: Guarded, which: str, ceilings: Sequence[Ceiling], agreed: Mapping[str, Pseudonym]) -> Version:
    current = in_force(g.lake.registry, g.log)
    version = 1 if current is None else current.version + 1
    found = Version(
        ceilings=tuple(replace(ceiling, version=version) for ceiling in ceilings),
        version=version,
        entry=len(g.log),
        at=g.minute,
        agreed=dict(agreed),
    )
    g.log.append([open_entry(EntryKind.RULE, _body(found, which))])
    with g.lake.registry.change() as change:
        change.keep(KEPT, which, msgspec.json.encode(found))
        if which == IN_FORCE:
            change.forget(KEPT, PROPOSED)
    return found


def _signed(found: Version, state: str, more: Sequence[str] = (), missing: Sequence[str] = ()) -> Signed:
    return Signed(
        state=state,
        version=found.version,
        digest=found.digest,
        entry=found.entry,
        wider=list(more),
        missing=list(missing),
    )


def _body(found: Version, which: str) -> Mapping[str, str | int | None]:
    """What the log has: what was signed by which sides, and nobody's pseudonym."""
    return {
        "rule": "agent-ceiling",
        "state": which,
        "version": found.version,
        "sha256": found.digest,
        "agreed": " ".join(sorted(found.agreed)),
        "at": found.at,
    }


def _altered() -> LedgerBroken:
    hint = "compare the log with a witness; restore the registry from a copy that fits it"
    return LedgerBroken("ceiling-altered", "the ceilings are not those that the log has", hint=hint)
