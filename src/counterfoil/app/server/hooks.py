"""Where GitHub and GitLab deliver: read once it is known to be theirs, and taken once."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from counterfoil.app.door.deliveries import SIGNED_IN, Forge, delivery_of, is_genuine
from counterfoil.app.hook_secrets import kept_secrets
from counterfoil.app.server.delivered import Deliveries, utc_now
from counterfoil.app.server.desk import Desk
from counterfoil.terms.error import CounterfoilError

MOST_BODY = 25 * 1_048_576
"""The largest that GitHub delivers."""
LARGE = 1_048_576
AT_ONCE = 4
"""Large bodies that are read at a time: what they take together stays bounded."""
SECONDS = 30
"""In which a body has to be here."""
AGAIN = {"Retry-After": "60"}


def hooks(desk: Desk, clock: Callable[[], datetime] = utc_now) -> APIRouter:
    """The doors of forges."""
    router, room = APIRouter(), asyncio.Semaphore(AT_ONCE)
    deliveries = Deliveries(desk, clock)
    with desk.open() as g:
        data = g.lake.data

    def taken(forge: Forge, headers: Mapping[str, str], raw: bytes) -> Response:
        secrets = [one.secret for one in kept_secrets(data) if one.forge is forge]
        if not is_genuine(forge, headers, raw, secrets, now=clock()):
            return _said("refused", 403)
        event = headers.get("x-github-event", "")
        return _said(deliveries.take(forge, event, delivery_of(forge, headers), raw))

    def is_open(forge: Forge, headers: Mapping[str, str]) -> bool:
        signed = any(headers.get(name) for name in SIGNED_IN[forge])
        return signed and any(one.forge is forge for one in kept_secrets(data))

    async def deliver(forge: Forge, request: Request) -> Response:
        try:
            if not await run_in_threadpool(is_open, forge, request.headers):
                return _said("refused", 403)
            async with room if _is_large(request) else nullcontext():
                async with asyncio.timeout(SECONDS):
                    raw = await _body(request)
                if raw is None:
                    return _said("too-large", 413)
                return await run_in_threadpool(taken, forge, request.headers, raw)
        except TimeoutError:
            return _said("too-slow", 408)
        except ClientDisconnect:
            return _said("cut-off", 400)
        except CounterfoilError as error:
            return _said(error.code, 503, AGAIN)

    @router.post("/hooks/github")
    async def github(request: Request) -> Response:
        """A delivery of GitHub."""
        return await deliver(Forge.GITHUB, request)

    @router.post("/hooks/gitlab")
    async def gitlab(request: Request) -> Response:
        """A delivery of GitLab."""
        return await deliver(Forge.GITLAB, request)

    return router


def _is_large(request: Request) -> bool:
    """Whether a body is large, or does not say."""
    told = request.headers.get("content-length", "")
    return not (told.isdigit() and len(told) < 12 and int(told) <= LARGE)


async def _body(request: Request) -> bytes | None:
    """The bytes of a body; None where they are too many, of which the rest is not read."""
    told = request.headers.get("content-length", "")
    if told.isdigit() and (len(told) > 11 or int(told) > MOST_BODY):
        return None
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_BODY:
            return None
        parts.append(part)
    return b"".join(parts)


def _said(came: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse({"taken": came} if status == 200 else {"error": came}, status, headers=headers)
