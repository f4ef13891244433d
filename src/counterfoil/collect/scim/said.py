"""What of a directory's words counts: where somebody is put, and what they are called elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from counterfoil.terms.absent import Place, Skipped, SkipReason, Unknown
from counterfoil.terms.directory import Placed
from counterfoil.terms.ids import CardId, UnitId
from counterfoil.terms.usage import NOT_STATED

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
LONGEST = 200
SCIM = Place("scim", 0)
Says = Mapping[str, Any]
"""What a directory says of one person or group, in the names of RFC 7643."""


@dataclass(frozen=True, slots=True)
class Names:
    """What somebody is called elsewhere."""

    own: tuple[str, ...]
    """The user name and the directory's own number: nobody else has them."""
    shared: tuple[str, ...]
    """Mail addresses, which two people may have for a while."""


def placed(says: Says, groups: Sequence[CardId]) -> Placed | Skipped:
    """Where the directory puts somebody."""
    more = says.get(ENTERPRISE) or {}
    words = (says.get("userType"), more.get("department"), more.get("division"))
    if not all(word is None or is_word(word) for word in words):
        return Skipped(SCIM, SkipReason.TOO_LONG)
    role, department, division = ((word or "").strip() for word in words)
    manager = (more.get("manager") or {}).get("value")
    return Placed(
        active=says.get("active") is not False,
        role=role,
        department=UnitId(department) if department else NOT_STATED,
        division=UnitId(division) if division else NOT_STATED,
        manager=manager or NOT_STATED,
        groups=tuple(groups),
    )


def unit_of(placed: Placed, names: Mapping[CardId, UnitId]) -> UnitId | Unknown:
    """The one unit of somebody: their department, else their division, else the group they came into last."""
    if not placed.active:
        return NOT_STATED
    for unit in (placed.department, placed.division):
        if not isinstance(unit, Unknown):
            return unit
    return next((names[group] for group in reversed(placed.groups) if group in names), NOT_STATED)


def names_of(says: Says) -> Names:
    """What somebody is called elsewhere; capitals in user names and mail addresses tell nobody apart."""
    own = (says.get("externalId"), str(says.get("userName") or "").casefold())
    mail = [str(email.get("value") or "").casefold() for email in says.get("emails") or ()]
    kept = tuple(dict.fromkeys(name for name in own if name))
    return Names(kept, tuple(name for name in dict.fromkeys(mail) if name and name not in kept))


def is_word(text: str) -> bool:
    """Whether something can name a unit or a role."""
    return len(text) <= LONGEST and text.isprintable()
