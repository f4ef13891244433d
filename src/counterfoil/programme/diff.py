"""What gets weaker or stronger between two versions of a programme, and for whom."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import timedelta
from typing import Any

from counterfoil.programme.facets import FACETS, WHOM, Way, strength
from counterfoil.programme.lint import fails, lint
from counterfoil.programme.load import Loaded
from counterfoil.terms.absent import Unknown
from counterfoil.terms.aim import Display
from counterfoil.terms.finding import Change, Direction, Finding
from counterfoil.terms.metric import Level
from counterfoil.terms.programme import Programme, Suppression

ADDED = {
    "parties": Direction.STRONGER,
    "targets": Direction.WEAKER,
    "suppress": Direction.WEAKER,
}
"""What it means that an entry is new; a display is judged by what it shows of whom, a metric by its use."""
OPPOSITE = {
    Direction.WEAKER: Direction.STRONGER,
    Direction.STRONGER: Direction.WEAKER,
    Direction.OTHER: Direction.OTHER,
}
ORDER = (Direction.WEAKER, Direction.STRONGER, Direction.OTHER)


def diff(old: Loaded, new: Loaded) -> Sequence[Change]:
    """Every difference, what gets weaker first; the order of tables is no difference."""
    before, after = old.programme, new.programme
    found = [change for section in fields(Programme) for change in _section(section.name, before, after)]
    found += _judged(lint(old), lint(new))
    return sorted(found, key=lambda c: (ORDER.index(c.direction), c.where, c.says))


def _judged(old: Sequence[Finding], new: Sequence[Finding]) -> Iterator[Change]:
    """What the rules find that they did not before, and what they no longer find."""
    before, after = ({(f.id, f.where): f for f in found if fails([f])} for found in (old, new))
    appeared = [(Direction.WEAKER, f, "is found") for key, f in after.items() if key not in before]
    gone = [(Direction.STRONGER, f, "is no longer found") for key, f in before.items() if key not in after]
    for way, f, words in (*appeared, *gone):
        says = f"{f.id} {words}: {f.message}"
        yield Change(where=f.where, direction=way, whom=_whom(f.where), says=says)


def _section(name: str, old: Programme, new: Programme) -> Iterator[Change]:
    before, after = getattr(old, name), getattr(new, name)
    if is_dataclass(before):
        yield from _fields(name, name, before, after)
        return
    entries, others = _by_name(before), _by_name(after)
    for key in sorted({*entries, *others}):
        where = f"{name}.{key}"
        if key not in entries:
            yield _entry(where, others[key], "is new", flipped=False)
        elif key not in others:
            yield _entry(where, entries[key], "is gone", flipped=True)
        else:
            yield from _fields(where, name, entries[key], others[key])


def _by_name(entries: Sequence[Any]) -> Mapping[str, Any]:
    return {_name(entry): entry for entry in entries}


def _name(entry: Any) -> str:
    if not isinstance(entry, Suppression):
        return str(entry.id)
    return entry.rule if isinstance(entry.where, Unknown) else f"{entry.rule}.{entry.where}"


def _entry(where: str, entry: Any, words: str, *, flipped: bool) -> Change:
    section = where.partition(".")[0]
    way = ADDED.get(section, Direction.OTHER)
    if isinstance(entry, Display) and entry.level is Level.PERSON:
        way = Direction.STRONGER if entry.is_own_view and not entry.ranked else Direction.WEAKER
    return Change(
        where=where,
        direction=OPPOSITE[way] if flipped else way,
        whom=_whom(where),
        says=f"It {words}.",
    )


def _fields(where: str, section: str, old: Any, new: Any) -> Iterator[Change]:
    for field in fields(old):
        before, after = getattr(old, field.name), getattr(new, field.name)
        if _plain(before) != _plain(after):
            yield Change(
                where=f"{where}.{field.name}",
                direction=_direction(f"{section}.{field.name}", before, after),
                whom=_whom(where),
                says=f"It was {_words(before)}, and is {_words(after)}.",
            )


def _plain(value: Any) -> Any:
    """A list without its order, which says nothing."""
    return frozenset(value) if isinstance(value, tuple) else value


def _direction(path: str, before: Any, after: Any) -> Direction:
    facet = FACETS.get(path)
    if facet is None:
        return Direction.OTHER
    if facet in {Way.MORE, Way.FEWER} and not isinstance(before, Unknown) and not isinstance(after, Unknown):
        return _listed(facet is Way.MORE, frozenset(before), frozenset(after))
    was, is_now = strength(facet, before), strength(facet, after)
    if facet is Way.LOWER and was[0] == is_now[0]:
        was, is_now = is_now, was
    return Direction.STRONGER if is_now > was else Direction.WEAKER


def _listed(more_is_stronger: bool, before: frozenset[Any], after: frozenset[Any]) -> Direction:
    """An entry that came or went; where both happened, the harm decides."""
    added, removed = after - before, before - after
    harmed = removed if more_is_stronger else added
    return Direction.WEAKER if harmed else Direction.STRONGER


def _words(value: Any) -> str:
    if isinstance(value, Unknown):
        return "not said"
    if isinstance(value, tuple):
        return ", ".join(str(entry) for entry in sorted(value)) or "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, timedelta):
        return f"{value.total_seconds() / 86_400:g} days"
    return f"{value:,.10g}" if isinstance(value, float) else f"“{value}”" if " " in str(value) else str(value)


def _whom(where: str) -> str:
    return WHOM[where.partition(".")[0]]
