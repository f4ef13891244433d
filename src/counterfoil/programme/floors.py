"""How many units each floor of a programme would hide."""

from collections.abc import Iterator

from counterfoil.programme.rule import Hit, finding
from counterfoil.programme.rules.note import hidden_units
from counterfoil.terms.absent import Unknown
from counterfoil.terms.finding import Finding
from counterfoil.terms.metric import Level
from counterfoil.terms.programme import Headcount, Programme


def hidden(programme: Programme, headcount: Headcount) -> Iterator[Finding]:
    """One note for each floor: how many units it hides from outside, and from their own members."""
    left_out = (
        f" {headcount.skipped:,} lines of the list name no person or no unit." if headcount.skipped else ""
    )
    for where, floor in _floors(programme):
        outside = sum(size < floor for size in headcount.sizes)
        inside = sum(size - 1 < floor for size in headcount.sizes)
        says = (
            f"With at least {floor:,} other people behind a figure, {outside:,} of {len(headcount.sizes):,} "
            f"units are hidden from people outside them, {inside:,} from their own members.{left_out}"
        )
        yield finding(hidden_units.text, Hit(where, says))


def _floors(programme: Programme) -> Iterator[tuple[str, int]]:
    floors = programme.floors
    named = [(f"floors.{name}", getattr(floors, name)) for name in ("activity", "outcome", "comments")]
    named += [
        (f"displays.{d.id}.floor", d.floor) for d in programme.displays if d.level in {Level.TEAM, Level.UNIT}
    ]
    return ((where, floor) for where, floor in named if not isinstance(floor, Unknown))
