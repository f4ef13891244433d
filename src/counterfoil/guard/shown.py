"""What the programme in force allows to be asked: for what, by whom, and of how many."""

from collections.abc import Mapping, Sequence

from counterfoil.terms.absent import Unknown
from counterfoil.terms.aim import Audience, Display
from counterfoil.terms.ask import Ask, Role
from counterfoil.terms.audited import PURPOSE
from counterfoil.terms.ids import MetricId
from counterfoil.terms.metric import Kind, Level
from counterfoil.terms.programme import Programme

HARD_FLOORS = {Kind.ACTIVITY: 50, Kind.COST: 50}
"""The fewest others, by kind, whatever a programme says."""
LEAST_FLOOR = 5
AUDIENCES: Mapping[Role, frozenset[Audience]] = {
    Role.EMPLOYEE: frozenset({Audience.EVERYONE}),
    Role.LEADER: frozenset({Audience.EVERYONE, Audience.LEADERS, Audience.LINE_MANAGERS}),
    Role.FINANCE: frozenset({Audience.EVERYONE, Audience.FINANCE}),
    Role.COUNCIL: frozenset({Audience.EVERYONE, Audience.PARTIES}),
    Role.DPO: frozenset({Audience.EVERYONE, Audience.PARTIES}),
    Role.ADMIN: frozenset({Audience.EVERYONE, Audience.STEWARDS}),
    Role.OPERATOR: frozenset({Audience.EVERYONE, Audience.STEWARDS}),
}
COARSENESS = tuple(Level)
"""Levels from the finest to the coarsest."""


def in_programme(programme: Programme, ask: Ask) -> bool:
    """Whether the programme names the purpose, or has checks for it, and measures the figure."""
    checked = ask.purpose == PURPOSE and bool(programme.gaming.checks)
    named = checked or ask.purpose in programme.about.purposes
    return named and _level(programme, ask.metric) is not None


def shown(programme: Programme, ask: Ask, role: Role) -> bool:
    """Whether the programme shows the figure, at this level, to those who hold a role."""
    return bool(_displays(programme, ask.metric, ask.by, role))


def displays_of(programme: Programme, metric: MetricId) -> Sequence[Display]:
    """Displays of a figure of groups, whoever they are for."""
    return [d for d in programme.displays if metric in d.metrics and d.level is not Level.PERSON]


def floor_of(programme: Programme, kind: Kind, ask: Ask, role: Role) -> int:
    """The fewest others behind a figure for this viewer: the largest of all that is promised."""
    stated = programme.floors.activity if kind in HARD_FLOORS else programme.floors.outcome
    displays = [d.floor for d in _displays(programme, ask.metric, ask.by, role)]
    least = min((floor for floor in displays if not isinstance(floor, Unknown)), default=0)
    return max(HARD_FLOORS.get(kind, LEAST_FLOOR), 0 if isinstance(stated, Unknown) else stated, least)


def floor_of_fact(programme: Programme, kinds: Mapping[MetricId, Kind]) -> int:
    """The largest floor of any of a fact's figures, which its atoms have to keep."""
    floors = programme.floors
    promised: list[int | Unknown] = [d.floor for d in programme.displays if set(d.metrics) & set(kinds)]
    for kind in kinds.values():
        promised += [
            floors.activity if kind in HARD_FLOORS else floors.outcome,
            HARD_FLOORS.get(kind, LEAST_FLOOR),
        ]
    return max(floor for floor in promised if not isinstance(floor, Unknown))


def _displays(programme: Programme, metric: MetricId, by: Level, role: Role) -> Sequence[Display]:
    """Displays of a figure at this level or a finer one; a display of single people shows no group."""
    level = _level(programme, metric)
    if level is None or by is Level.PERSON or COARSENESS.index(by) < COARSENESS.index(level):
        return []
    return [
        display
        for display in programme.displays
        if metric in display.metrics
        and display.level is not Level.PERSON
        and COARSENESS.index(display.level) <= COARSENESS.index(by)
        and set(display.audience) & AUDIENCES[role]
    ]


def _level(programme: Programme, metric: MetricId) -> Level | None:
    """The finest level of a figure that the programme measures; the coarsest where it does not say."""
    for found in programme.metrics:
        if found.id == metric:
            return Level.COMPANY if isinstance(found.level, Unknown) else found.level
    return None
