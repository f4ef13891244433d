"""The pages at the door: how to sign in, in which role to look, and why somebody does not get in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from counterfoil.terms.ask import Role

ROLE_WORDS = {
    Role.EMPLOYEE: "an employee",
    Role.LEADER: "a leader",
    Role.FINANCE: "finance",
    Role.COUNCIL: "the works council",
    Role.DPO: "data protection",
    Role.ADMIN: "an administrator",
    Role.OPERATOR: "the operator of this machine",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPage:
    """The ways in."""

    template: ClassVar[str] = "sign_in.html.j2"
    title: str
    trouble: str
    """Why the last attempt did not sign anybody in; empty where there was none."""
    hint: str
    csrf: str
    onward: str
    """The page that was wanted."""
    provider: str
    """Where the organisation's own sign-in is; empty where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivedPage:
    """Somebody came back from the organisation's sign-in; one step takes them on."""

    template: ClassVar[str] = "arrived.html.j2"
    title: str
    onward: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RolePage:
    """In which role somebody looks, and the way out."""

    template: ClassVar[str] = "role.html.j2"
    title: str
    csrf: str
    onward: str
    now: str
    roles: Sequence[tuple[str, str, bool]]
    """Each role that they hold: its name, its words, and whether they look in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnedAwayPage:
    """Why there is no page now."""

    template: ClassVar[str] = "turned_away.html.j2"
    title: str
    says: str
    hint: str


def role_page(*, roles: Sequence[Role], now: Role, csrf: str, onward: str) -> RolePage:
    """The page on which somebody chooses in which of their roles they look."""
    return RolePage(
        title="In which role do you look?",
        csrf=csrf,
        onward=onward,
        now=ROLE_WORDS[now],
        roles=[(role, ROLE_WORDS[role], role is now) for role in Role if role in roles],
    )
