"""Notices are data with article, duty, date, source and the day it was checked."""

from datetime import date

import pytest

from counterfoil.programme.lint import case_of
from counterfoil.programme.load import loaded
from counterfoil.programme.notice import duties, duties_in, notice
from counterfoil.programme.rules import RULES
from counterfoil.programme.template import template
from counterfoil.show.paper import paper_text
from counterfoil.terms.error import SourceError

TODAY = date(2026, 11, 25)


def test_every_duty_is_whole() -> None:
    known = duties()
    assert len({duty.id for duty in known}) == len(known) == 14
    for duty in known:
        assert all((duty.law, duty.duty.endswith("."), duty.when, duty.source))
        assert duty.checked <= TODAY
        assert len(duty.duty) < 200


@pytest.mark.parametrize(
    ("place", "wanted"),
    [
        ("EU", {"gdpr-inform", "ai-act-workers"}),
        ("de", {"gdpr-inform", "betrvg-87"}),
        ("IT", {"gdpr-inform", "it-132"}),
        ("US-NY", {"nlra", "ny-52c"}),
        ("FR", {"gdpr-inform"}),
    ],
)
def test_a_place_has_its_duties_and_those_above_it(place: str, wanted: set[str]) -> None:
    found = {duty.id for duty in duties_in(place)}
    assert wanted <= found
    assert ("betrvg-87" in found) == (place == "de")


def test_a_place_that_is_not_known_is_told() -> None:
    with pytest.raises(SourceError) as told:
        duties_in("XX")
    assert "US-NY" in told.value.hint


def test_a_notice_says_what_is_measured_and_what_the_law_asks_for() -> None:
    case = case_of(loaded(template(TODAY), name="t", today=TODAY, rules=RULES))
    text = paper_text(notice(case, "US-IL"))
    assert text.startswith("Notice: AI at work")
    text = " ".join(text.lower().split())
    for words in (
        "Tokens",
        "reviews",
        "Illinois HB 3773",
        "last checked on 2026-11-23",
        "Not certain",
        "not legal advice",
    ):
        assert words.lower() in text, words
