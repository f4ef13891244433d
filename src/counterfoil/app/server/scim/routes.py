"""The addresses of SCIM 2.0: people, groups, and what this server says of itself."""

from fastapi import APIRouter, Depends, Request, Response
from scim2_models import Context, NotFoundException, NotImplementedException, SCIMException

from counterfoil.app.server.desk import Desk
from counterfoil.app.server.scim import groups, people
from counterfoil.app.server.scim.answers import ScimRoute, answer
from counterfoil.app.server.scim.caller import Caller, Directory
from counterfoil.app.server.scim.discovery import check_unfiltered, config, one_of, resource_types, schemas
from counterfoil.app.server.scim.listing import whole
from counterfoil.app.server.scim.resources import dumped

EVERY = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
FOLDERS = {"ServiceProviderConfig", "ResourceTypes", "Schemas", "Users", "Groups"}
NOT_HERE = {".search", "Bulk", "Me"}
"""What RFC 7644 lets a server leave out."""


class _NotAllowed(SCIMException):
    status = 405
    _default_detail = "this can't be done with what is at this address"


def router(desk: Desk) -> APIRouter:
    """Everything below /scim/v2."""
    directory = Directory(desk)
    routes = APIRouter(route_class=ScimRoute)
    routes.include_router(people.router(directory))
    routes.include_router(groups.router(directory))
    routes.include_router(_itself(directory))
    return routes


def _itself(directory: Directory) -> APIRouter:
    """What this server says of itself, and of what it has not."""
    routes = APIRouter(prefix="/scim/v2", route_class=ScimRoute)
    who = Depends(directory.caller)

    @routes.get("/ServiceProviderConfig")
    def configured(request: Request, caller: Caller = who) -> Response:
        """What it can do."""
        check_unfiltered(request.query_params.get("filter"))
        return answer(dumped(config(caller.base), Context.RESOURCE_QUERY_RESPONSE))

    @routes.get("/ResourceTypes")
    def types(request: Request, caller: Caller = who) -> Response:
        """What there is."""
        check_unfiltered(request.query_params.get("filter"))
        return answer(whole(resource_types(caller.base)))

    @routes.get("/ResourceTypes/{id}")
    def type_of(id: str, caller: Caller = who) -> Response:
        """One of them."""
        return answer(dumped(one_of(resource_types(caller.base), id), Context.RESOURCE_QUERY_RESPONSE))

    @routes.get("/Schemas")
    def described(request: Request, caller: Caller = who) -> Response:
        """The attributes of everything."""
        check_unfiltered(request.query_params.get("filter"))
        return answer(whole(schemas(caller.base)))

    @routes.get("/Schemas/{id}")
    def schema_of(id: str, caller: Caller = who) -> Response:
        """The attributes of one."""
        return answer(dumped(one_of(schemas(caller.base), id), Context.RESOURCE_QUERY_RESPONSE))

    @routes.api_route("", methods=EVERY, dependencies=[who])
    @routes.api_route("/{rest:path}", methods=EVERY, dependencies=[who])
    def nothing(rest: str = "") -> Response:
        """Say that there is nothing, or that it can't be done."""
        first, last = rest.partition("/")[0], rest.rpartition("/")[2]
        if last in NOT_HERE:
            raise NotImplementedException(detail="this server does not do that")
        raise (
            _NotAllowed
            if first in FOLDERS and rest.count("/") < 2
            else NotFoundException(detail="there is nothing at this address")
        )

    return routes
