"""What an operator does with the log: shows its key, has it cosigned, publishes it, opens entries."""

import base64
import json
import secrets
from collections.abc import Iterator, Mapping
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import click

from counterfoil.app.asking import REFUSED
from counterfoil.app.directory import opened
from counterfoil.app.printed import Printed
from counterfoil.guard.force import checkpoint_with_cosignatures, keep_cosigned
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.outside import register_outside
from counterfoil.guard.person import sealed_bodies
from counterfoil.ledger.entry import EntryKind, read_entry
from counterfoil.ledger.tiles import publish_log
from counterfoil.ledger.verify import Unverified, VerifierKey, open_note
from counterfoil.ledger.witness import request_of
from counterfoil.show.deed import cosigned, drawn, log_written, refusal
from counterfoil.show.exported import written
from counterfoil.terms.error import LedgerBroken, SourceError, StoreError
from counterfoil.terms.period import Period, Span
from counterfoil.terms.release import Refuse

SECONDS = 30
BODIES = "bodies.jsonl"
MOST_WORDS = 200


def run_key(*, data: Path, as_json: bool) -> int:
    """Print the verifier key of the log."""
    with opened(data) as g:
        key = str(g.log.verifier)
    printed = Printed()
    printed.data(written({"key": key}) if as_json else key)
    return printed.done(None)


def run_cosign(*, data: Path, url: str, witness: str, as_json: bool) -> int:
    """Show the log to a witness, and keep its cosignature."""
    key = verifier_key(witness)
    with opened(data) as g:
        note = _cosigned(g, url, key)
        size, at = keep_cosigned(g, note, key)
    printed = Printed()
    told = {"witness": key.name, "size": size, "at": at}
    printed.data(written(told) if as_json else cosigned(key.name, size))
    return printed.done(None)


def run_publish_log(*, data: Path, out: Path, as_json: bool) -> int:
    """Write the log as tiles that anybody can check, with the sealed bodies beside it."""
    with opened(data) as g:
        checkpoint = checkpoint_with_cosignatures(g)
        new = publish_log(g.log, out, checkpoint=checkpoint)
        bodies = "".join(f"{json.dumps(_body(place, kept))}\n" for place, kept in sealed_bodies(g))
        size = len(g.log)
    try:
        (out / BODIES).write_text(bodies, "utf-8")
    except OSError as error:
        hint = "make room on the disk, or name a folder that you can write"
        raise StoreError("log-unpublished", f"{out}: {error.strerror}", hint=hint) from error
    printed = Printed()
    printed.data(written({"entries": size, "files": new}) if as_json else log_written(size, new, out))
    return printed.done(None)


def run_outside(unit: str, *, data: Path, fact: str, block: str, says: str, as_json: bool) -> int:
    """Register a figure that was published elsewhere; 3 where it can't be."""
    try:
        period = Period.parse(block)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--block") from error
    if period.span is not Span.BLOCK:
        raise click.BadParameter(f"{block} is no block, such as 2026-B10", param_hint="--block")
    with opened(data) as g:
        done = register_outside(g, fact, period.blocks()[0], unit=unit, says=says[:MOST_WORDS])
    printed = Printed()
    if isinstance(done, Refuse):
        printed.data(refusal(done, as_json=as_json))
        return printed.done(None, REFUSED)
    printed.data(written({"entry": done}) if as_json else f"entry {done} of the log")
    return printed.done(None)


def run_open(*, data: Path, count: int, as_json: bool) -> int:
    """Open entries that chance draws, for an auditor; whoever holds the keys opens those about people."""
    with opened(data) as g:
        places = sorted(secrets.SystemRandom().sample(range(len(g.log)), min(count, len(g.log))))
        told = list(_opened_entries(g, places))
        about = sum(g.log.entry(n)[0] == EntryKind.PERSON_READ for n in range(len(g.log)))
        sealed = g.keys.sealed()
    printed = Printed()
    counted = {"entries": told, "about_people": about, "sealed": sealed}
    says = drawn(told, about_people=about, sealed=sealed)
    printed.data(written(counted) if as_json else says)
    return printed.done(None, 1 if any(one["kind"] == "does not open" for one in told) else 0)


def verifier_key(text: str) -> VerifierKey:
    """A verifier key as people hand it on.

    Raises: SourceError where it is none.
    """
    try:
        return VerifierKey.parse(text.strip())
    except Unverified as error:
        hint = "copy it whole, as its owner's command printed it"
        raise SourceError("no-verifier-key", f"{text[:40]}: {error}", hint=hint) from error


def _opened_entries(g: Guarded, places: list[int]) -> Iterator[Mapping[str, Any]]:
    bodies = dict(sealed_bodies(g))
    for place in places:
        entry = g.log.entry(place)
        if entry[0] != EntryKind.PERSON_READ:
            kind, body = read_entry(entry)
            yield {"entry": place, "kind": kind.name.lower(), "says": json.dumps(body)}
            continue
        kept = bodies.get(place)
        if kept is None:
            yield {"entry": place, "kind": "does not open", "says": "its body is gone"}
            continue
        try:
            ciphertext = base64.b64decode(kept["ciphertext"])
            says = g.keys.reveal(kept["who"], kept["count"], entry, ciphertext).decode()
            yield {"entry": place, "kind": "person_read", "says": says}
        except LookupError:
            yield {"entry": place, "kind": "person_read", "says": "of somebody whose keys were destroyed"}
        except Unverified as error:
            yield {"entry": place, "kind": "does not open", "says": str(error)}


def _body(place: int, kept: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"entry": place, "ciphertext": kept["ciphertext"]}


def _cosigned(g: Guarded, url: str, key: VerifierKey) -> str:
    """The checkpoint with a witness's cosignature.

    Raises: SourceError where it can't be reached; LedgerBroken where it refuses.
    """
    checkpoint, size = g.log.checkpoint, len(g.log)
    old = 0
    for _ in range(2):
        proof = g.log.tree.consistency(old, size) if 0 < old < size else []
        status, body = _sent(url, request_of(old, proof, checkpoint))
        if status == 200:
            note = checkpoint + body
            try:
                open_note(note, [key])
            except Unverified as error:
                raise _refused_by(key, str(error)) from error
            return note
        if status == 409 and body.strip().isdigit() and int(body) <= size:
            old = int(body)
            continue
        raise _refused_by(key, body.strip())
    raise _refused_by(key, "it changed its mind about what it saw last")


def _sent(url: str, body: str) -> tuple[int, str]:
    request = Request(f"{url.rstrip('/')}/add-checkpoint", body.encode(), method="POST")  # noqa: S310
    try:
        with urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode("utf-8", "replace")
    except (URLError, HTTPException, OSError, ValueError) as error:
        hint = "ask whoever runs it to start: counterfoil witness"
        raise SourceError("witness-unreachable", f"{url} can't be reached", hint=hint) from error


def _refused_by(key: VerifierKey, says: str) -> LedgerBroken:
    hint = "stop, keep the folder as it is, and compare it with what the witness saw last"
    return LedgerBroken("witness-refused", f"{key.name} does not cosign: {says}", hint=hint)
