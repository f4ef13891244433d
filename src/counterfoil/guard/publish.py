"""Puts a programme into force, or says what is missing: a consent, time, a witness. Silence is no."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from counterfoil.guard.exempt import let_unnamed_go
from counterfoil.guard.force import (
    COOLING,
    FIRST,
    IN_FORCE,
    PROPOSED,
    Version,
    consent_text,
    cooled,
    digest_of,
    loaded_text,
    put,
    version,
)
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.shown import HARD_FLOORS, LEAST_FLOOR
from counterfoil.ledger.verify import Unverified, VerifierKey, open_note
from counterfoil.programme.diff import diff
from counterfoil.programme.load import Loaded
from counterfoil.programme.purposes import ALLOWED
from counterfoil.terms.absent import Unknown
from counterfoil.terms.finding import Direction
from counterfoil.terms.metric import Kind, Level
from counterfoil.terms.programme import Programme
from counterfoil.terms.promise import Collected, Use
from counterfoil.terms.release import Refuse

NEVER_KEPT = {
    Collected.PROMPT_TEXT,
    Collected.RESPONSE_TEXT,
    Collected.IDLE_MINUTES,
    Collected.KEYSTROKES,
    Collected.SCREENSHOTS,
    Collected.LOCATION,
}
COMMENTS_FLOOR = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """How far a programme is."""

    state: str
    """in-force, or proposed."""
    entry: int
    """Its entry in the log."""
    digest: str
    name: str
    """Its entry and digest, which a consent to its successor has to state."""
    weaker: Sequence[str]
    """What gets weaker by it."""
    missing: Sequence[str]
    """What has to come before it is in force."""


def publish(
    g: Guarded, text: str, *, consents: Sequence[str], witnesses: Sequence[str]
) -> Published | Refuse:
    """Put a programme into force where it may be; each consent is a note signed by its party.

    Raises: SourceError where the text is no programme; LedgerBroken where what is in force was altered.
    """
    read = loaded_text(text, g.now.date())
    done = _published_or_not(g, text, read, consents, witnesses)
    if isinstance(done, Published) and done.state == IN_FORCE:
        let_unnamed_go(g, read.programme)
    return done


def _published_or_not(
    g: Guarded, text: str, read: Loaded, consents: Sequence[str], witnesses: Sequence[str]
) -> Published | Refuse:
    if refused := next(_forbidden(read), None):
        return refused
    current, proposed = version(g), version(g, PROPOSED)
    if current is not None and current.digest == digest_of(text):
        return _published(current, IN_FORCE, [])
    weaker = _weaker(g, current, read)
    if current is not None:
        witnesses = current.witnesses
    needed = dict.fromkeys(
        [*([] if current is None else current.parties), *(p.id for p in read.programme.parties)]
    )
    known = {} if current is None else current.parties
    replaces = FIRST if current is None else current.name
    agreed = _agreed(text, replaces, list(needed), consents, witnesses, known)
    if isinstance(agreed, Refuse):
        return agreed
    new = [party.id for party in read.programme.parties if party.id not in known]
    if current is not None and not weaker and all(party in agreed for party in new):
        return _published(put(g, IN_FORCE, text, {**known, **agreed}, witnesses), IN_FORCE, weaker)
    if absent := [party for party in needed if party not in agreed]:
        return Refuse("consent", f"Not agreed yet: {', '.join(absent)}. Nobody's silence is a yes.")
    if current is None or not weaker:
        return _published(put(g, IN_FORCE, text, {**known, **agreed}, witnesses), IN_FORCE, weaker)
    if proposed is None or proposed.digest != digest_of(text):
        proposed = put(g, PROPOSED, text, {**known, **agreed}, witnesses)
    if missing := list(_missing(g, proposed, current)):
        return _published(proposed, PROPOSED, weaker, missing)
    return _published(put(g, IN_FORCE, text, proposed.parties, witnesses), IN_FORCE, weaker)


def _published(found: Version, state: str, weaker: Sequence[str], missing: Sequence[str] = ()) -> Published:
    return Published(
        state=state,
        entry=found.entry,
        digest=found.digest,
        name=found.name,
        weaker=weaker,
        missing=list(missing),
    )


def _weaker(g: Guarded, current: Version | None, read: Loaded) -> Sequence[str]:
    """What may get weaker: every change that is not known to protect people more."""
    if current is None:
        return []
    changes = diff(loaded_text(current.text, g.now.date()), read)
    return list(dict.fromkeys(c.where for c in changes if c.direction is not Direction.STRONGER))


def _agreed(
    text: str,
    replaces: str,
    needed: Sequence[str],
    consents: Sequence[str],
    witnesses: Sequence[str],
    known: Mapping[str, str],
) -> Mapping[str, str] | Refuse:
    """The key of each party that signed this very programme; a party that is known signs with its own key."""
    agreed: dict[str, str] = {}
    for note in consents:
        try:
            stated = [*note.split("\n"), "", "", ""][2]
            key = VerifierKey.parse(stated)
            signed = open_note(note, [key]).text
        except Unverified as error:
            return Refuse("consent", f"A consent does not hold: {error}.")
        if key.name not in needed or signed != consent_text(digest_of(text), replaces, stated, witnesses):
            return Refuse(
                "consent",
                f"The consent of {key.name} is to something else than this programme in place of {replaces}.",
            )
        if known.get(key.name, stated) != stated:
            return Refuse("consent", f"{key.name} has another key than the one it agreed with before.")
        agreed[key.name] = stated
    return agreed


def _missing(g: Guarded, proposed: Version, current: Version) -> Iterator[str]:
    """What a proposal still waits for."""
    if not current.witnesses:
        yield "a witness: none was agreed on, so nothing can be weakened"
    for witness, seconds in cooled(g, proposed, current.witnesses).items():
        name = VerifierKey.parse(witness).name
        if seconds is None:
            yield f"{name}: it has not cosigned the log since this was proposed"
        elif seconds < COOLING.total_seconds():
            days = seconds / 86_400
            yield f"{name}: {days:.0f} of {COOLING.days} days lie between its cosignatures"


def _forbidden(read: Loaded) -> Iterator[Refuse]:
    """What no programme may say, whoever agrees to it."""
    p = read.programme
    for stranger in read.strangers:
        yield Refuse("unknown-key", f"Nobody knows what {stranger.where} means, so nobody can agree to it.")
    if not isinstance(p.about.judged_on, Unknown):
        yield Refuse("not-of-today", "A programme that is judged on another day than today is an example.")
    if not p.parties:
        yield Refuse("no-parties", "It names no party that has to agree, so nobody could.")
    if strange := sorted(set(p.about.purposes) - ALLOWED):
        yield Refuse("hard-prohibition", f"No programme allows the purpose {strange[0]}.")
    for name, pledge in (("review", p.review), ("workforce", p.workforce)):
        if not isinstance(pledge.use, Unknown) and pledge.use is not Use.NONE:
            yield Refuse(
                "hard-prohibition", f"{name}.use is {pledge.use}; here figures are used for neither."
            )
    for display in p.displays:
        if display.level is Level.PERSON and not display.is_own_view:
            yield Refuse("no-board-of-people", f"displays.{display.id} shows people to others.")
        if display.ranked:
            yield Refuse("no-order", f"displays.{display.id} puts its rows in an order of a value.")
    if kept := sorted(set(p.data.collects) & NEVER_KEPT):
        yield Refuse("hard-prohibition", f"data.collects has {kept[0]}, which is never kept.")
    yield from _too_low(p)


def _too_low(p: Programme) -> Iterator[Refuse]:
    for name, least in (
        ("activity", HARD_FLOORS[Kind.ACTIVITY]),
        ("outcome", LEAST_FLOOR),
        ("comments", COMMENTS_FLOOR),
    ):
        floor = getattr(p.floors, name)
        if not isinstance(floor, Unknown) and floor < least:
            yield Refuse("hard-prohibition", f"floors.{name} is {floor}; it is at least {least}.")
