"""Signs consent to a programme, and puts programmes into force in a data directory."""

from collections.abc import Sequence
from pathlib import Path

from counterfoil.app.asking import REFUSED
from counterfoil.app.directory import opened, signing_key
from counterfoil.app.judging import loaded_programme
from counterfoil.app.printed import Printed
from counterfoil.guard.force import COOLING, consent_text, digest_of
from counterfoil.guard.publish import publish
from counterfoil.ledger.sign import signed_note
from counterfoil.programme.reading import text_of
from counterfoil.show.deed import made_key, published, refusal
from counterfoil.show.exported import written
from counterfoil.terms.error import SourceError, StoreError
from counterfoil.terms.release import Refuse

WAITS = 1


def run_consent(
    file: Path, *, party: str, key: Path, replaces: str, witnesses: Sequence[str], as_json: bool
) -> int:
    """Print a party's consent, signed with the key in a file, which is made where it is missing."""
    parties = [known.id for known in loaded_programme(file).programme.parties]
    if party not in parties:
        hint = f"name one of them: {', '.join(parties)}"
        raise SourceError("no-such-party", f"{file} names no party {party}", hint=hint)
    is_new = not key.exists()
    signer = signing_key(key, name=party, make=True)
    if signer.name != party:
        hint = "name that party's own key file"
        raise SourceError("wrong-key", f"{key} is the key of {signer.name}", hint=hint)
    digest = digest_of(text_of(file))
    note = signed_note(consent_text(digest, replaces, str(signer.verifier), witnesses), signer)
    printed = Printed()
    if is_new:
        printed.words(made_key(party, key))
    printed.data(written({"party": party, "sha256": digest, "note": note}) if as_json else note)
    return printed.done(None)


def run_publish(
    file: Path, *, data: Path, consents: Sequence[Path], witnesses: Sequence[str], as_json: bool
) -> int:
    """Put a programme into force, or say what it waits for (exit 1) or why it can't be (exit 3)."""
    text, notes = text_of(file), [_note(path) for path in consents]
    with opened(data, make=True) as g:
        done = publish(g, text, consents=notes, witnesses=witnesses)
    printed = Printed()
    if isinstance(done, Refuse):
        printed.data(refusal(done, as_json=as_json))
        return printed.done(None, REFUSED)
    weaker, missing = done.weaker, done.missing
    says = published(done.name, done.state, weaker=weaker, missing=missing, cooling=COOLING.days)
    printed.data(written(done) if as_json else says)
    return printed.done(None, WAITS if missing else 0)


def _note(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        hint = "name a file that counterfoil programme consent wrote"
        raise StoreError("consent-unreadable", f"{path} can't be read", hint=hint) from error
