"""Runs a pulse: an issuer and a collector apart, somebody who answers, and the one release."""

import base64
import binascii
import json
import re
import sys
from collections.abc import Mapping
from contextlib import closing, suppress
from datetime import date
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request as HttpRequest
from urllib.request import urlopen

import click

from counterfoil.app.asking import REFUSED
from counterfoil.app.directory import opened, secret_in
from counterfoil.app.local import HERE, bound_to
from counterfoil.app.period import today
from counterfoil.app.printed import Printed
from counterfoil.app.pulse_folders import Collector, Issuer, made_pulse
from counterfoil.guard.pulse import close_pulse, eligible, has_statement, list_outlook, open_pulse, sound
from counterfoil.ledger.blind import Blinded, blind, finalized, prepared
from counterfoil.ledger.keys import tag_for
from counterfoil.ledger.pulse import public_key
from counterfoil.ledger.verify import Unverified
from counterfoil.show.deed import refusal
from counterfoil.show.exported import written
from counterfoil.show.pulse import form_text, told_pulse
from counterfoil.store.pulse import pulse_of
from counterfoil.terms.error import SourceError, StoreError
from counterfoil.terms.pulse import STANDARD, Form, Pulse, Standing
from counterfoil.terms.release import Refuse

SECONDS = 30


def run_new_pulse(id: str, *, data: Path, issuer: Path, collector: Path, closes: date, as_json: bool) -> int:
    """Make a pulse: folders for issuer and collector, and an entry in the log before anybody is asked."""
    if not re.fullmatch(r"[a-z0-9-]{1,40}", id):
        raise click.UsageError(f"{id} is no name of a pulse: small letters, digits and dashes")
    if closes < today():
        raise click.UsageError(f"--closes {closes} is over; name a day to come")
    with opened(data) as g:
        who = eligible(g)
        tags = {standing: g.keys.tags(some, id) for standing, some in who.items()}
        pulse = made_pulse(id, closes, issuer, collector, tags)
        entry = open_pulse(g, pulse)
    printed = Printed()
    says = (
        f"About {pulse.eligible:,} people may answer until {closes}; entry {entry} of the log. "
        "Let issuer and collector run as different users, each with its own folder.\n"
        f"{list_outlook(pulse)}"
    )
    printed.data(written({"entry": entry, "eligible": pulse.eligible}) if as_json else says)
    return printed.done(None)


def run_issue(folder: Path, *, port: int, as_json: bool) -> int:
    """Sign one blinded token for each person who may answer, until it is stopped."""
    issuer = Issuer(folder)

    def standing(told: Mapping[str, Any]) -> tuple[int, Any]:
        found = issuer.standing(str(told["tag"]))
        return (403, "this secret has no right to answer") if found is None else (200, found)

    def token(told: Mapping[str, Any]) -> tuple[int, Any]:
        signed = issuer.signed(str(told["tag"]), _raw(told["blinded"]))
        return (409, "a token was issued to you already") if signed is None else (200, _b64(signed))

    return _serve({"standing": standing, "token": token}, port, "issuing", as_json=as_json)


def run_collect_answers(folder: Path, *, port: int, as_json: bool) -> int:
    """Take one answer for each token, until it is stopped."""
    collector = Collector(folder)

    def pulse(_: Mapping[str, Any]) -> tuple[int, Any]:
        return 200, (folder / "pulse.json").read_text("utf-8")

    def answer(told: Mapping[str, Any]) -> tuple[int, Any]:
        if today() > collector.pulse.closes:
            return 410, "this pulse has closed"
        token = _raw(told["token"])
        if wrong := next(sound(told["answers"], has_statement(token)), ""):
            return 422, wrong
        standing, signature = Standing(told["standing"]), _raw(told["signature"])
        taken = collector.take(standing, token, signature, told["answers"])
        return (200, "taken") if taken else (409, "this token answered already")

    return _serve({"pulse": pulse, "answer": answer}, port, "collecting", as_json=as_json)


def run_answer(*, secret: Path, issuer: str, collector: str, answers: Path | None, as_json: bool) -> int:
    """Answer once: a blinded token from the issuer, and the answer with the token to the collector."""
    held = secret_in(secret)
    pulse = pulse_of(_asked(collector, "pulse", {}))
    tag = tag_for(held, pulse.id)
    standing = Standing(_asked(issuer, "standing", {"tag": tag}))
    state = secret.with_name(f"{secret.name}.{pulse.id}.token")
    token, blinded = _state(state, pulse, standing)
    given = _read(answers) if answers is not None else _prompted(pulse, has_statement(token))
    if wrong := next(sound(given, has_statement(token)), ""):
        raise SourceError("answer-wrong", wrong, hint="change it, and send it again")
    signed = _raw(_asked(issuer, "token", {"tag": tag, "blinded": _b64(blinded.message)}))
    try:
        signature = finalized(public_key(pulse.keys[standing]), token, signed, blinded)
    except Unverified as error:
        hint = "tell your council: the issuer did not sign what it said it would"
        raise SourceError("issuer-wrong", str(error), hint=hint) from error
    sent = {"standing": standing, "token": _b64(token), "signature": _b64(signature), "answers": given}
    _asked(collector, "answer", sent)
    state.unlink(missing_ok=True)
    printed = Printed()
    printed.data(written({"sent": True}) if as_json else "Your answer is in. Nobody can link it to you.")
    return printed.done(None)


