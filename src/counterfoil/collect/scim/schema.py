"""What of a person and a group this server has a use for; everything else a directory sends is ignored.

Source: RFC 7643 4.1, 4.2 and 4.3, read 2026-11-23.
"""

from typing import Annotated, Any

from pydantic import Field
from scim2_models import (
    AnyExtension,
    CaseExact,
    ComplexAttribute,
    Extension,
    Mutability,
    Reference,
    Required,
    Resource,
    ScimPolicy,
    Uniqueness,
)
from scim2_models import Group as FullGroup
from scim2_models import User as FullUser
from scim2_models.urn import URN

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
TOLERANT = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
"""Directories send more than RFC 7644 has, and some of it in their own way."""


class Name(ComplexAttribute):
    """A person's name."""

    formatted: str | None = None
    """The whole name."""
    family_name: str | None = None
    """The family name."""
    given_name: str | None = None
    """The given name."""


class Email(ComplexAttribute):
    """A mail address, by which use that comes in is known to be a person's."""

    value: str | None = None
    """The address."""
    type: str | None = None
    """What it is for."""
    primary: bool | None = None
    """Whether it is the first to use."""


class GroupOf(ComplexAttribute):
    """A group that a person is in."""

    value: Annotated[str | None, Mutability.read_only, CaseExact.true] = None
    """The group's id."""
    ref: Annotated[Reference[FullGroup] | None, Mutability.read_only] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    """The group's address."""
    display: Annotated[str | None, Mutability.read_only] = None
    """The group's name."""


class Manager(ComplexAttribute):
    """Whose direct report a person is."""

    value: Annotated[str | None, Required.true, CaseExact.true] = None
    """The manager's id."""


class EnterpriseUser(Extension):
    """Where a person is in the organisation."""

    __schema__ = URN(ENTERPRISE)

    division: str | None = None
    """The unit above the department."""
    department: str | None = None
    """The unit."""
    manager: Manager | None = None
    """It says who leads a unit, and serves nothing else."""


class User(Resource[AnyExtension]):
    """A person."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    """How the directory calls them."""
    name: Name | None = None
    """Their name."""
    display_name: str | None = None
    """Their name, as it is shown."""
    title: str | None = None
    """Their title; it stays with the keys."""
    user_type: str | None = None
    """The group of roles that they are in, such as engineering."""
    active: bool | None = None
    """Whether they are there; somebody who left is not."""
    emails: list[Email] | None = None
    """Their mail addresses."""
    groups: Annotated[list[GroupOf] | None, Mutability.read_only] = None
    """The groups that they are in."""


class Member(ComplexAttribute):
    """Somebody, or a group, in a group."""

    value: Annotated[str | None, Mutability.immutable, CaseExact.true] = None
    """Their id."""
    ref: Annotated[Reference[FullUser[Any] | FullGroup] | None, Mutability.immutable] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    """Their address."""
    type: Annotated[str | None, Mutability.immutable] = Field(None, examples=["User", "Group"])
    """User or Group."""


class Group(Resource[Any]):
    """A group of people: a unit, or those who hold a role."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:Group")

    display_name: Annotated[str | None, Required.true] = None
    """Its name."""
    members: list[Member] | None = None
    """Who is in it."""


Person = User[EnterpriseUser]
