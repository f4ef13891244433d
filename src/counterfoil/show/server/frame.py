"""What every page of the server has around it: where one is, who one is, and whether all is invented."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from counterfoil.terms.ask import Role

PAGES = (
    ("/", "Worth"),
    ("/delivery", "Delivery"),
    ("/usage", "Usage"),
    ("/units", "Units"),
    ("/targets", "Targets and boards"),
    ("/audit", "Audit"),
    ("/agents", "Agents"),
    ("/approvals", "Approvals"),
    ("/programme", "Programme"),
    ("/me", "My record"),
    ("/ledger", "Log"),
    ("/admin", "Admin"),
)
ROLES = {
    Role.EMPLOYEE: "an employee",
    Role.LEADER: "a leader",
    Role.FINANCE: "finance",
    Role.COUNCIL: "the works council",
    Role.DPO: "data protection",
    Role.ADMIN: "an administrator",
    Role.OPERATOR: "the operator",
}
"""A role, as whoever looks in it."""
PEOPLE_ALONE, KEEPERS_ALONE = {"/me", "/approvals"}, {"/admin"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A way to somewhere, and whether one is there already."""

    to: str
    says: str
    here: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What is around a page."""

    pages: Sequence[Link]
    role: str
    """In which role it is looked at, in words."""
    csrf: str
    """What every form sends along."""
    example: bool
    """Whether everything is invented."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FramedPage:
    """A page of somebody who signed in."""

    frame: Frame
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingPage(FramedPage):
    """A page while no programme is in force."""

    template: ClassVar[str] = "server_nothing.html.j2"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedPage(FramedPage):
    """A page that is not for whoever asks."""

    template: ClassVar[str] = "server_refused.html.j2"
    clause: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestShown:
    """Somebody invented, through whose eyes the pages can be looked at."""

    key: str
    label: str
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamplePage:
    """Where a look at an invented company begins."""

    template: ClassVar[str] = "server_example.html.j2"
    title: str
    people: str
    """How many, roughly."""
    csrf: str
    guests: Sequence[GuestShown]
    report: str
    """Where the report on this machine is; empty where there is none, or not for whoever looks."""
    report_invented: bool
    """Whether that is invented too, since there was nothing to report on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TroublePage:
    """Why there is no page, and what to do."""

    template: ClassVar[str] = "server_trouble.html.j2"
    title: str
    says: str
    hint: str


def frame_of(*, here: str, role: Role, csrf: str, example: bool) -> Frame:
    """The frame of a page; what is not for a role is no link."""
    keeper = role in {Role.ADMIN, Role.OPERATOR}
    hidden = (PEOPLE_ALONE if role is Role.OPERATOR else set()) | (set() if keeper else KEEPERS_ALONE)
    return Frame(
        pages=[Link(to=to, says=says, here=to == here) for to, says in PAGES if to not in hidden],
        role=ROLES[role],
        csrf=csrf,
        example=example,
    )
