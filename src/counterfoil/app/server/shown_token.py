"""Whose token a program shows, and how its troubles are told."""

import hashlib
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException

from counterfoil.app.door.limit import Limit, client_of
from counterfoil.app.internal import internal_error
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.tokens import Scope, Token, token_of
from counterfoil.show.problem import problem_json
from counterfoil.terms.error import CounterfoilError, LedgerBroken, SourceError, StoreError

BEARER = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    description="A token of the scope that the path needs.",
)
SHOWN = HTTPAuthorizationCredentials | None
Credentials = Annotated[SHOWN, Depends(BEARER)]
AGAIN_SECONDS = 5
JSON = "application/json"


class NoToken(SourceError):
    """No token, or none for this."""

    def __init__(self, scope: Scope) -> None:
        hint = f"send one: Authorization: Bearer cf_{scope}_..."
        super().__init__("no-token", f"no token of the scope {scope} was shown", hint=hint)


class WrongForm(SourceError):
    """The answer is wanted in a form that there is not."""


class TooOften(CounterfoilError):
    """Somebody comes more often than they may."""

    def __init__(self, seconds: int) -> None:
        super().__init__("too-often", "this was asked too often", hint="wait as long as Retry-After says")
        self.seconds = seconds


def shown(g: Guarded, credentials: SHOWN, scope: Scope) -> Token:
    """The token that a program shows.

    Raises: NoToken where it is none for this.
    """
    token = None if credentials is None else token_of(g, credentials.credentials, scope)
    if token is None:
        raise NoToken(scope)
    return token


def caller_of(credentials: SHOWN) -> str:
    """By what a program is told from others; nothing of its token is kept."""
    text = "" if credentials is None else credentials.credentials
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


class Often:
    """How often one program, and one place, may ask."""

    def __init__(self) -> None:
        self.program = Limit(burst=120, per_second=4)
        self.place = Limit(burst=600, per_second=20)

    def check(self, request: Request, credentials: SHOWN) -> None:
        """Count one question.

        Raises: TooOften.
        """
        wait = self.place.wait(client_of(request.scope)) or self.program.wait(caller_of(credentials))
        if wait:
            raise TooOften(wait)


class ApiRoute(APIRoute):
    """A route whose every trouble is told as one JSON object."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route, with its troubles told."""
        handler = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handler(request)
            except Exception as error:
                return troubled(error)

        return handled


def troubled(error: Exception) -> Response:
    """What is said of a trouble; of one that nobody foresaw, only that there was one."""
    match error:
        case NoToken():
            return told(error, 401, **{"WWW-Authenticate": "Bearer"})
        case TooOften():
            return told(error, 429, **{"Retry-After": str(error.seconds)})
        case WrongForm():
            return told(error, 406)
        case StoreError() | LedgerBroken():
            return told(error, 503, **{"Retry-After": str(AGAIN_SECONDS)})
        case CounterfoilError():
            return told(error, 422)
        case RequestValidationError():
            return told(_unreadable(error), 422)
        case HTTPException():
            return told(
                SourceError("no-answer", str(error.detail), hint="see /api/openapi.json"), error.status_code
            )
    return told(internal_error(error), 500)


def told(error: CounterfoilError, status: int, **headers: str) -> Response:
    """A trouble as JSON."""
    return Response(problem_json(error), status, headers, JSON)


def _unreadable(error: RequestValidationError) -> SourceError:
    """Which parts of a question can't be read; what was sent is not said back."""
    wrong = {".".join(map(str, found["loc"][1:])) or "the question" for found in error.errors()}
    says = f"can't be read: {', '.join(sorted(wrong))}"
    return SourceError("unreadable", says, hint="see /api/openapi.json")
