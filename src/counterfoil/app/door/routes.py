"""The pages at the door: ways in, in which role to look, and the way out."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from counterfoil.app.door.form import BEFORE, SECONDS, csrf_for, forget, keep, named
from counterfoil.app.door.oidc import LASTS_SECONDS, Provider
from counterfoil.app.door.onward import HOME, onward
from counterfoil.app.door.session import COOKIE, Sessions, Who, cookie_of
from counterfoil.app.server.desk import Desk
from counterfoil.guard.judged import held_roles
from counterfoil.ledger.keys import parse_secret
from counterfoil.show.sign_in import ArrivedPage, SignInPage, TurnedAwayPage, role_page
from counterfoil.show.site import Page, rendered, sheet
from counterfoil.terms.ask import Role, Viewer
from counterfoil.terms.error import CounterfoilError, SourceError
from counterfoil.terms.ids import Pseudonym

ATTEMPT = "counterfoil-attempt"
"""The browser that began an attempt; the only cookie that another site's link brings along."""
MOST_SECRET = 1_000
WRONG = 422
UNKNOWN = SourceError(
    "unknown-person",
    "Nobody is known here by that.",
    hint="ask whoever keeps the directory whether you are in it; if you had your data erased, you are not",
)


def _through(request: Request) -> Provider:
    """The organisation's provider.

    Raises: HTTPException 404 where there is none.
    """
    provider: Provider | None = getattr(request.app.state, "provider", None)
    if provider is None:
        raise HTTPException(404)
    return provider


Through = Annotated[Provider, Depends(_through)]


def router(desk: Desk) -> APIRouter:
    """The door of one server."""
    pages = APIRouter()
    _ways_in(pages, desk)
    _organisation(pages, desk)
    _inside(pages, desk)
    return pages


def _ways_in(pages: APIRouter, desk: Desk) -> None:
    @pages.get("/enter/{token}")
    def enter(request: Request, token: str) -> Response:
        """Sign the operator in, once for each link."""
        if not _sessions(request).used(token):
            return RedirectResponse("/sign-in", 303)
        return _entered(request, RedirectResponse(HOME, 303), None)

    @pages.get("/sign-in")
    def sign_in(request: Request, next: str = HOME) -> Response:
        """The ways in."""
        return _sign_in(request, onward(next))

    @pages.post("/sign-in/secret")
    async def by_secret(request: Request) -> Response:
        """The text of a secret, pasted or in its file."""
        form = await request.form()
        file, text, wanted = form.get("file"), form.get("text"), form.get("next")
        raw = await file.read(MOST_SECRET) if isinstance(file, UploadFile) and file.filename else b""
        line = raw.decode("utf-8", "replace") if raw else str(text or "").strip()
        return await run_in_threadpool(_by_secret, request, desk, line, onward(str(wanted or HOME)))

    @pages.get("/style.css")
    def style() -> Response:
        """What every page looks like."""
        return Response(sheet(), media_type="text/css", headers={"Cache-Control": "max-age=3600"})


def _organisation(pages: APIRouter, desk: Desk) -> None:
    @pages.get("/sign-in/organisation")
    def leave(request: Request, provider: Through, next: str = HOME) -> Response:
        """Go to the organisation's own sign-in."""
        try:
            begun = provider.begin(onward(next))
        except SourceError as error:
            return _sign_in(request, onward(next), error)
        away = RedirectResponse(begun.address, 303)
        keep(request, away, ATTEMPT, begun.cookie, strict=False, seconds=LASTS_SECONDS)
        return away

    @pages.get("/sign-in/callback")
    def back(request: Request, provider: Through) -> Response:
        """Come back from there: whoever is known is signed in, and nobody is made known by it."""
        cookie = request.cookies.get(named(request, ATTEMPT), "")
        try:
            arrived = provider.finish(request.query_params, cookie)
            who = _known(desk, arrived.identity, by_email=provider.client.claim == "email")
        except SourceError as error:
            answer = _sign_in(request, HOME, error)
        else:
            page = ArrivedPage(title="You are signed in", onward=arrived.onward)
            answer = _entered(request, _shown(page), who)
        forget(request, answer, ATTEMPT)
        return answer


