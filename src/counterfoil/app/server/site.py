"""What the server answers over HTTP: pages for people behind one guard, programs behind their tokens."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exception_handlers import http_exception_handler
from fastapi.responses import HTMLResponse
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from counterfoil.app.door import routes as door
from counterfoil.app.door.form import form_checked
from counterfoil.app.door.limit import Limit, client_of
from counterfoil.app.door.oidc import Provider
from counterfoil.app.door.session import COOKIE, SECURE_COOKIE, Sessions
from counterfoil.app.guarded import HEADERS, Guarded
from counterfoil.app.server import (
    agent_hooks,
    api,
    pages_accounts,
    pages_admin,
    pages_agents,
    pages_approvals,
    pages_audit,
    pages_delivery,
    pages_door,
    pages_figures,
    pages_programme,
    pages_record,
    scim,
    this_machine,
    upkeep,
)
from counterfoil.app.server.agents.talk import Talk
from counterfoil.app.server.counters import RECORDS
from counterfoil.app.server.desk import Desk
from counterfoil.app.server.example import Known
from counterfoil.app.server.hooks import hooks
from counterfoil.app.server.shown_token import troubled
from counterfoil.app.server.this_machine import ThisMachine
from counterfoil.app.server.troubles import HANDLERS, trouble
from counterfoil.show.sign_in import TurnedAwayPage
from counterfoil.show.site import rendered

PROGRAMS = ("/scim/", "/hooks/", "/api/", "/metrics", "/healthz")
"""Where programs come in, each with a token of its own; everything else is pages."""
Part = Callable[[Desk], APIRouter]
PAGES: Sequence[Part] = (
    pages_door.router,
    pages_figures.router,
    pages_audit.router,
    pages_accounts.router,
    pages_agents.router,
    pages_approvals.router,
    pages_delivery.router,
    pages_programme.router,
    pages_record.router,
    pages_admin.router,
    this_machine.router,
    door.router,
)
MACHINES: Sequence[Part] = (api.router, upkeep.router, scim.router, hooks, agent_hooks.router)
ENDPOINT = "http://127.0.0.1:4318"
"""Where telemetry is taken in, where nothing else is said."""
SMALL = 1_000
"""Unit: bytes. What is smaller is sent as it is."""
ATTEMPTS = ("/sign-in/", "/enter/")
"""Where somebody tries to get in."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How often pages may be asked for."""

    attempts: Limit = field(default_factory=lambda: Limit(burst=20, per_second=0.5))
    """To sign in, from one place."""
    pages: Limit = field(default_factory=lambda: Limit(burst=300, per_second=5))
    """In one session, or from one place without one."""


class Site:
    """One address for both: the guard of pages stands before what a browser opens, and nothing else."""

    def __init__(
        self,
        desk: Desk,
        sessions: Sessions,
        *,
        hosts: Collection[str],
        scheme: str = "http",
        provider: Provider | None = None,
        limits: Limits | None = None,
        guests: Mapping[str, Known] | None = None,
        endpoint: str = ENDPOINT,
        machine: ThisMachine | None = None,
        agents: Talk | None = None,
    ) -> None:
        """`guests` are those as whom an invented company can be looked at; telemetry goes to `endpoint`.

        `machine` is the report on this machine, where the one who started it wants to see it here; `agents`
        is what pages ask the agents' process through.
        """
        self._desk, self._sessions, self._limits = desk, sessions, limits or Limits()
        self._cookie = SECURE_COOKIE if scheme == "https" else COOKIE
        inside = pages(desk, sessions, provider=provider, secure=scheme == "https")
        inside.state.guests, inside.state.endpoint, inside.state.this_machine = guests, endpoint, machine
        inside.state.agents = agents
        inside.state.sent = partial(_sent, desk)
        # Whoever comes too often is sent away before anything that they send is read.
        self._pages = self._limited(Guarded(inside, hosts=hosts, scheme=scheme, told=trouble))
        self._programs = programs(desk)
        self._programs.state.agents = agents

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to those that it is for, and count it."""
        if scope["type"] != "http":
            return
        program = str(scope.get("path", "")).startswith(PROGRAMS)
        since, status = time.monotonic(), 0

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if program:
                    _closed(message)
            await send(message)

        try:
            await (self._programs if program else self._pages)(scope, receive, noted)
        finally:
            # Which page somebody opens is nobody's business, so pages are one.
            route = str(getattr(scope.get("route"), "path", "none")) if program else "pages"
            counters = self._desk.counters
            counters.count("counterfoil_requests_total", route=route, status=str(status))
            counters.observe("counterfoil_request_seconds", time.monotonic() - since, route=route)

    def _limited(self, site: ASGIApp) -> ASGIApp:
        """A site that nobody can ask too often."""

        async def limited(scope: Scope, receive: Receive, send: Send) -> None:
            wait = self._wait(scope)
            answer: ASGIApp = site if not wait else _too_often(wait)
            await answer(scope, receive, send)

        return limited

    def _wait(self, scope: Scope) -> int:
        """After how long somebody may come again; a cookie that was made up is no session of its own."""
        place = client_of(scope)
        if str(scope["path"]).startswith(ATTEMPTS):
            return self._limits.attempts.wait(place)
        cookie = Request(scope).cookies.get(self._cookie, "")
        if cookie and self._sessions.of(cookie) is not None:
            return self._limits.pages.wait(sha256(cookie.encode()).hexdigest())
        return self._limits.pages.wait(place)


def pages(
    desk: Desk, sessions: Sessions, *, provider: Provider | None = None, secure: bool = False
) -> FastAPI:
    """The pages."""
    app = FastAPI(
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        exception_handlers=HANDLERS,
        dependencies=[Depends(form_checked)],
    )
    app.add_middleware(GZipMiddleware, minimum_size=SMALL, compresslevel=6)
    app.state.sessions, app.state.provider = sessions, provider
    app.state.secure, app.state.cookie = secure, SECURE_COOKIE if secure else COOKIE
    for part in PAGES:
        app.include_router(part(desk))
    return app


def programs(desk: Desk) -> FastAPI:
    """What programs send and ask."""
    app = FastAPI(
        docs_url=None, redoc_url=None, openapi_url=None, exception_handlers={HTTPException: _unanswered}
    )
    for part in MACHINES:
        app.include_router(part(desk))
    return app


def _sent(desk: Desk) -> Sequence[tuple[str, str]]:
    """What telemetry came to since the server was started."""
    read, kept, rejected = (
        desk.counters.total(RECORDS, outcome=outcome) for outcome in ("read", "kept", "rejected")
    )
    words = f"{read:,.0f} records since the start, {kept:,.0f} kept, {rejected:,.0f} rejected"
    return [("OTLP", words)] if read else []


def _closed(message: Message) -> None:
    """What a program is told is for it alone, and is what it says it is."""
    headers = MutableHeaders(scope=message)
    headers.setdefault("Cache-Control", "no-store")
    headers.setdefault("X-Content-Type-Options", "nosniff")


async def _unanswered(request: Request, error: Exception) -> Response:
    """A path or method that there is not, told as the API tells it where it is the API's."""
    if request.url.path.startswith(api.PATHS) or not isinstance(error, HTTPException):
        return troubled(error)
    return await http_exception_handler(request, error)


def _too_often(seconds: int) -> Response:
    page = TurnedAwayPage(
        title="That was too often",
        says=f"From here this was asked so often that others would have to wait. Come again in {seconds} s.",
        hint="Nothing was done, and nothing was counted against anybody.",
    )
    return HTMLResponse(rendered(page), 429, {**HEADERS, "Retry-After": str(seconds)})
