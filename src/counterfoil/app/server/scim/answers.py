"""How SCIM is answered: its media type, its errors, and never more about a fault than whose it is."""

import json
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import HTTPException
from fastapi.routing import APIRoute
from pydantic import ValidationError
from scim2_models import Error, SCIMException

from counterfoil.app.internal import internal_error
from counterfoil.terms.error import CounterfoilError, LedgerBroken, StoreError

MEDIA = "application/scim+json"
AGAIN = {"Retry-After": "30"}
STATUS: Mapping[str, tuple[int, str | None]] = {
    "scim-taken": (409, "uniqueness"),
    "scim-erased": (409, None),
    "scim-no-such": (404, None),
    "scim-no-word": (400, "invalidValue"),
    "scim-no-member": (400, "invalidValue"),
    "scim-no-role": (400, "invalidValue"),
    "identity-too-long": (400, "invalidValue"),
}


def answer(told: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """What was asked for."""
    return Response(json.dumps(told), status, headers, MEDIA)


def refused(error: Error, headers: Mapping[str, str] | None = None) -> Response:
    """Why there is no other answer."""
    return answer(error.model_dump(), error.status or 500, headers)


class ScimRoute(APIRoute):
    """A route whose every fault is answered as SCIM has it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route, with its faults turned into answers."""
        handler = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handler(request)
            except Exception as error:
                return faulted(error)

        return handled


def faulted(error: Exception) -> Response:
    """The answer to a fault."""
    match error:
        case SCIMException():
            headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else None
            return refused(error.to_error(), headers)
        case ValidationError():
            return refused(Error.from_validation_errors(error)[0])
        case HTTPException():
            return refused(Error(status=error.status_code, detail=str(error.detail)))
        case StoreError() | LedgerBroken():
            return refused(Error(status=503, detail=error.message), AGAIN)
        case CounterfoilError() if error.code in STATUS:
            status, kind = STATUS[error.code]
            return refused(Error(status=status, scim_type=kind, detail=f"{error.message}; {error.hint}"))
    return refused(Error(status=500, detail=internal_error(error).message))
