"""What the server answers over HTTP: pages for people behind one guard, programs behind their tokens."""

from collections.abc import Callable, Collection, Mapping, Sequence

from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import RedirectResponse
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from counterfoil.app.door.session import COOKIE, Sessions
from counterfoil.app.guarded import Guarded
from counterfoil.app.server import (
    pages_admin,
    pages_door,
    pages_figures,
    pages_programme,
    pages_record,
    scim,
)
from counterfoil.app.server.desk import Desk
from counterfoil.app.server.example import Known
from counterfoil.app.server.hooks import hooks
from counterfoil.app.server.troubles import HANDLERS, trouble

PROGRAMS = ("/scim/", "/hooks/", "/api/", "/metrics", "/healthz")
"""Where programs come in, each with a token of its own; everything else is pages."""
Part = Callable[[Desk], APIRouter]
PAGES: Sequence[Part] = (
    pages_door.router,
    pages_figures.router,
    pages_programme.router,
    pages_record.router,
    pages_admin.router,
)
ENDPOINT = "http://127.0.0.1:4318"
"""Where telemetry is taken in, where nothing else is said."""
SMALL = 1_000
"""Unit: bytes. What is smaller is sent as it is."""
MACHINES: Sequence[Part] = (scim.router, hooks)


class Site:
    """One address for both: the guard of pages stands before what a browser opens, and nothing else."""

    def __init__(
        self,
        desk: Desk,
        sessions: Sessions,
        *,
        hosts: Collection[str],
        guests: Mapping[str, Known] | None = None,
        endpoint: str = ENDPOINT,
    ) -> None:
        """`guests` are those as whom an invented company can be looked at; telemetry goes to `endpoint`."""
        self._pages = Guarded(pages(desk, sessions, guests, endpoint), hosts=hosts, told=trouble)
        self._programs = programs(desk)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to those that it is for."""
        site: ASGIApp = self._pages
        if str(scope.get("path", "")).startswith(PROGRAMS):
            site = self._programs
        await site(scope, receive, send)


def pages(
    desk: Desk, sessions: Sessions, guests: Mapping[str, Known] | None = None, endpoint: str = ENDPOINT
) -> FastAPI:
    """The pages."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, exception_handlers=HANDLERS)
    app.add_middleware(GZipMiddleware, minimum_size=SMALL, compresslevel=6)
    app.state.sessions, app.state.guests, app.state.endpoint = sessions, guests, endpoint

    @app.get("/enter/{token}")
    def enter(token: str) -> Response:
        """Sign the operator in, once for each link."""
        if not sessions.used(token):
            return RedirectResponse("/sign-in", 303)
        answer = RedirectResponse("/", 303)
        answer.set_cookie(COOKIE, sessions.begin(None), httponly=True, samesite="strict")
        return answer

    for part in PAGES:
        app.include_router(part(desk))
    return app


def programs(desk: Desk) -> FastAPI:
    """What programs send and ask."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/healthz")
    def healthy() -> Response:
        """Whether the server can answer."""
        with desk.open():
            return Response("ok\n", media_type="text/plain")

    for part in MACHINES:
        app.include_router(part(desk))
    return app
