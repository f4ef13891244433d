"""Who sends what: the token that a request shows, and the body that it brings."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any

import pydantic_core
from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from scim2_models import (
    ForbiddenException,
    InvalidSyntaxException,
    PayloadTooLargeException,
    UnauthorizedException,
)

from counterfoil.app.server.desk import Desk
from counterfoil.guard.directory.may import may_change_people, may_touch_group
from counterfoil.guard.directory.shelf import Shelf, loaded
from counterfoil.guard.directory.telling import catch_up, tell_everything
from counterfoil.guard.guarded import Guarded, without_keys
from counterfoil.guard.tokens import Scope, token_of
from counterfoil.terms.error import CounterfoilError, StoreError
from counterfoil.terms.release import Permit, Refuse

MOST_BODY = 1_048_576
BEARER = "bearer "
PATIENCE = 4
"""The lake is told for at most a fifth of the time, however fast a directory sends."""


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
        self._tail: asyncio.Task[None] | None = None

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
                self._shelf.settled, self._shelf.waiting.patience = True, PATIENCE
            catch_up(g, self._shelf)
            yield g, self._shelf

    async def after(self) -> AsyncIterator[None]:
        """See to it, once a request is answered, that what waits does not wait for the next one."""
        yield
        if self._shelf.waiting.day is not None and (self._tail is None or self._tail.done()):
            self._tail = asyncio.get_running_loop().create_task(self._told_later())

    async def _told_later(self) -> None:
        await asyncio.sleep(max(self._shelf.waiting.due - monotonic(), 0))
        # What can't be told now is told by the next request, or that says why not.
        with suppress(CounterfoilError):
            await run_in_threadpool(self._catch_up)

    def _catch_up(self) -> None:
        with self.open():
            pass


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
