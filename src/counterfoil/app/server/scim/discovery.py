"""What this server says of itself: what it can do, and which attributes it has a use for."""

from collections.abc import Sequence
from typing import Any

from scim2_models import (
    AuthenticationScheme,
    Bulk,
    ChangePassword,
    ETag,
    Filter,
    ForbiddenException,
    Meta,
    NotFoundException,
    Patch,
    Resource,
    ResourceType,
    Schema,
    ServiceProviderConfig,
    Sort,
)

from counterfoil.collect.scim.schema import EnterpriseUser, Group, Person, User

MOST_AT_ONCE, USUALLY = 200, 100
"""Resources in one answer: at most, and where the question does not say."""


def config(base: str) -> ServiceProviderConfig:
    """What this server can do."""
    return ServiceProviderConfig(
        meta=Meta(resource_type="ServiceProviderConfig", location=f"{base}/ServiceProviderConfig"),
        patch=Patch(supported=True),
        bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
        filter=Filter(supported=True, max_results=MOST_AT_ONCE),
        change_password=ChangePassword(supported=False),
        sort=Sort(supported=False),
        etag=ETag(supported=False),
        authentication_schemes=[
            AuthenticationScheme(
                type=AuthenticationScheme.Type.oauthbearertoken,
                name="Bearer token",
                description="A token of the scope scim or roles, from: counterfoil token new",
            )
        ],
    )


def resource_types(base: str) -> Sequence[ResourceType]:
    """People and groups."""
    found = [ResourceType.from_resource(model) for model in (Person, Group)]
    for kind in found:
        kind.meta = Meta(resource_type="ResourceType", location=f"{base}/ResourceTypes/{kind.id}")
    return found


def schemas(base: str) -> Sequence[Schema]:
    """The attributes of people and groups, and of what this server says of itself."""
    models = (User, EnterpriseUser, Group, ServiceProviderConfig, ResourceType, Schema)
    found = [model.to_schema() for model in models]
    for schema in found:
        schema.meta = Meta(resource_type="Schema", location=f"{base}/Schemas/{schema.id}")
    return found


def one_of(found: Sequence[Resource[Any]], id: str) -> Resource[Any]:
    """The one with an id.

    Raises: NotFoundException where there is none.
    """
    for one in found:
        if one.id == id:
            return one
    raise NotFoundException(detail="there is nothing of that id")


def check_unfiltered(asked: str | None) -> None:
    """What a server says of itself is told whole.

    Raises: ForbiddenException where a part of it is asked for (RFC 7644 4).
    """
    if asked is not None:
        raise ForbiddenException(detail="this is told whole, without a filter")
