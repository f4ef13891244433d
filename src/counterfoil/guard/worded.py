"""Words of a question as the log may have them: what could be anybody's name is left out of it."""

import re
from collections.abc import Collection, Mapping

from counterfoil.guard.force import Version
from counterfoil.guard.guarded import Guarded, without_keys
from counterfoil.guard.members import Members
from counterfoil.guard.rows import ROW_FILTERS
from counterfoil.measure.cohort.metric import METRICS
from counterfoil.programme.purposes import KNOWN
from counterfoil.terms.audited import PURPOSE
from counterfoil.terms.release import Refuse

LEFT_OUT = ""
NAMES_SOMEBODY = Refuse("names-a-person", "Its name is in a log for good, and has to name nobody.")
ADDRESS, PSEUDONYM = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"), re.compile(r"[0-9a-f]{32}", re.ASCII)
PARTS = re.compile(r"[\s/:]+")


def metric_told(force: Version | None, metric: str) -> str:
    """The name of a figure; nothing where there is none of that name."""
    named: Collection[str] = () if force is None else [one.id for one in force.agreed().metrics]
    return metric if metric in METRICS or metric in named else LEFT_OUT


def purpose_told(force: Version | None, purpose: str) -> str:
    """A purpose; nothing where nobody ever heard of it."""
    named: Collection[str] = () if force is None else force.agreed().about.purposes
    return purpose if purpose in KNOWN | {PURPOSE} or purpose in named else LEFT_OUT


def unit_told(members: Members, unit: str) -> str:
    """The name of a unit; nothing where there is none of that name."""
    return unit if unit in members.below or unit in members.parents else LEFT_OUT


def filters_told(g: Guarded, members: Members, filters: Mapping[str, str]) -> Mapping[str, str]:
    """What people and rows are chosen by, with nothing in place of words that may be a name."""
    return {name: _value(g, members, name, value) for name, value in filters.items() if name in _NAMES}


_NAMES = frozenset({"unit", "role", "person", "who", *ROW_FILTERS})


def _value(g: Guarded, members: Members, name: str, value: str) -> str:
    if name == "unit":
        return unit_told(members, value)
    if name == "role":
        return value if value in set(members.role.tolist()) else LEFT_OUT
    is_named = name not in ROW_FILTERS or without_keys(g) is not None or names_somebody(g, value)
    return LEFT_OUT if is_named else value


def names_somebody(g: Guarded, text: str) -> bool:
    """Whether a word of a text is how a person is known here, by a name of theirs or by their pseudonym.

    Raises: StoreError while the keys are away.
    """
    words = [word.strip(".,;!?()<>\"'") for word in (*text.split(), *PARTS.split(text))]
    if any(ADDRESS.fullmatch(word) or PSEUDONYM.fullmatch(word) for word in words):
        return True
    return any(one is not None for one in g.keys.known(sorted({text, *filter(None, words)})))
