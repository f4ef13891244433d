"""Which token may touch what: people and units on one side, the roles that watch over them on the other."""

import unicodedata
from collections.abc import Mapping

from counterfoil.guard.tokens import Scope
from counterfoil.terms.ask import Role
from counterfoil.terms.release import Permit, Refuse

RESERVED = "counterfoil-"
ROLE_GROUPS: Mapping[str, Role] = {
    f"{RESERVED}{role}": role for role in (Role.COUNCIL, Role.DPO, Role.FINANCE, Role.ADMIN)
}
"""Groups whose members hold a role."""
PEOPLE = Permit("scim-people")
ROLES = Permit("scim-roles")
NOT_FOR_ROLES = Refuse("scim-roles", "Groups that give a role are for a token of the scope roles alone.")
ROLES_ALONE = Refuse("scim-people", "A token of the scope roles changes no person and no unit.")


def is_reserved(name: str) -> bool:
    """Whether a group of that name would be one that gives a role, however it is written."""
    return _plain(name).startswith(RESERVED)


def role_of(name: str) -> Role | None:
    """The role that a group of that name gives."""
    return ROLE_GROUPS.get(_plain(name))


def may_change_people(scope: Scope) -> Permit | Refuse:
    """Whether a token may change people."""
    return PEOPLE if scope is Scope.SCIM else ROLES_ALONE


def may_touch_group(scope: Scope, name: str) -> Permit | Refuse:
    """Whether a token may read or change a group of that name."""
    if is_reserved(name):
        return ROLES if scope is Scope.ROLES else NOT_FOR_ROLES
    return PEOPLE if scope is Scope.SCIM else ROLES_ALONE


def _plain(name: str) -> str:
    """A name as people read it: without what they don't see, and without capitals."""
    shown = (c for c in unicodedata.normalize("NFKC", name) if unicodedata.category(c)[0] not in "CZM")
    return "".join(shown).casefold()
