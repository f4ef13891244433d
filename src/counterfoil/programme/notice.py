"""What has to be told where people work, and the notice that a programme's own words make of it."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from counterfoil.programme.decode import nearest
from counterfoil.programme.letter import letter
from counterfoil.programme.rule import NOT_ADVICE, Case
from counterfoil.terms.error import SourceError
from counterfoil.terms.paper import Paper, Part

EUROPEAN = (
    "DE",
    "IT",
    "FR",
    "ES",
    "NL",
    "AT",
    "BE",
    "PL",
    "IE",
    "SE",
    "DK",
    "FI",
    "PT",
    "CZ",
    "GR",
    "HU",
    "RO",
)
"""Where the law of the Union holds as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One thing that has to be told, or done, before people are measured."""

    id: str
    where: str
    law: str
    """The article."""
    duty: str
    when: str
    since: date
    """The day from which it binds."""
    source: str
    checked: date
    """The day on which the source was last read."""
    certain: bool
    """False where only secondary sources were read, or it is still moving."""


def duties() -> Sequence[Duty]:
    """Every duty that is known, as data."""
    text = Path(__file__).with_name("notices.toml").read_text("utf-8")
    return [Duty(**entry) for entry in tomllib.loads(text)["duties"]]


def duties_in(jurisdiction: str) -> Sequence[Duty]:
    """The duties where people work: those of the state, and those of what it is part of.

    Raises: SourceError where nothing is known of that place.
    """
    known, place = duties(), jurisdiction.upper()
    above = {place, place.split("-")[0], *(["EU"] if place in EUROPEAN else [])}
    found = [duty for duty in known if duty.where in above]
    if not found:
        places = sorted({duty.where for duty in known})
        near = nearest(place, places)
        hint = f"did you mean {near}?" if near else f"known are: {', '.join(places)}"
        raise SourceError("no-such-jurisdiction", f"nothing is known of {jurisdiction}", hint=hint)
    return found


def notice(case: Case, jurisdiction: str) -> Paper:
    """The notice of a programme to those it covers, with what the law asks for where they work.

    Raises: SourceError where nothing is known of that place.
    """
    asked = tuple(_line(duty) for duty in duties_in(jurisdiction))
    told = letter(case)
    return Paper(
        title=f"Notice: {told.title}",
        opening=(f"To everybody whom it covers and who works in {jurisdiction.upper()}.", *told.opening[1:]),
        parts=(*told.parts, Part(heading="What the law asks for here", lines=asked)),
        closing=("Received and read: [name, date]", *told.closing),
        mark=NOT_ADVICE,
    )


def _line(duty: Duty) -> str:
    doubt = "" if duty.certain else " Not certain: ask before you rely on it."
    read = f"Source: {duty.source}, last checked on {duty.checked}."
    return f"{duty.law}: {duty.duty} When: {duty.when}. {read}{doubt}"
