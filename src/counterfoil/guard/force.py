"""Which programme is in force, and how another one comes into force: by consent, time and a witness."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import lru_cache

from counterfoil.guard.guarded import Guarded
from counterfoil.ledger.entry import EntryKind, open_entry, read_entry
from counterfoil.ledger.verify import Checkpoint, Unverified, VerifierKey, open_note
from counterfoil.programme.load import Loaded, loaded
from counterfoil.programme.rules import RULES
from counterfoil.terms.error import LedgerBroken
from counterfoil.terms.programme import Programme

KEPT, IN_FORCE, PROPOSED, COSIGNED, PAST = "programme", "in-force", "proposed", "cosigned", "past"
COOLING = timedelta(days=14)
CONSENT = "counterfoil/consent/v1"
FIRST = "none"
"""What a first programme takes the place of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A programme as it was published, with who agreed and who watches."""

    text: str
    entry: int
    """Its entry in the log."""
    parties: Mapping[str, str]
    """The verifier key of each party."""
    witnesses: Sequence[str]
    """The verifier keys of the witnesses that the parties agreed on."""
    at: str
    """The minute at which it was logged."""

    @property
    def name(self) -> str:
        """Its entry and digest: what a consent to its successor states, so that it can't be used again."""
        return f"{self.entry}:{self.digest}"

    @property
    def digest(self) -> str:
        """The hash by which it is known."""
        return digest_of(self.text)

    def programme(self, today: date) -> Programme:
        """What it says."""
        return loaded_text(self.text, today).programme

    def agreed(self) -> Programme:
        """What it said on the day on which it was agreed, which can be read after it has ended as well."""
        return self.programme(date.fromisoformat(self.at[:10]))


def digest_of(text: str) -> str:
    """The hash of a programme's text."""
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=16)
def loaded_text(text: str, today: date) -> Loaded:
    """A programme from its text.

    Raises: SourceError where it is none.
    """
    return loaded(text, name="the programme", today=today, rules=RULES)


def consent_text(digest: str, replaces: str, key: str, witnesses: Sequence[str]) -> str:
    """What a party signs with its key: this programme, in place of that one, under these witnesses' eyes."""
    return "\n".join([CONSENT, digest, key, replaces, *sorted(witnesses)]) + "\n"


def version(g: Guarded, which: str = IN_FORCE) -> Version | None:
    """The programme in force, or the one that waits; None where there is none.

    Raises: LedgerBroken where it is not the one that the log has.
    """
    kept = g.lake.registry.kept(KEPT, which)
    if kept is None:
        return None
    try:
        found = Version(**json.loads(kept))
        kind, body = read_entry(g.log.entry(found.entry))
    except (IndexError, TypeError, ValueError) as error:
        raise _altered() from error
    if kind is not EntryKind.RULE or body != _body(g, found, which):
        raise _altered()
    return found


def _altered() -> LedgerBroken:
    hint = "compare the log with a witness; restore the registry from a copy that fits it"
    return LedgerBroken("programme-altered", "the programme is not the one that the log has", hint=hint)


def put(g: Guarded, which: str, text: str, parties: Mapping[str, str], witnesses: Sequence[str]) -> Version:
    """Log a programme, then keep it."""
    found = Version(
        text=text, entry=len(g.log), parties=dict(parties), witnesses=sorted(witnesses), at=g.minute
    )
    g.log.append([open_entry(EntryKind.RULE, _body(g, found, which))])
    with g.lake.registry.change() as change:
        change.keep(KEPT, which, json.dumps(asdict(found)).encode())
        if which == IN_FORCE:
            change.forget(KEPT, PROPOSED)
            change.keep(PAST, f"{found.entry:012d}", json.dumps(asdict(found)).encode())
    return found


def cooled(g: Guarded, proposed: Version, witnesses: Sequence[str]) -> Mapping[str, int | None]:
    """For each witness, how many seconds lie between its first cosignature over a proposal and its last.

    None where it has cosigned nothing that holds the proposal.
    """
    keys = {str(key): key for key in map(VerifierKey.parse, witnesses)}
    times: dict[str, list[int]] = {name: [] for name in keys}
    for note in g.lake.registry.all_kept(COSIGNED).values():
        checkpoint, signed = _cosigned(g, note.decode(), list(keys.values()))
        if checkpoint is not None and checkpoint.size > proposed.entry:
            for key, at in signed.items():
                times[str(key)].append(at)
    return {name: max(seen) - min(seen) if seen else None for name, seen in times.items()}


def keep_cosigned(g: Guarded, note: str, key: VerifierKey) -> tuple[int, int]:
    """Keep a checkpoint that a witness cosigned: how many entries it has, and the second of the cosignature.

    Raises: Unverified where that witness did not cosign it.
    """
    opened = open_note(note, [key])
    size, at = Checkpoint.parse(opened.text).size, opened.signed_by[key]
    with g.lake.registry.change() as change:
        change.keep(COSIGNED, f"{size:012d} {at} {key.name}", note.encode())
    return size, at


def checkpoint_with_cosignatures(g: Guarded) -> str:
    """The log's checkpoint with every cosignature over it."""
    checkpoint = g.log.checkpoint
    text = checkpoint[: checkpoint.rindex("\n\n") + 1]
    notes = (note.decode() for note in g.lake.registry.all_kept(COSIGNED).values())
    lines = [line for n in notes if n.startswith(text) for line in n.removeprefix(checkpoint).splitlines()]
    return checkpoint + "".join(f"{line}\n" for line in dict.fromkeys(lines))


def _cosigned(
    g: Guarded, note: str, keys: Sequence[VerifierKey]
) -> tuple[Checkpoint | None, Mapping[VerifierKey, int]]:
    """A checkpoint of this very log, with those witnesses that cosigned it."""
    try:
        opened = open_note(note, keys)
        checkpoint = Checkpoint.parse(opened.text)
    except Unverified:
        return None, {}
    if checkpoint.size > len(g.log) or g.log.tree.root(checkpoint.size) != checkpoint.root:
        return None, {}
    return checkpoint, opened.signed_by


def _body(g: Guarded, found: Version, which: str) -> Mapping[str, str | int | None]:
    return {
        "rule": "programme",
        "state": which,
        "sha256": found.digest,
        "parties": " ".join(f"{party}={key}" for party, key in sorted(found.parties.items())),
        "witnesses": " ".join(found.witnesses),
        "at": found.at,
    }
