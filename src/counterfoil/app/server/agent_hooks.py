"""Where webhooks for agents are delivered: handed on as they came, to the process that has the secrets."""

import asyncio
from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from counterfoil.agents.office import Office
from counterfoil.agents.shown import Hook
from counterfoil.app.door.limit import Limit, client_of
from counterfoil.app.server.agents.asking import OPERATOR
from counterfoil.app.server.agents.caller import talk
from counterfoil.app.server.desk import Desk
from counterfoil.terms.error import CounterfoilError

MOST_BODY = 256 * 1_024
MOST_NAME = 200
SECONDS = 10
"""In which a body has to be here."""
AT_ONCE = 2
"""Deliveries that are handed on at a time: pages and switches must not wait for them."""
HEADERS = (
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
    "x-slack-signature",
    "x-slack-request-timestamp",
)
MOST_HEADER = 1_000
AGAIN = {"Retry-After": "60"}


def router(desk: Desk) -> APIRouter:
    """The door of agents."""
    hooks, room = APIRouter(), asyncio.Semaphore(AT_ONCE)
    limit = Limit(burst=60, per_second=2)

    async def deliver(request: Request, place: str, name: str) -> Response:
        if wait := limit.wait(client_of(request.scope)):
            return _said("too-often", 429, {"Retry-After": str(wait)})
        if len(place) > MOST_NAME or len(name) > MOST_NAME:
            return _said("refused", 403)
        try:
            async with asyncio.timeout(SECONDS):
                body = await _body(request)
            if body is None:
                return _said("too-large", 413)
            hook = Hook(place=place, name=name, headers=_signed(request), query=_query(request), body=body)
            async with room:
                return await run_in_threadpool(handed, request, hook)
        except TimeoutError:
            return _said("too-slow", 408)
        except ClientDisconnect:
            return _said("cut-off", 400)

    def handed(request: Request, hook: Hook) -> Response:
        """Hand it on, and say what the agents' process says."""
        try:
            answer = talk(request).ask(Office.hooked, OPERATOR, hook)
        except CounterfoilError as error:
            return _said(error.code, 503, AGAIN)
        if answer.plain:
            return PlainTextResponse(answer.says, answer.status)
        return _said(answer.says, answer.status)

    @hooks.post("/hooks/agents/{place}")
    async def come(request: Request, place: str) -> Response:
        """A delivery without a name."""
        return await deliver(request, place, "")

    @hooks.post("/hooks/agents/{place}/{name}")
    async def come_named(request: Request, place: str, name: str) -> Response:
        """A delivery of a webhook of that name."""
        return await deliver(request, place, name)

    return hooks


def _signed(request: Request) -> Mapping[str, str]:
    return {name: request.headers[name][:MOST_HEADER] for name in HEADERS if name in request.headers}


def _query(request: Request) -> Mapping[str, str]:
    token = request.query_params.get("validationToken", "")
    return {"validationToken": token} if token and len(token) <= MOST_HEADER else {}


async def _body(request: Request) -> bytes | None:
    """The bytes of a body; None where they are too many, of which the rest is not read."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_BODY:
            return None
        parts.append(part)
    return b"".join(parts)


def _said(came: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    told = {"taken": True} if status < 300 else {"error": came}
    return JSONResponse(told, status, headers=headers)
