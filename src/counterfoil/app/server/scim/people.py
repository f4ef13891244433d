"""People: /scim/v2/Users."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from scim2_models import Context, PatchOp

from counterfoil.app.server.scim.answers import ScimRoute, answer
from counterfoil.app.server.scim.caller import Caller, Directory, body
from counterfoil.app.server.scim.listing import listed, parameters_of, search_of
from counterfoil.app.server.scim.resources import dumped, person_resource, said_of
from counterfoil.collect.scim.schema import TOLERANT, Person
from counterfoil.guard.directory.people import create_person, person, remove_person, replace_person
from counterfoil.guard.directory.shelf import entry_of
from counterfoil.terms.directory import CardKind
from counterfoil.terms.ids import CardId

Sent = Annotated[dict[str, Any], Depends(body)]


def router(directory: Directory) -> APIRouter:
    """The addresses of people."""
    who = Depends(directory.caller)
    routes = APIRouter(
        prefix="/scim/v2/Users", route_class=ScimRoute, dependencies=[who, Depends(directory.after)]
    )
    _reads(routes, directory)
    _changes(routes, directory)
    return routes


def _reads(routes: APIRouter, directory: Directory) -> None:
    who = Depends(directory.caller)

    @routes.get("")
    def found(request: Request, caller: Caller = who) -> Response:
        """Everybody, or those that a filter leaves."""
        search = search_of(request, Person)
        with directory.open() as (g, shelf):
            told = listed(
                g, search, CardKind.PERSON, lambda card: person_resource(shelf, entry_of(card), caller)
            )
        return answer(told)

    @routes.get("/{id}")
    def one(id: str, request: Request, caller: Caller = who) -> Response:
        """Somebody."""
        wanted = parameters_of(request, Person)
        with directory.open() as (g, shelf):
            resource = person_resource(shelf, person(g, CardId(id)), caller)
        return answer(dumped(resource, Context.RESOURCE_QUERY_RESPONSE, wanted))


def _changes(routes: APIRouter, directory: Directory) -> None:
    who = Depends(directory.caller)

    @routes.post("")
    def created(request: Request, sent: Sent, caller: Caller = who) -> Response:
        """Take somebody in."""
        caller.check_people()
        wanted = parameters_of(request, Person)
        new = Person.model_validate(sent, scim_ctx=Context.RESOURCE_CREATION_REQUEST, scim_policy=TOLERANT)
        with directory.open() as (g, shelf):
            resource = person_resource(shelf, create_person(g, shelf, said_of(new)), caller)
        return _done(resource, Context.RESOURCE_CREATION_RESPONSE, wanted, status=201)

    @routes.put("/{id}")
    def replaced(id: str, request: Request, sent: Sent, caller: Caller = who) -> Response:
        """Take in all that is said of somebody now."""
        caller.check_people()
        wanted = parameters_of(request, Person)
        new = Person.model_validate(sent, scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST, scim_policy=TOLERANT)
        with directory.open() as (g, shelf):
            new.replace(person_resource(shelf, person(g, CardId(id)), caller))
            resource = person_resource(shelf, replace_person(g, shelf, CardId(id), said_of(new)), caller)
        return _done(resource, Context.RESOURCE_REPLACEMENT_RESPONSE, wanted)

    @routes.patch("/{id}")
    def patched(id: str, request: Request, sent: Sent, caller: Caller = who) -> Response:
        """Take in what changed of somebody."""
        caller.check_people()
        wanted = parameters_of(request, Person)
        patch = PatchOp[Person].model_validate(
            sent, scim_ctx=Context.RESOURCE_PATCH_REQUEST, scim_policy=TOLERANT
        )
        with directory.open() as (g, shelf):
            now = person_resource(shelf, person(g, CardId(id)), caller)
            patch.patch(now, TOLERANT)
            resource = person_resource(shelf, replace_person(g, shelf, CardId(id), said_of(now)), caller)
        return _done(resource, Context.RESOURCE_PATCH_RESPONSE, wanted)

    @routes.delete("/{id}")
    def removed(id: str, caller: Caller = who) -> Response:
        """Somebody is in the directory no longer."""
        caller.check_people()
        with directory.open() as (g, shelf):
            remove_person(g, shelf, CardId(id))
        return Response(status_code=204)


def _done(resource: Person, context: Context, wanted: Any, *, status: int = 200) -> Response:
    location = str(resource.meta.location) if resource.meta else ""
    return answer(dumped(resource, context, wanted), status, {"Location": location})