def run_close(folder: Path, *, data: Path, as_json: bool) -> int:
    """Tell what a pulse came to, once, and remove the answers."""
    collector = Collector(folder)
    with opened(data) as g:
        told = close_pulse(g, collector.pulse, list(collector.sheets()))
    printed = Printed()
    if isinstance(told, Refuse):
        printed.data(refusal(told, as_json=as_json))
        return printed.done(None, REFUSED)
    collector.forget()
    printed.data(told_pulse(told, as_json=as_json))
    return printed.done(None)


def run_form(folder: Path, *, as_json: bool) -> int:
    """Print the form of a pulse, with what remains of who answers."""
    pulse = Collector(folder).pulse
    printed = Printed()
    text = form_text(pulse, with_statement=True)
    printed.data(written({"form": text}) if as_json else text)
    return printed.done(None)


def _state(path: Path, pulse: Pulse, standing: Standing) -> tuple[bytes, Blinded]:
    """The token that is being asked for: the same one again where an earlier try got lost."""
    with suppress(OSError, ValueError, KeyError):
        told = json.loads(path.read_text("utf-8"))
        return _raw(told["token"]), Blinded(_raw(told["blinded"]), int(told["inverse"]))
    token = prepared(pulse.id.encode())
    blinded = blind(public_key(pulse.keys[standing]), token)
    told = {"token": _b64(token), "blinded": _b64(blinded.message), "inverse": str(blinded.inverse)}
    try:
        path.touch(mode=0o600)
        path.write_text(json.dumps(told), "utf-8")
    except OSError as error:
        hint = "keep your secret in a folder that you can write"
        raise StoreError("token-unwritable", f"{path}: {error.strerror}", hint=hint) from error
    return token, blinded


def _read(path: Path) -> dict[str, float]:
    try:
        told = json.loads(path.read_text("utf-8"))
        return {str(name): float(value) for name, value in told.items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        hint = 'write JSON such as {"saved": 3, "believed": 1}'
        raise SourceError("answers-unreadable", f"{path} holds no answers", hint=hint) from error


def _prompted(pulse: Pulse, with_statement: bool) -> dict[str, float]:
    """Answers as they are typed; an empty line leaves a question out."""
    click.echo(form_text(pulse, with_statement=with_statement), err=True)
    given: dict[str, float] = {}
    for question in STANDARD:
        hint = {Form.HOURS: "hours", Form.YES_NO: "1 for yes, 0 for no", Form.LIST: "how many"}[question.form]
        said = click.prompt(f"{question.asks} ({hint})", default="", show_default=False, err=True)
        while said.strip():
            number = {"y": "1", "yes": "1", "n": "0", "no": "0"}.get(said.strip().lower(), said)
            try:
                given[question.id] = float(number)
                break
            except ValueError:
                said = click.prompt(f"{said} is no number; again, or nothing", default="", err=True)
    return given


def _serve(calls: Mapping[str, Any], port: int, what: str, *, as_json: bool) -> int:
    """Answer on this machine; no request and no address is logged."""
    import uvicorn
    from fastapi import FastAPI, Request
    from fastapi.responses import JSONResponse

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.post("/{name}")
    async def asked(name: str, request: Request) -> JSONResponse:
        """One call; whatever can't be read is refused without a word of it."""
        try:
            status, says = calls[name](await request.json())
        except (Unverified, LookupError) as error:
            status, says = 403, str(error)
        except (ValueError, TypeError, binascii.Error):
            status, says = 400, "this is no request of a pulse"
        return JSONResponse({"says": says}, status)

    with closing(bound_to(port)) as listening:
        address = f"http://{HERE}:{listening.getsockname()[1]}"
        if as_json:
            sys.stdout.write(f"{written({'address': address})}\n")
            sys.stdout.flush()
        sys.stderr.write(f"{what} at {address}; stop with Ctrl-C\n")
        sys.stderr.flush()
        settings = uvicorn.Config(app, log_config=None, access_log=False, server_header=False)
        with suppress(KeyboardInterrupt):
            uvicorn.Server(settings).run(sockets=[listening])
    return 0


def _asked(url: str, name: str, told: Mapping[str, Any]) -> Any:
    """What an issuer or a collector says.

    Raises: SourceError where it can't be reached, or refuses.
    """
    body, headers = json.dumps(told).encode(), {"Content-Type": "application/json"}
    try:
        request = HttpRequest(f"{url.rstrip('/')}/{name}", body, headers)  # noqa: S310
        with urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
            return json.loads(answer.read())["says"]
    except HTTPError as error:
        says = json.loads(error.read() or b"{}").get("says", "refused")
        raise SourceError("pulse-refused", str(says), hint="ask whoever runs the pulse") from error
    except (URLError, HTTPException, OSError, ValueError, KeyError) as error:
        hint = "ask whoever runs the pulse to start it"
        raise SourceError("pulse-unreachable", f"{url} can't be reached", hint=hint) from error


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _raw(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
