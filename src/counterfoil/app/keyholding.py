"""Serves the keys of people from a process of their own, and asks them from another one."""

import base64
import json
import os
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from counterfoil.app.directory import KEYS, SOCKET, made_directory
from counterfoil.app.printed import Printed
from counterfoil.ledger.entry import Body, Sealed
from counterfoil.ledger.keyholder import PEOPLE, Keyholder
from counterfoil.ledger.keys import Keys, Receipt, secret_text
from counterfoil.ledger.verify import Unverified, VerifierKey
from counterfoil.show.exported import written
from counterfoil.store.place import private_folder
from counterfoil.terms.error import CounterfoilError, SourceError, StoreError
from counterfoil.terms.ids import Pseudonym

SECONDS = 30
Told = Mapping[str, Any]


def run_keyholder(
    keys: Path, *, socket_path: Path, log: str | None, council: str | None, as_json: bool
) -> int:
    """Serve keys on a socket of this machine until it is stopped."""
    with Keyholder(Path(private_folder(str(keys.absolute()))), log=_key(log), council=_key(council)) as held:
        if as_json:
            sys.stdout.write(written({"socket": str(socket_path)}) + "\n")
            sys.stdout.flush()
        _serve(held, socket_path)
    return 0


def run_enrol(identity: str, *, keys: Path, out: Path, as_json: bool) -> int:
    """Write the secret of a person to a file that is theirs alone; they are enrolled where they are new."""
    with Keyholder(Path(private_folder(str(keys.absolute())))) as held:
        is_new = not held.knows(identity)
        (who,) = held.pseudonyms([identity])
        if not who:
            hint = "nothing of theirs is taken in any more"
            raise SourceError("erased", "this person had their data erased", hint=hint)
        secret = held.secret_of(identity)
    try:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secret_text(secret))
    except OSError as error:
        hint = "name a file that does not exist yet, in a folder that you can write"
        raise StoreError("secret-unwritable", f"{out}: {error.strerror}", hint=hint) from error
    printed = Printed()
    if is_new:
        printed.words("no table has named this person yet: check that it is written as in your tables")
    printed.words(f"wrote {out}: whoever has it can sign in as this person: hand it to them alone")
    if as_json:
        printed.data(written({"file": str(out)}))
    return printed.done(None)


def run_use(data: Path, *, socket_path: Path, as_json: bool) -> int:
    """Note in a data directory where its keys are; one that has its own keys keeps them."""
    if (data / KEYS / PEOPLE).exists():
        hint = "begin with a directory that never had keys: who is behind a pseudonym can't be unlearned"
        raise StoreError("keys-are-here", f"{data} holds its own keys", hint=hint)
    key = made_directory(data)
    try:
        (data / SOCKET).write_text(f"{socket_path.absolute()}\n", "utf-8")
    except OSError as error:
        hint = "name a folder that you can write"
        raise StoreError("folder-unusable", f"{data}: {error.strerror}", hint=hint) from error
    printed = Printed()
    printed.words(f"{data} asks {socket_path} for keys from now on; its log has this key, for --log:")
    printed.data(written({"socket": str(socket_path), "key": str(key)}) if as_json else str(key))
    return printed.done(None)


def _key(text: str | None) -> VerifierKey | None:
    try:
        return None if text is None else VerifierKey.parse(text)
    except Unverified as error:
        hint = "copy it from: counterfoil ledger key --data DIR"
        raise SourceError("no-verifier-key", str(error), hint=hint) from error


