"""Why there is no page, in words of the server; whoever has not signed in is shown where to."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from counterfoil.app.door.onward import sign_in_for
from counterfoil.app.guarded import SAFE
from counterfoil.app.internal import internal_error
from counterfoil.show.server.frame import TroublePage
from counterfoil.show.site import rendered
from counterfoil.terms.error import LedgerBroken, StoreError

TROUBLES = {
    400: (
        "This could not be read",
        "What was sent is no form of this page.",
        "Go back, and send it from there.",
    ),
    403: (
        "This is not yours to do",
        "A form came without what this server gave you for it, or it is not for you.",
        "Open the page anew, and send the form from there.",
    ),
    404: ("There is no such page", "No link of this server leads here.", "Begin with the first page."),
    405: ("Nothing is to be opened here", "This is where a form is sent to.", "Begin with the first page."),
    413: ("That is too much", "More than 1 MB was sent.", "Send less."),
    421: (
        "This is not its address",
        "This server answers under the address that it printed, and under no other.",
        "Open the address that the command printed.",
    ),
    422: (
        "This could not be read",
        "What was sent is no form of this page.",
        "Go back, and send it from there.",
    ),
}


def trouble(status: int) -> Response:
    """A plain page on why there is no other."""
    title, says, hint = TROUBLES.get(status, TROUBLES[400])
    return HTMLResponse(rendered(TroublePage(title=title, says=says, hint=hint)), status)


async def _raised(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 400
    if status != 401:
        return trouble(status)
    is_example = getattr(request.app.state, "guests", None) is not None
    if is_example:
        return RedirectResponse("/example", 303)
    wanted = request.url.path if request.method in SAFE else ""
    return RedirectResponse(sign_in_for(wanted, request.url.query if wanted else ""), 303)


async def _unusable(_: Request, error: Exception) -> Response:
    """What a store, a log or a keyholder that is away or broken means: nothing is read."""
    told = error if isinstance(error, StoreError | LedgerBroken) else internal_error(error)
    says, hint = (f"{text[:1].upper()}{text[1:]}." for text in (told.message, told.hint))
    page = TroublePage(title="Nothing can be read just now", says=says, hint=hint)
    return HTMLResponse(rendered(page), 503, headers={"Retry-After": "30"})


async def _broken(_: Request, error: Exception) -> Response:
    told = internal_error(error)
    says, hint = (f"{text[:1].upper()}{text[1:]}." for text in (told.message, told.hint))
    return HTMLResponse(rendered(TroublePage(title="Something broke here", says=says, hint=hint)), 500)


HANDLERS: dict[int | type[Exception], Callable[[Request, Exception], Coroutine[Any, Any, Response]]] = {
    HTTPException: _raised,
    RequestValidationError: _raised,
    StoreError: _unusable,
    LedgerBroken: _unusable,
    Exception: _broken,
}
"""How the pages answer what they can't answer."""
