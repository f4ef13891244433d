"""Whether a programme holds together: names that exist, dates that can be, statements that agree."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from counterfoil.programme.decode import Problem, nearest
from counterfoil.programme.purposes import ABOUT_JOBS, ABOUT_REVIEWS
from counterfoil.terms.absent import Unknown
from counterfoil.terms.programme import Party, Programme
from counterfoil.terms.promise import Use

_PLACE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_CURRENCY = re.compile(r"[A-Z]{3}")


def unsound(programme: Programme, *, today: date, rules: Iterable[str]) -> Iterator[Problem]:
    """Everything that makes a programme contradict itself or the calendar."""
    yield from _repeated(programme)
    yield from _strangers(programme, rules)
    yield from _circles(programme.parties)
    yield from _contradictions(programme)
    yield from _days(programme, today)
    yield from _forms(programme)


def _repeated(p: Programme) -> Iterator[Problem]:
    groups: dict[str, Sequence[Any]] = {
        "parties": p.parties,
        "metrics": p.metrics,
        "targets": p.targets,
        "displays": p.displays,
    }
    for group, nouns in groups.items():
        for name, times in Counter(noun.id for noun in nouns).items():
            if times > 1:
                says = f"stands {times} times; each name may stand once"
                yield Problem(f"{group}.{name}", says, "give each its own id")


def _strangers(p: Programme, rules: Iterable[str]) -> Iterator[Problem]:
    """Names that refer to nothing."""
    metrics = [metric.id for metric in p.metrics]
    for m in p.metrics:
        yield from _unknown(f"metrics.{m.id}.counterweights", m.counterweights, metrics, "metric")
        if m.id in m.counterweights:
            hint = "name a metric that gets worse when this one is inflated"
            yield Problem(f"metrics.{m.id}.counterweights", "names the metric itself", hint)
    for t in p.targets:
        yield from _unknown(f"targets.{t.id}.metric", [t.metric], metrics, "metric")
        yield from _unknown(f"targets.{t.id}.beside", t.beside, metrics, "metric")
    for d in p.displays:
        yield from _unknown(f"displays.{d.id}.metrics", d.metrics, metrics, "metric")
        yield from _unknown(f"displays.{d.id}.beside", d.beside, metrics, "metric")
    yield from _unknown("review.metrics", p.review.metrics, metrics, "metric")
    parties = [party.id for party in p.parties]
    for party in p.parties:
        if not isinstance(party.acts_for, Unknown):
            yield from _unknown(f"parties.{party.id}.acts_for", [party.acts_for], parties, "party")
    for accepted in p.suppress:
        yield from _unknown(f"suppress.{accepted.rule}.rule", [accepted.rule], rules, "rule")


def _unknown(where: str, names: Sequence[str], known: Iterable[str], noun: str) -> Iterator[Problem]:
    known = list(known)
    for name in names:
        if name not in known:
            near = nearest(name, known)
            hint = f"did you mean {near}?" if near else f"name a {noun} that the file or the linter has"
            yield Problem(where, f'names "{name}", and there is no such {noun}', hint)


def _circles(parties: Sequence[Party]) -> Iterator[Problem]:
    """Parties that act for each other, so that in the end nobody consents."""
    acts_for = {p.id: p.acts_for for p in parties if not isinstance(p.acts_for, Unknown)}
    told: set[str] = set()
    for start in acts_for:
        walked = [start]
        while (after := acts_for.get(walked[-1])) is not None and after not in walked:
            walked.append(after)
        if after == start and start not in told:
            told.update(walked)
            circle = " for ".join([*walked, start])
            hint = "let at least one of them act for itself: leave its acts_for out"
            yield Problem(f"parties.{start}.acts_for", f"goes in a circle: {circle}", hint)


def _contradictions(p: Programme) -> Iterator[Problem]:
    review, purposes = p.review, set(p.about.purposes)
    decide = "say one or the other: people will believe the worse of the two"
    if review.use is Use.NONE and review.metrics:
        says = f"names {', '.join(review.metrics)}, while review.use says that none is used"
        yield Problem("review.metrics", says, decide)
    if review.use is Use.NONE and purposes & ABOUT_REVIEWS:
        said = ", ".join(sorted(purposes & ABOUT_REVIEWS))
        yield Problem("about.purposes", f"has {said}, while review.use says none", decide)
    if review.use in {Use.INFORMS, Use.DETERMINES} and review.blocked_in_code is True:
        says = f"says true, while review.use says that the numbers {_does(review.use)} reviews"
        yield Problem("review.blocked_in_code", says, decide)
    if p.workforce.use is Use.NONE and purposes & ABOUT_JOBS:
        said = ", ".join(sorted(purposes & ABOUT_JOBS))
        yield Problem("about.purposes", f"has {said}, while workforce.use says none", decide)


def _does(use: Use | Unknown) -> str:
    return "inform" if use is Use.INFORMS else "determine"


def _days(p: Programme, today: date) -> Iterator[Problem]:
    about = p.about
    begins, ends_on = about.begins, about.ends
    if not isinstance(begins, Unknown) and not isinstance(ends_on, Unknown) and ends_on <= begins:
        yield Problem("about.ends", "is not after about.begins", "let it end after it begins")
    ends: list[tuple[str, date | Unknown]] = [("about.ends", about.ends)]
    ends += [(f"targets.{t.id}.expires", t.expires) for t in p.targets]
    ends += [(f"displays.{d.id}.ends", d.ends) for d in p.displays]
    for where, day in ends:
        if not isinstance(day, Unknown) and day < today:
            yield Problem(
                where, f"is {day}, which is past", "agree on it anew with a later day, or remove it"
            )


def _forms(p: Programme) -> Iterator[Problem]:
    for place in p.about.jurisdictions:
        if not _PLACE.fullmatch(place):
            hint = "write country codes in capital letters, such as DE, GB, US-NY, or EU"
            yield Problem("about.jurisdictions", f'has "{place}", which is no country code', hint)
    currency, rate = p.spending.currency, p.spending.hour_rate
    if not isinstance(currency, Unknown) and not _CURRENCY.fullmatch(currency):
        yield Problem(
            "spending.currency", f'is "{currency}", which is no currency', "write EUR, USD or alike"
        )
    if not isinstance(rate, Unknown) and (not rate or isinstance(currency, Unknown)):
        hint = "write an amount above zero, and its currency, such as EUR"
        yield Problem("spending.hour_rate", "is no amount of money", hint)
    for d in p.displays:
        for name in ("metrics", "audience"):
            if not getattr(d, name):
                yield Problem(
                    f"displays.{d.id}.{name}", "is empty", "name at least one, or remove the display"
                )
