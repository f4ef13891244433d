"""Who sends what: the token that a request shows, and the body that it brings."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pydantic_core
from fastapi import Request
from scim2_models import (
    ForbiddenException,
    InvalidSyntaxException,
    PayloadTooLargeException,
    UnauthorizedException,
)

from counterfoil.app.server.desk import Desk
from counterfoil.guard.directory.may import may_change_people, may_touch_group
from counterfoil.guard.directory.shelf import Shelf, loaded
from counterfoil.guard.directory.telling import tell_everything
from counterfoil.guard.guarded import Guarded, without_keys
from counterfoil.guard.tokens import Scope, token_of
from counterfoil.terms.error import StoreError
from counterfoil.terms.release import Permit, Refuse

MOST_BODY = 1_048_576
BEARER = "bearer "


@dataclass(frozen=True, slots=True)
class Caller:
    """A program with a token for the directory."""

    scope: Scope
    base: str
    """The address below which everything is."""

    def check_people(self) -> None:
        """Go on only where it may change people.

        Raises: ForbiddenException where it may not.
        """
        _check(may_change_people(self.scope))

    def check_group(self, *names: str) -> None:
        """Go on only where it may touch a group, under each of its names.

        Raises: ForbiddenException where it may not.
        """
        for name in names:
            _check(may_touch_group(self.scope, name))

    def sees_group(self, name: str) -> bool:
        """Whether a group of that name is any of its business."""
        return isinstance(may_touch_group(self.scope, name), Permit)


class Directory:
    """The directory of one server, in order from the first request on."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._shelf = Shelf()

    def caller(self, request: Request) -> Caller:
        """Whoever shows a token.

        Raises: UnauthorizedException where it is none for the directory.
        """
        shown = request.headers.get("authorization", "")
        token = shown[len(BEARER) :].strip() if shown.lower().startswith(BEARER) else ""
        with self._desk.open() as g:
            for scope in (Scope.SCIM, Scope.ROLES):
                if token and token_of(g, token, scope) is not None:
                    return Caller(scope, f"{str(request.base_url).rstrip('/')}/scim/v2")
        raise UnauthorizedException(detail="show a token of the scope scim or roles")

    @contextmanager
    def open(self) -> Iterator[tuple[Guarded, Shelf]]:
        """Everything behind the gate, and the directory in order; nobody else's until it is let go of.

        Raises: StoreError where the keys are away, or are others.
        """
        with self._desk.open() as g:
            if (away := without_keys(g)) is not None:
                raise StoreError(away.clause, away.why, hint="start the keyholder")
            if not self._shelf.settled:
                self._shelf = loaded(g)
                tell_everything(g, self._shelf)
                self._shelf.settled = True
            yield g, self._shelf


async def body(request: Request) -> dict[str, Any]:
    """The object that a request brings, with what directories write in their own way put right.

    Raises: PayloadTooLargeException, InvalidSyntaxException.
    """
    kept = bytearray()
    async for part in request.stream():
        kept += part
        if len(kept) > MOST_BODY:
            raise PayloadTooLargeException(detail="more than 1 MB was sent")
    try:
        told = pydantic_core.from_json(bytes(kept), allow_inf_nan=False)
    except ValueError as error:
        raise InvalidSyntaxException(detail="this is no JSON") from error
    if not isinstance(told, dict):
        raise InvalidSyntaxException(detail="this is no JSON object")
    mended: dict[str, Any] = _mended(told)
    return mended


def _mended(told: Any) -> Any:
    """Managers named by their id alone, as objects."""
    if isinstance(told, list):
        return [_mended(part) for part in told]
    if not isinstance(told, dict):
        return told
    found = {name: _manager(part) if _is_manager(name) else _mended(part) for name, part in told.items()}
    paths = [str(part) for name, part in told.items() if name.casefold() == "path"]
    if paths and _is_manager(paths[0]):
        return {name: _manager(part) if name.casefold() == "value" else part for name, part in found.items()}
    return found


def _is_manager(path: str) -> bool:
    return path.casefold().rpartition(":")[2] == "manager"


def _manager(told: Any) -> Any:
    if isinstance(told, dict):
        ref = str(told.get("$ref") or "").rstrip("/").rpartition("/")[2]
        value = told.get("value") or ref
        return {"value": value} if value else None
    return {"value": told} if isinstance(told, str) and told else None if told == "" else told


def _check(verdict: Permit | Refuse) -> None:
    if isinstance(verdict, Refuse):
        raise ForbiddenException(detail=verdict.why)