def _inside(pages: APIRouter, desk: Desk) -> None:
    @pages.get("/role")
    def role(request: Request, signed: Who, next: str = HOME) -> Response:
        """In which role to look."""
        viewer = signed.viewer()
        roles = sorted(_held(desk, viewer))
        return _shown(role_page(roles=roles, now=viewer.role, csrf=signed.csrf, onward=onward(next)))

    @pages.post("/role")
    async def look(request: Request, signed: Who) -> Response:
        """Look in another role from now on."""
        form = await request.form()
        try:
            chosen = Role(str(form.get("role")))
        except ValueError as error:
            raise HTTPException(400) from error
        held = await run_in_threadpool(_held, desk, signed.viewer(chosen))
        if chosen not in held:
            page = TurnedAwayPage(
                title="You do not hold that role",
                says="Which roles somebody holds, the directory says; who was given one is in the log.",
                hint="Look in one of yours.",
            )
            return _shown(page, 403)
        _sessions(request).look_as(cookie_of(request), chosen)
        return RedirectResponse(onward(str(form.get("next") or HOME)), 303)

    @pages.post("/sign-out")
    def sign_out(request: Request) -> Response:
        """End the session."""
        _sessions(request).end(cookie_of(request))
        answer = RedirectResponse("/sign-in", 303)
        forget(request, answer, COOKIE)
        return answer


def _by_secret(request: Request, desk: Desk, line: str, wanted: str) -> Response:
    try:
        secret = parse_secret(line)
        with desk.open() as g:
            who = g.keys.whose(secret)
        if who is None:
            raise UNKNOWN
    except SourceError as error:
        return _sign_in(request, wanted, error)
    return _entered(request, RedirectResponse(wanted, 303), who, secret)


def _known(desk: Desk, identity: str, *, by_email: bool) -> Pseudonym:
    """Who an identity is; an address is one address however its letters are written.

    Raises: SourceError where nobody is known by it.
    """
    names = [identity, identity.lower()] if by_email else [identity]
    with desk.open() as g:
        found = [who for who in g.keys.known(names) if who]
    if not found:
        raise UNKNOWN
    return found[0]


def _entered(
    request: Request, answer: Response, who: Pseudonym | None, secret: bytes | None = None
) -> Response:
    """Begin a session of its own, whatever session the browser had."""
    sessions = _sessions(request)
    sessions.end(cookie_of(request))
    keep(request, answer, COOKIE, sessions.begin(who, secret), seconds=0)
    forget(request, answer, BEFORE)
    return answer


def _sign_in(request: Request, wanted: str, error: CounterfoilError | None = None) -> Response:
    csrf, cookie = csrf_for(request)
    provider: Provider | None = getattr(request.app.state, "provider", None)
    page = SignInPage(
        title="Sign in",
        trouble="" if error is None else _sentence(error.message),
        hint="" if error is None else _sentence(error.hint),
        csrf=csrf,
        onward=wanted,
        provider="" if provider is None else urlsplit(provider.client.issuer).netloc,
    )
    answer = _shown(page, 200 if error is None else WRONG)
    if cookie is not None:
        keep(request, answer, BEFORE, cookie, seconds=SECONDS)
    return answer


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."


def _held(desk: Desk, viewer: Viewer) -> frozenset[Role]:
    with desk.open() as g:
        return held_roles(g, viewer)


def _sessions(request: Request) -> Sessions:
    sessions: Sessions = request.app.state.sessions
    return sessions


def _shown(page: Page, status: int = 200) -> Response:
    return HTMLResponse(rendered(page), status)
