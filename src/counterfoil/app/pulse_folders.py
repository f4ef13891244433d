"""The issuer and the collector of a pulse, each over its own folder: neither can link the two."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from counterfoil.guard.dominance import rounded_count
from counterfoil.guard.pulse import Sheet, has_statement
from counterfoil.ledger.pulse import IssuerKeys, check_of_pulse, mark_of, tag_name
from counterfoil.ledger.verify import Unverified
from counterfoil.store.pulse import CollectorFolder, IssuerFolder, make_folders, pulse_in
from counterfoil.terms.error import SourceError
from counterfoil.terms.pulse import Answers, Pulse, Standing


def made_pulse(
    id: str, closes: date, issuer: Path, collector: Path, tags: Mapping[Standing, Sequence[str]]
) -> Pulse:
    """Make a pulse with a folder for each of both.

    Raises: StoreError where one can't be written, or is used already.
    """
    keys = IssuerKeys.new()
    eligible = rounded_count(sum(len(some) for some in tags.values()))
    pulse = Pulse(id=id, closes=closes, keys=keys.public, eligible=eligible)
    who = {tag: str(standing) for standing, some in tags.items() for tag in some}
    make_folders(pulse, issuer, collector, pems=keys.pems, tags=who)
    return pulse


class Issuer:
    """Signs one token for each person who may answer, and sees neither the token nor an answer.

    It has the hash of each tag, so that it knows one and can't make one.
    """

    def __init__(self, folder: Path) -> None:
        """Open an issuer's folder.

        Raises: SourceError where it is none.
        """
        self.pulse = pulse_in(folder)
        try:
            self._folder = IssuerFolder(folder)
            self._keys = IssuerKeys.of(self._folder.pems)
        except (OSError, ValueError) as error:
            hint = "name the folder that was given to pulse new as --issuer"
            raise SourceError("no-issuer", f"{folder} is no issuer's folder", hint=hint) from error

    def standing(self, tag: str) -> Standing | None:
        """Whether whoever shows a tag leads; None where they may not answer."""
        found = self._folder.tags.get(tag_name(tag))
        return None if found is None else Standing(found)

    def signed(self, tag: str, blinded: bytes) -> bytes | None:
        """The signature of a blinded token; None where another was signed for this person already.

        Raises: Unverified where it is no blinded message; LookupError where they may not answer.
        """
        standing = self.standing(tag)
        if standing is None:
            raise LookupError("this tag has no right to a token")
        signature = self._keys.signed(standing, blinded)
        return signature if self._folder.issue(tag_name(tag), mark_of(blinded)) else None


class Collector:
    """Takes one answer for each token; it knows no person."""

    def __init__(self, folder: Path) -> None:
        """Open a collector's folder.

        Raises: SourceError where it is none.
        """
        self.pulse = pulse_in(folder)
        try:
            self._folder = CollectorFolder(folder)
        except OSError as error:
            hint = "name the folder that was given to pulse new as --collector"
            raise SourceError("no-collector", f"{folder} is no collector's folder", hint=hint) from error
        self._seen = {json.loads(answer)["token"] for answer in self._folder.answers()}

    def take(self, standing: Standing, token: bytes, signature: bytes, answers: Answers) -> bool:
        """Keep an answer; False where this token answered before.

        Raises: Unverified where the token is none of this pulse.
        """
        check_of_pulse(self.pulse, standing, token, signature)
        told = {
            "standing": standing,
            "token": base64.b64encode(token).decode(),
            "signature": base64.b64encode(signature).decode(),
            # They come last, so that a whole answer ends with two brackets.
            "answers": dict(sorted(answers.items())),
        }
        if told["token"] in self._seen:
            return False
        if not self._folder.take(json.dumps(told).encode()):
            raise Unverified("there is no room for this answer")
        self._seen.add(str(told["token"]))
        return True

    def sheets(self) -> Iterator[Sheet]:
        """Every answer whose token holds."""
        for answer in self._folder.answers():
            told = json.loads(answer)
            token, signature = (base64.b64decode(told[name]) for name in ("token", "signature"))
            standing = Standing(told["standing"])
            check_of_pulse(self.pulse, standing, token, signature)
            yield Sheet(standing, has_statement(token), told["answers"])

    def forget(self) -> None:
        """Overwrite every answer; what they came to was told."""
        self._folder.forget()
