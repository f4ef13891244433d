"""Cards as SCIM resources, and SCIM resources as cards."""

from collections.abc import Mapping
from typing import Any

from scim2_models import Context, InvalidValueException, Resource

from counterfoil.app.server.scim.caller import Caller
from counterfoil.collect.scim.said import Says
from counterfoil.collect.scim.schema import TOLERANT, Group, Person, User
from counterfoil.guard.directory.groups import members
from counterfoil.guard.directory.shelf import Entry, Shelf
from counterfoil.guard.guarded import Guarded
from counterfoil.terms.directory import CardKind
from counterfoil.terms.ids import CardId

NOT_SAID = ("schemas", "id", "meta", "groups", "members")
FOLDERS: Mapping[CardKind, str] = {CardKind.PERSON: "Users", CardKind.GROUP: "Groups"}
TYPES: Mapping[CardKind, str] = {CardKind.PERSON: "User", CardKind.GROUP: "Group"}


def person_resource(shelf: Shelf, entry: Entry, caller: Caller) -> Person:
    """Somebody, with those of their groups that the caller has any business with."""
    groups = [
        {"value": id, "$ref": _address(CardKind.GROUP, id, caller), "display": shelf.groups[id]}
        for id in entry.groups
        if id in shelf.groups and caller.sees_group(shelf.groups[id])
    ]
    told = {**entry.says, **_frame(CardKind.PERSON, entry, caller), "groups": groups or None}
    return Person.model_validate(told, scim_policy=TOLERANT)


def group_resource(g: Guarded, shelf: Shelf, entry: Entry, caller: Caller) -> Group:
    """A group with its members."""
    inside = [
        {"value": id, "$ref": _address(kind, id, caller), "type": TYPES[kind]}
        for id, kind in members(g, shelf, entry).items()
    ]
    told = {**entry.says, **_frame(CardKind.GROUP, entry, caller), "members": inside or None}
    return Group.model_validate(told, scim_policy=TOLERANT)


def said_of(resource: Resource[Any]) -> Says:
    """What a resource says that is kept.

    Raises: InvalidValueException where it has no name.
    """
    told = resource.model_dump(scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST)
    says = {name: value for name, value in told.items() if name not in NOT_SAID}
    if isinstance(resource, User) and not str(says.get("userName") or "").strip():
        raise InvalidValueException(detail="userName is empty")
    return says


def members_of(group: Group) -> list[CardId]:
    """Who is to be in a group.

    Raises: InvalidValueException where a member has no id.
    """
    named = [
        member.value or str(member.ref or "").rstrip("/").rpartition("/")[2] for member in group.members or ()
    ]
    if not all(named):
        raise InvalidValueException(detail="a member has no value")
    return [CardId(id) for id in dict.fromkeys(named)]


def dumped(resource: Resource[Any], context: Context, wanted: Any = None) -> dict[str, Any]:
    """A resource as it is sent, cut to what was asked for."""
    return resource.model_dump(scim_ctx=context, response_parameters=wanted)


def _frame(kind: CardKind, entry: Entry, caller: Caller) -> Mapping[str, Any]:
    meta = {
        "resourceType": TYPES[kind],
        "created": entry.created,
        "lastModified": entry.changed,
        "location": _address(kind, entry.id, caller),
    }
    return {"id": entry.id, "meta": meta}


def _address(kind: CardKind, id: CardId, caller: Caller) -> str:
    return f"{caller.base}/{FOLDERS[kind]}/{id}"
