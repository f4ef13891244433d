"""Where GitHub and GitLab deliver: nothing is read before it is known to be theirs, and nothing is taken twice."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from counterfoil.app.door.deliveries import SIGNED_IN, Forge, delivery_of, is_genuine
from counterfoil.app.hook_secrets import kept_secrets
from counterfoil.app.server.delivered import Deliveries
from counterfoil.app.server.desk import Desk
from counterfoil.terms.error import CounterfoilError

MOST_BODY = 25 * 1_048_576
"""The largest that GitHub delivers."""
AT_ONCE = 4
"""Bodies that are read at a time: what they take together stays bounded."""
SECONDS = 30
"""In which a body has to be here."""
AGAIN = {"Retry-After": "60"}


def hooks(desk: Desk) -> APIRouter:
    """The doors of forges."""
    router, room = APIRouter(), asyncio.Semaphore(AT_ONCE)
    deliveries = Deliveries(desk)
    with desk.open() as g:
        data = g.lake.data

    def taken(forge: Forge, headers: Mapping[str, str], raw: bytes) -> Response:
        secrets = [one.secret for one in kept_secrets(data) if one.forge is forge]
        if not is_genuine(forge, headers, raw, secrets, now=datetime.now(UTC)):
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
            async with room:
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


async def _body(request: Request) -> bytes | None:
    """The bytes of a body; None where they are too many, of which the rest is not read."""
    told = request.headers.get("content-length", "")
    if told.isdigit() and int(told) > MOST_BODY:
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
