"""Says in which points one ceiling lets through what another does not; silence means that it is stricter."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from counterfoil.guard.acting.written import matches
from counterfoil.terms.agent import Ceiling


def wider(old: Ceiling, new: Ceiling) -> Sequence[str]:
    """What the new one lets through that the old one did not, in words; empty where nothing."""
    return list(_wider(old, new))


def any_wider(old: Sequence[Ceiling], new: Sequence[Ceiling]) -> Sequence[str]:
    """The same of all ceilings together; the first of all lets through what nothing did before."""
    before, after = ({ceiling.name: ceiling for ceiling in some} for some in (old, new))
    if not old:
        return ["there was none, so nothing was let through"]
    found = []
    for name, ceiling in before.items():
        if name not in after:
            found.append(f"{name} has no ceiling of its own any more")
        else:
            found += [f"{name}: {says}" for says in wider(ceiling, after[name])]
    return found


def _wider(old: Ceiling, new: Ceiling) -> Iterator[str]:
    for connector, effects in sorted(new.connectors.items()):
        for effect in effects:
            if effect not in old.connectors.get(connector, ()):
                yield f"{connector} may {effect}"
    for what, mine, others in (
        ("models", old.models, new.models),
        ("regions", old.regions, new.regions),
        ("inside", old.inside, new.inside),
    ):
        for pattern in others:
            if not _covered(mine, pattern):
                yield f"{what} has {pattern}"
    for pattern in old.production:
        if not _covered(new.production, pattern):
            yield f"{pattern} is production no more"
    if set(new.approvers) - set(old.approvers):
        yield "somebody else may say yes"
    if new.planted_one_in > 0 and not 0 < old.planted_one_in <= new.planted_one_in:
        yield f"one question in {new.planted_one_in} may be planted"
    for span in ("run", "day", "month"):
        before, after = getattr(old.budget, span), getattr(new.budget, span)
        if after > before:
            yield f"a {span} may cost {_usd(after)} USD instead of {_usd(before)}"


def _covered(patterns: Sequence[str], pattern: str) -> bool:
    """Whether all that a pattern stands for is in one of some patterns.

    A `*` of it can only be taken by a `*` of theirs, and that takes whatever stands in its place.
    """
    return any(matches(one, pattern) for one in patterns)


def _usd(micro: int) -> Decimal:
    return (Decimal(micro) / 1_000_000).quantize(Decimal("0.01"))