def _serve(held: Keyholder, path: Path) -> None:
    """Answer on a Unix socket that this user and its group can open; no request is logged."""
    import uvicorn
    from fastapi import FastAPI, Request
    from fastapi.responses import JSONResponse

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.post("/{name}")
    async def asked(name: str, request: Request) -> JSONResponse:
        """One call, as `Keys` has it."""
        try:
            return JSONResponse({"told": CALLS[name](held, await request.json())})
        except Unverified as error:
            return JSONResponse({"error": "unverified", "says": str(error)}, 422)
        except LookupError as error:
            return JSONResponse({"error": "lookup", "says": str(error)}, 404)
        except PermissionError as error:
            return JSONResponse({"error": "permission", "says": str(error)}, 403)
        except CounterfoilError as error:
            return JSONResponse({"error": error.code, "says": error.message, "hint": error.hint}, 500)

    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX)
    mask = os.umask(0o117)
    try:
        listening.bind(str(path))
    except OSError as error:
        hint = "name a short path in a folder that you can write"
        raise StoreError("socket-unusable", f"{path}: {error.strerror}", hint=hint) from error
    finally:
        os.umask(mask)
    sys.stderr.write(f"holding the keys of people at {path}; stop with Ctrl-C\n")
    sys.stderr.flush()
    config = uvicorn.Config(app, access_log=False, log_level="error", fd=listening.fileno())
    try:
        uvicorn.Server(config).run(sockets=[listening])
    finally:
        path.unlink(missing_ok=True)


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _raw(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _sealed(held: Keyholder, told: Told) -> Told:
    sealed = held.seal(told["who"], told["body"])
    return {"entry": _b64(sealed.entry), "ciphertext": _b64(sealed.ciphertext), "count": sealed.count}


def _revealed(held: Keyholder, told: Told) -> str:
    return _b64(held.reveal(told["who"], told["count"], _raw(told["entry"]), _raw(told["ciphertext"])))


def _unwrapped(held: Keyholder, told: Told) -> str:
    proof = [_raw(step) for step in told["proof"]]
    receipt = Receipt(told["index"], _raw(told["entry"]), proof, told["checkpoint"])
    return held.unwrap(told["who"], receipt)


CALLS: Mapping[str, Callable[[Keyholder, Told], Any]] = {
    "name": lambda held, told: held.name(),
    "pseudonyms": lambda held, told: held.pseudonyms(told["identities"]),
    "known": lambda held, told: held.known(told["identities"]),
    "whose": lambda held, told: held.whose(_raw(told["secret"])),
    "tags": lambda held, told: held.tags(told["people"], told["use"]),
    "seal": _sealed,
    "sealed": lambda held, told: held.sealed(),
    "entries": lambda held, told: held.entries_of(_raw(told["secret"])),
    "reveal": _revealed,
    "unwrap": _unwrapped,
    "destroy": lambda held, told: held.destroy(told["who"]),
}


class _Connection(HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("keyholder", timeout=SECONDS)
        self._path = path

    def connect(self) -> None:
        """Open the socket."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(SECONDS)
        self.sock.connect(str(self._path))


@dataclass(frozen=True, slots=True)
class RemoteKeys(Keys):
    """The keys of people, asked of the process that holds them."""

    path: Path

    def name(self) -> str:
        """What tells these keys from any others."""
        return str(self._ask("name"))

    def pseudonyms(self, identities: Sequence[str]) -> Sequence[Pseudonym]:
        """The pseudonym of each identity."""
        found: Sequence[Pseudonym] = self._ask("pseudonyms", identities=list(identities))
        return found

    def known(self, identities: Sequence[str]) -> Sequence[Pseudonym | None]:
        """The pseudonym of each identity that is known."""
        found: Sequence[Pseudonym | None] = self._ask("known", identities=list(identities))
        return found

    def whose(self, secret: bytes) -> Pseudonym | None:
        """Who has this secret."""
        found: Pseudonym | None = self._ask("whose", secret=_b64(secret))
        return found

    def tags(self, people: Sequence[Pseudonym], use: str) -> Sequence[str]:
        """What each person can show for one use."""
        found: Sequence[str] = self._ask("tags", people=list(people), use=use)
        return found

    def seal(self, who: Pseudonym, body: Body) -> Sealed:
        """The next entry about a person."""
        told = self._ask("seal", who=who, body=dict(body))
        return Sealed(_raw(told["entry"]), _raw(told["ciphertext"]), told["count"])

    def sealed(self) -> int:
        """How many entries about people were sealed."""
        return int(self._ask("sealed"))

    def entries_of(self, secret: bytes) -> int:
        """How many entries were sealed about whoever has this secret."""
        return int(self._ask("entries", secret=_b64(secret)))

    def reveal(self, who: Pseudonym, count: int, entry: bytes, ciphertext: bytes) -> bytes:
        """What an entry about a person says, for an auditor who drew it."""
        told = {"count": count, "entry": _b64(entry), "ciphertext": _b64(ciphertext)}
        return _raw(self._ask("reveal", who=who, **told))

    def unwrap(self, who: Pseudonym, receipt: Receipt) -> str:
        """The identity behind a pseudonym, against the receipt of an entry that says so."""
        proof = [_b64(step) for step in receipt.proof]
        told = {"index": receipt.index, "entry": _b64(receipt.entry), "proof": proof}
        return str(self._ask("unwrap", who=who, checkpoint=receipt.checkpoint, **told))

    def destroy(self, who: Pseudonym) -> None:
        """Destroy a person's keys."""
        self._ask("destroy", who=who)

    def _ask(self, name: str, **told: Any) -> Any:
        """One call; whatever can't be answered means that nothing is read."""
        connection = _Connection(self.path)
        try:
            connection.request("POST", f"/{name}", json.dumps(told), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            said = json.loads(answer.read())
        except (OSError, HTTPException, ValueError) as error:
            hint = "ask whoever holds the keys to start: counterfoil keyholder serve"
            raise StoreError(
                "keyholder-down", "whoever holds the keys can't be reached; nothing is read", hint=hint
            ) from error
        finally:
            connection.close()
        match said.get("error"):
            case None:
                return said["told"]
            case "lookup":
                raise LookupError(said["says"])
            case "unverified":
                raise Unverified(said["says"])
            case "permission":
                raise PermissionError(said["says"])
        raise StoreError(said["error"], said["says"], hint=said["hint"])
