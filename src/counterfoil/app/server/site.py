"""What the server answers over HTTP: pages for people behind one guard, programs behind their tokens."""

from collections.abc import Callable, Collection, Sequence

from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from counterfoil.app.door.session import COOKIE, Sessions
from counterfoil.app.guarded import HANDLERS, Guarded
from counterfoil.app.server import scim
from counterfoil.app.server.desk import Desk
from counterfoil.app.server.hooks import hooks

PROGRAMS = ("/scim/", "/hooks/", "/api/", "/metrics", "/healthz")
"""Where programs come in, each with a token of its own; everything else is pages."""
Part = Callable[[Desk], APIRouter]
PAGES: Sequence[Part] = ()
MACHINES: Sequence[Part] = (scim.router, hooks)


class Site:
    """One address for both: the guard of pages stands before what a browser opens, and nothing else."""

    def __init__(self, desk: Desk, sessions: Sessions, *, hosts: Collection[str]) -> None:
        self._pages = Guarded(pages(desk, sessions), hosts=hosts)
        self._programs = programs(desk)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to those that it is for."""
        site: ASGIApp = self._pages
        if str(scope.get("path", "")).startswith(PROGRAMS):
            site = self._programs
        await site(scope, receive, send)


def pages(desk: Desk, sessions: Sessions) -> FastAPI:
    """The pages."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, exception_handlers=HANDLERS)
    app.state.sessions = sessions

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
