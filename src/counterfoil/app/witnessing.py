"""Serves a witness, and checks a published log offline."""

import base64
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from counterfoil.app.directory import secret_in, signing_key
from counterfoil.app.ledger import BODIES, verifier_key
from counterfoil.app.printed import Printed
from counterfoil.ledger.entry import EntryKind, read_entry, told_of
from counterfoil.ledger.verify import (
    Checkpoint,
    PublishedLog,
    Unverified,
    VerifierKey,
    check_published,
    open_body,
    own_entries,
)
from counterfoil.ledger.witness import Witness
from counterfoil.show.exported import written
from counterfoil.store.place import private_folder
from counterfoil.terms.error import LedgerBroken, StoreError

KEY = "witness.key"
FINDING = 1


def run_witness(*, folder: Path, name: str, logs: Sequence[str], port: int, as_json: bool) -> int:
    """Cosign what follows what was seen, and nothing else, until it is stopped."""
    from counterfoil.app.local import HERE, bound_to

    private_folder(str(folder.absolute()))
    key = signing_key(folder / KEY, name=name, make=True, witness=True)
    watched = {known.name: known for known in map(verifier_key, logs)}
    if not watched:
        _printed_key(key.verifier, as_json=as_json)
        return 0
    witness = Witness(folder, key, watched)
    with closing(bound_to(port)) as listening:
        address = f"http://{HERE}:{listening.getsockname()[1]}"
        _printed_key(key.verifier, as_json=as_json, address=address)
        _serve(witness, listening)
    return 0


def _printed_key(key: VerifierKey, *, as_json: bool, address: str = "") -> None:
    told = {"key": str(key), "address": address}
    sys.stdout.write(f"{written(told)}\n" if as_json else f"{key}\n")
    sys.stdout.flush()
    if address:
        sys.stderr.write(f"witnessing at {address}; stop with Ctrl-C\n")
        sys.stderr.flush()


def _serve(witness: Witness, listening: Any) -> None:
    import uvicorn
    from fastapi import FastAPI, Request
    from fastapi.responses import Response

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.post("/add-checkpoint")
    async def add(request: Request) -> Response:
        """C2SP tlog-witness, add-checkpoint."""
        body = (await request.body()).decode("utf-8", "replace")
        answer = witness.add_checkpoint(body, now=int(time.time()))
        return Response(answer.body, answer.status, media_type=answer.kind)

    settings = uvicorn.Config(app, log_config=None, access_log=False, server_header=False)
    with suppress(KeyboardInterrupt):
        uvicorn.Server(settings).run(sockets=[listening])


def run_verify(
    folder: Path, *, log: str, witnesses: Sequence[str], secret: Path | None, seen: Path | None, as_json: bool
) -> int:
    """Check a published log, and show a person their own entries.

    1 where a witness did not cosign it, 4 where something does not hold.
    """
    keys = [verifier_key(witness) for witness in witnesses]
    try:
        checked = check_published(folder, verifier_key(log), keys, seen=_seen(seen))
        _check_rules(checked)
        own = list(_own(folder, checked, secret_in(secret))) if secret else []
    except Unverified as error:
        hint = "keep these files, and show them to your council and to the witness"
        raise LedgerBroken("log-does-not-hold", f"{folder}: {error}", hint=hint) from error
    if seen is not None:
        _keep_seen(seen, checked.checkpoint)
    printed = Printed()
    told = {
        "size": checked.checkpoint.size,
        "origin": checked.checkpoint.origin,
        "cosigned": checked.cosigned,
        "own": own,
    }
    printed.data(written(told) if as_json else "\n".join(_lines(checked, keys, own, secret)))
    return printed.done(None, FINDING if len(checked.cosigned) < len(keys) else 0)


def _lines(
    checked: PublishedLog, keys: Sequence[VerifierKey], own: Sequence[Any], secret: Path | None
) -> Iterator[str]:
    kinds = [entry[:1] for entry in checked.entries]
    people = kinds.count(bytes([EntryKind.PERSON_READ]))
    name, size = checked.checkpoint.origin, checked.checkpoint.size
    yield f"{name}: {size:,} entries, {people:,} of them about single people"
    yield "signed by the log; every entry is the one that was signed; every answer names a programme in force"
    for key in keys:
        at = checked.cosigned.get(key.name)
        when = "did not cosign this" if at is None else f"cosigned this at {_moment(at)}"
        yield f"{key.name} {when}"
    if secret is not None:
        yield f"entries about you: {len(own):,}"
    for read in own:
        yield f"  {read['at']}  {read['role']}, for {read['purpose']}: {read['did']}  (entry {read['entry']})"


def _check_rules(checked: PublishedLog) -> None:
    """Check that every answer names the programme that was in force when it was given."""
    force = None
    for place, entry in enumerate(checked.entries):
        if entry[0] == EntryKind.RULE:
            told = read_entry(entry)[1]
            if told.get("rule") == "programme" and told.get("state") == "in-force":
                force = told["sha256"]
        elif entry[0] == EntryKind.RELEASE:
            answers = told_of(entry)[1]
            if any(one.get("verdict") == "permitted" and one.get("programme") != force for one in answers):
                raise Unverified(f"entry {place} was answered under a programme that was not in force")


def _own(folder: Path, checked: PublishedLog, secret: bytes) -> Iterator[dict[str, Any]]:
    """What a person's own entries say, opened with their secret alone."""
    bodies = _bodies(folder)
    for count, place in own_entries(secret, checked.entries):
        if place not in bodies:
            raise Unverified(f"the body of entry {place}, which is about you, is missing")
        body = open_body(secret, count, checked.entries[place], bodies[place])
        yield {**json.loads(body), "entry": place}


def _bodies(folder: Path) -> dict[int, bytes]:
    try:
        lines = (folder / BODIES).read_text("utf-8").splitlines()
        told = [json.loads(line) for line in lines]
        return {one["entry"]: base64.b64decode(one["ciphertext"]) for one in told}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unverified("the bodies of entries about people can't be read") from error


def _seen(path: Path | None) -> Checkpoint | None:
    """What was seen the last time."""
    if path is None or not path.exists():
        return None
    return Checkpoint.parse(path.read_text("utf-8"))


def _keep_seen(path: Path, checkpoint: Checkpoint) -> None:
    try:
        path.write_text(str(checkpoint), "utf-8")
    except OSError as error:
        hint = "name a file that you can write"
        raise StoreError("seen-unwritable", f"{path}: {error.strerror}", hint=hint) from error


def _moment(at: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(at))
