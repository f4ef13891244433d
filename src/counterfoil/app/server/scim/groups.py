"""Groups: /scim/v2/Groups, those that give a role for tokens of that scope alone."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from scim2_models import Context, PatchOp

from counterfoil.app.server.scim.answers import ScimRoute, answer
from counterfoil.app.server.scim.caller import Caller, Directory, body
from counterfoil.app.server.scim.listing import listed, parameters_of, search_of
from counterfoil.app.server.scim.resources import dumped, group_resource, members_of, said_of
from counterfoil.collect.scim.schema import TOLERANT, Group
from counterfoil.guard.directory.groups import create_group, group, remove_group, replace_group
from counterfoil.guard.directory.shelf import Entry, Shelf, entry_of
from counterfoil.guard.guarded import Guarded
from counterfoil.terms.directory import Card, CardKind
from counterfoil.terms.ids import CardId

Sent = Annotated[dict[str, Any], Depends(body)]


def router(directory: Directory) -> APIRouter:
    """The addresses of groups."""
    who = Depends(directory.caller)
    routes = APIRouter(
        prefix="/scim/v2/Groups", route_class=ScimRoute, dependencies=[who, Depends(directory.after)]
    )
    _reads(routes, directory)
    _changes(routes, directory)
    return routes


def _reads(routes: APIRouter, directory: Directory) -> None:
    who = Depends(directory.caller)

    @routes.get("")
    def found(request: Request, caller: Caller = who) -> Response:
        """Every group, or those that a filter leaves, of those that the caller may see."""
        search = search_of(request, Group)
        with directory.open() as (g, shelf):
            told = listed(g, search, CardKind.GROUP, lambda card: _seen(g, shelf, card, caller))
        return answer(told)

    @routes.get("/{id}")
    def one(id: str, request: Request, caller: Caller = who) -> Response:
        """A group."""
        wanted = parameters_of(request, Group)
        with directory.open() as (g, shelf):
            resource = group_resource(g, shelf, _touched(g, id, caller), caller)
        return answer(dumped(resource, Context.RESOURCE_QUERY_RESPONSE, wanted))


def _changes(routes: APIRouter, directory: Directory) -> None:
    who = Depends(directory.caller)

    @routes.post("")
    def created(request: Request, sent: Sent, caller: Caller = who) -> Response:
        """Take a group in."""
        wanted = parameters_of(request, Group)
        new = Group.model_validate(sent, scim_ctx=Context.RESOURCE_CREATION_REQUEST, scim_policy=TOLERANT)
        caller.check_group(new.display_name or "")
        with directory.open() as (g, shelf):
            entry = create_group(g, shelf, said_of(new), members_of(new))
            resource = group_resource(g, shelf, entry, caller)
        return _done(resource, Context.RESOURCE_CREATION_RESPONSE, wanted, status=201)

    @routes.put("/{id}")
    def replaced(id: str, request: Request, sent: Sent, caller: Caller = who) -> Response:
        """Take in all that is said of a group now."""
        wanted = parameters_of(request, Group)
        new = Group.model_validate(sent, scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST, scim_policy=TOLERANT)
        with directory.open() as (g, shelf):
            _touched(g, id, caller)
            resource = _kept(g, shelf, id, new, caller)
        return _done(resource, Context.RESOURCE_REPLACEMENT_RESPONSE, wanted)

    @routes.patch("/{id}")
    def patched(id: str, request: Request, sent: Sent, caller: Caller = who) -> Response:
        """Take in what changed of a group."""
        wanted = parameters_of(request, Group)
        patch = PatchOp[Group].model_validate(
            sent, scim_ctx=Context.RESOURCE_PATCH_REQUEST, scim_policy=TOLERANT
        )
        with directory.open() as (g, shelf):
            now = group_resource(g, shelf, _touched(g, id, caller), caller)
            patch.patch(now, TOLERANT)
            resource = _kept(g, shelf, id, now, caller)
        return _done(resource, Context.RESOURCE_PATCH_RESPONSE, wanted)

    @routes.delete("/{id}")
    def removed(id: str, caller: Caller = who) -> Response:
        """There is such a group no longer."""
        with directory.open() as (g, shelf):
            _touched(g, id, caller)
            remove_group(g, shelf, CardId(id))
        return Response(status_code=204)


def _touched(g: Guarded, id: str, caller: Caller) -> Entry:
    """A group that the caller may touch."""
    entry = group(g, CardId(id))
    caller.check_group(str(entry.says.get("displayName") or ""))
    return entry


def _kept(g: Guarded, shelf: Shelf, id: str, new: Group, caller: Caller) -> Group:
    """A group as it is to be, under a name that the caller may touch too."""
    caller.check_group(new.display_name or "")
    entry = replace_group(g, shelf, CardId(id), said_of(new), members_of(new))
    return group_resource(g, shelf, entry, caller)


def _seen(g: Guarded, shelf: Shelf, card: Card, caller: Caller) -> Group | None:
    entry = entry_of(card)
    is_seen = caller.sees_group(str(entry.says.get("displayName") or ""))
    return group_resource(g, shelf, entry, caller) if is_seen else None


def _done(resource: Group, context: Context, wanted: Any, *, status: int = 200) -> Response:
    location = str(resource.meta.location) if resource.meta else ""
    return answer(dumped(resource, context, wanted), status, {"Location": location})
