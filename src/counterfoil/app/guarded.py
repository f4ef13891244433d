"""What stands before every local site: whose request it is, how large, and what a browser may do with it."""

from collections.abc import Callable, Collection, Coroutine, Mapping
from contextlib import suppress
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from counterfoil.app.internal import internal_error
from counterfoil.show.site import ProblemPage, rendered

MOST_BODY = 1_048_576
"""No answer and no programme is larger."""
MOST_DRAINED = 32 * MOST_BODY
"""A browser shows an answer only after it could send what it began to send."""
POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
HTTPS_ALONE = {"Strict-Transport-Security": "max-age=31536000"}
SAFE = {"GET", "HEAD"}


class Guarded:
    """A site behind the guard."""

    def __init__(
        self,
        site: ASGIApp,
        *,
        hosts: Collection[str],
        scheme: str = "http",
        told: Callable[[int], Response] | None = None,
    ) -> None:
        """`told` makes the page on why there is no other, where the site has words of its own."""
        self._site = site
        self._hosts = frozenset(hosts)
        self._origins = frozenset(f"{scheme}://{host}" for host in hosts)
        self._headers = {**HEADERS, **(HTTPS_ALONE if scheme == "https" else {})}
        self._told = told or problem

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or say in plain words why not."""
        if scope["type"] != "http":
            return
        headed = _headed(send, self._headers)
        refused = self._refused(scope)
        body = await _whole(receive)
        if refused or body is None:
            await self._told(refused or TOO_LARGE)(scope, receive, headed)
        else:
            # What the site could not foresee was noted, and answered, by its own handler.
            with suppress(Exception):
                await self._site(scope, _again(body, receive), headed)

    def _refused(self, scope: Scope) -> int:
        """421 for an address that is not ours, 403 for a form that another site sent, else 0."""
        headers = Headers(scope=scope)
        if headers.get("host", "") not in self._hosts:
            return 421
        origin, near = headers.get("origin"), headers.get("sec-fetch-site") == "same-origin"
        ours = origin in self._origins or (origin is None and near)
        return 0 if ours or scope["method"] in SAFE else 403


def _headed(send: Send, added: Mapping[str, str]) -> Send:
    """Send with the headers that every answer has."""

    async def headed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in added.items():
                headers.setdefault(name, value)
        await send(message)

    return headed


async def _whole(receive: Receive) -> bytes | None:
    """The whole body; None where it is too large, which is read to its end and not kept."""
    kept, size, more = bytearray(), 0, True
    while more and size <= MOST_DRAINED:
        message = await receive()
        more = message["type"] == "http.request" and message.get("more_body", False)
        part = message.get("body", b"")
        size += len(part)
        if size <= MOST_BODY:
            kept += part
    return bytes(kept) if size <= MOST_BODY else None


def _again(body: bytes, receive: Receive) -> Receive:
    """Receive a body that was read already."""
    parts = [body]

    async def again() -> Message:
        if parts:
            return {"type": "http.request", "body": parts.pop(), "more_body": False}
        return await receive()

    return again


TOO_LARGE = 413
PROBLEMS = {
    403: (
        "This came from another page",
        "A form was sent here that this program did not show you.",
        "Go back to the questions, and send them from there.",
    ),
    404: (
        "There is no such page",
        "This program has one page, and what comes of it.",
        "Begin with the questions.",
    ),
    405: (
        "This page is made of your answers",
        "What you answered is not kept, so there is nothing to open here.",
        "Begin with the questions.",
    ),
    TOO_LARGE: (
        "That is too much",
        "More than 1 MB was sent. A programme is a few pages of text.",
        "Choose the programme file itself.",
    ),
    421: (
        "This is not its address",
        "This program answers under the address that it printed, and under no other.",
        "Open the address that the command printed.",
    ),
}
UNREADABLE = ("This could not be read", "What was sent is no form of this page.", "Begin with the questions.")


def problem(status: int) -> Response:
    """A plain page on why there is no other."""
    title, says, hint = PROBLEMS.get(status, UNREADABLE)
    return HTMLResponse(rendered(ProblemPage(title=title, says=says, hint=hint)), status)


async def _raised(_: Request, error: Exception) -> Response:
    return problem(error.status_code if isinstance(error, HTTPException) else 400)


async def _broken(_: Request, error: Exception) -> Response:
    told = internal_error(error)
    says, hint = (f"{text[:1].upper()}{text[1:]}." for text in (told.message, told.hint))
    return HTMLResponse(rendered(ProblemPage(title="Something broke here", says=says, hint=hint)), 500)


HANDLERS: dict[int | type[Exception], Callable[[Request, Exception], Coroutine[Any, Any, Response]]] = {
    HTTPException: _raised,
    Exception: _broken,
}
"""How a site answers what it can't answer."""
