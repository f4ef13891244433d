"""Bad files get a clear word: the field, its line, and what to do."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from counterfoil.programme.load import Loaded, load
from counterfoil.programme.reading import MOST_BYTES
from counterfoil.terms.error import SourceError

Table = dict[str, Any]
BYTES = {
    "empty": (b"", "programme-empty", "is empty"),
    "blank": (b" \n\t\n", "programme-empty", "is empty"),
    "mark only": (b"\xef\xbb\xbf", "programme-empty", "is empty"),
    "too long": (b"# no\n" * 2_000_000, "programme-too-long", "longer than 1,000,000 bytes"),
    "not text": (b'[about]\nname = "\xff"\n', "programme-not-utf8", "line 2"),
    "utf-16": ("[about]\nname = 'x'\n".encode("utf-16"), "programme-not-utf8", "not UTF-8"),
    "no TOML": (b"[about\nname = 1\n", "programme-not-toml", "line 1"),
    "twice": (b"[about]\nname = 'a'\n[about]\n", "programme-not-toml", "line 3"),
    "deep": (b"a = " + b"[" * 50_000, "programme-not-toml", "nested too deeply"),
    "long number": (b"a = " + b"9" * 5_000, "programme-not-toml", "can't be read"),
    "no day": (b"[about]\nname = 'a'\nends = 2027-02-30\n", "programme-not-toml", "is not TOML"),
    "null byte": (b"[about]\nname = 'a\x00'\n", "programme-not-toml", "line 2"),
    "control": (b"[about]\nname = 'a'\n\x1b[2J = 1\n", "programme-not-toml", "line 3"),
    "no table": (b"about = 3\n", "programme-wrong", "line 1, about is 3, and has to be a table"),
    "no name": (b"[about]\n", "programme-wrong", "line 1, about.name is missing"),
    "nothing": (b"# only words\n", "programme-wrong", "about is missing"),
}


@pytest.mark.parametrize("case", BYTES)
def test_a_file_that_is_no_programme(case: str, tmp_path: Path, today: date) -> None:
    raw, code, words = BYTES[case]
    path = tmp_path / "p.toml"
    path.write_bytes(raw)
    with pytest.raises(SourceError) as told:
        load(path, today=today, rules=())
    assert told.value.code == code
    assert words in told.value.message
    assert told.value.hint and len(told.value.message) < 600


def test_a_file_that_is_not_there_and_a_folder(tmp_path: Path, today: date) -> None:
    for path, code in ((tmp_path / "gone.toml", "programme-missing"), (tmp_path, "programme-unreadable")):
        with pytest.raises(SourceError) as told:
            load(path, today=today, rules=())
        assert told.value.code == code


def test_an_endless_file_is_not_read_to_its_end(today: date) -> None:
    with pytest.raises(SourceError, match=f"longer than {MOST_BYTES:,}"):
        load(Path("/dev/zero"), today=today, rules=())


WRONG = {
    # One line of the template, what is written instead, and what is told.
    "number": ("people = 2400", 'people = "many"', 'about.people is "many", and has to be a whole number'),
    "flag for number": (
        "people = 2400",
        "people = true",
        "about.people is true, and has to be a whole number",
    ),
    "too few": ("people = 2400", "people = 0", "about.people is out of range"),
    "below nothing": ("people = 2400", "people = -3", "about.people is out of range"),
    "hexadecimal": ("people = 2400", f"people = 0x{'f' * 4000}", "about.people is out of range"),
    "large for text": ('name = "AI at work"', f"name = 0x{'f' * 4000}", "is a very large number"),
    "text": ('name = "AI at work"', "name = 7", "about.name is 7, and has to be a text"),
    "empty text": ('name = "AI at work"', 'name = " "', "about.name is an empty text"),
    "long text": ('name = "AI at work"', f'name = "{"x" * 10_001}"', "longer than 10,000 characters"),
    "list": (
        'jurisdictions = ["EU"]',
        'jurisdictions = "EU"',
        'about.jurisdictions is "EU", and has to be a list',
    ),
    "list item": ('jurisdictions = ["EU"]', "jurisdictions = [1]", "about.jurisdictions[0] is 1"),
    "place": ('jurisdictions = ["EU"]', 'jurisdictions = ["Europe"]', "no country code"),
    "not finite": ("threshold = 0.8", "threshold = nan", "threshold is out of range"),
    "endless": ("threshold = 0.8", "threshold = inf", "threshold is out of range"),
    "share in quotes": ("threshold = 0.8", 'threshold = "80 %"', "has to be a number"),
    "span": ('window = "4 weeks"', 'window = "a while"', "has to be a length of time"),
    "no span": ('window = "4 weeks"', 'window = "0 weeks"', "window is out of range"),
    "flag": ("cliff = false", 'cliff = "no"', "has to be true or false"),
    "word": ('kind = "activity"', 'kind = "activities"', 'kind is "activities", which is none of its words'),
    "id": ('id = "my-usage"', 'id = "My Usage!"', "has to be a short name"),
    "no id": ('id = "my-usage"', "", "displays[0].id is missing"),
    "day in quotes": ("since = 2026-11-25", 'since = "2026-11-25"', "has to be a day"),
    "day with time": ("since = 2026-11-25", "since = 2026-11-25T10:00:00", "has to be a day"),
    "same id": ('id = "units"', 'id = "my-usage"', "displays.my-usage stands 2 times"),
    "no such metric": (
        'metrics = ["tokens"]',
        'metrics = ["token"]',
        'names "token", and there is no such metric',
    ),
    "its own weight": (
        'counterweights = ["corrected"]',
        'counterweights = ["tokens"]',
        "names the metric itself",
    ),
    "nobody sees it": ('audience = ["self"]', "audience = []", "displays.my-usage.audience is empty"),
    "over": (
        "expires = 2027-05-24",
        "expires = 2026-11-24",
        "targets.kept-work.expires is 2026-11-24, which is past",
    ),
    "ends first": ("ends = 2027-11-25", "ends = 2026-12-01", "about.ends is not after about.begins"),
    "judged later": (
        "people = 2400",
        "people = 2400\njudged_on = 2026-11-26",
        "about.judged_on lies in the future",
    ),
    "counts, and not": (
        'use = "none"',
        'use = "none"\nmetrics = ["kept"]',
        "review.metrics names kept, while",
    ),
    "counts in secret": ('use = "none"', 'use = "informs"', "review.blocked_in_code says true, while"),
    "purpose": (
        '"own_insight"]',
        '"own_insight", "promotion"]',
        "about.purposes has promotion, while review.use",
    ),
    "jobs": ('"own_insight"]', '"replacement"]', "about.purposes has replacement, while workforce.use"),
    "rate": ("has_budget = true", "has_budget = true\nhour_rate = 60.0", "spending.hour_rate is no amount"),
    "currency": ("has_budget = true", 'has_budget = true\ncurrency = "euro"', 'spending.currency is "euro"'),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_field_is_named_with_its_line(
    case: str, load_text: Callable[[str], Loaded], passing_text: str
) -> None:
    line, instead, words = WRONG[case]
    text = passing_text.replace(line, instead, 1)
    assert text != passing_text
    with pytest.raises(SourceError) as told:
        load_text(text)
    assert told.value.code == "programme-wrong"
    assert words in told.value.message
    number = re.search(r"line (\d+), ", told.value.message)
    assert number is not None
    assert 0 < int(number[1]) <= text.count("\n") + 1
    assert told.value.hint


def test_the_line_is_the_line(load_text: Callable[[str], Loaded], passing_text: str) -> None:
    text = passing_text.replace('audience = ["self"]', 'audience = ["self", "boss"]', 1)
    place = text[: text.index("boss")].count("\n") + 1
    with pytest.raises(SourceError, match=rf"line {place}, displays\.my-usage\.audience\[1\] is \"boss\""):
        load_text(text)


@pytest.mark.parametrize(
    ("acts_for", "circle"),
    [
        ({"employer": "employer"}, "employer for employer"),
        (
            {"employer": "works-council", "works-council": "employer"},
            "employer for works-council for employer",
        ),
    ],
)
def test_parties_that_act_for_each_other(
    acts_for: dict[str, str], circle: str, passing: Table, load_table: Callable[[Table], Loaded]
) -> None:
    for party in passing["parties"]:
        if party["id"] in acts_for:
            party["acts_for"] = acts_for[party["id"]]
    with pytest.raises(SourceError, match=f"goes in a circle: {circle}") as told:
        load_table(passing)
    assert told.value.message.count("circle") == 1


def test_a_party_that_acts_for_nobody_known(passing: Table, load_table: Callable[[Table], Loaded]) -> None:
    passing["parties"][0]["acts_for"] = "works-counsel"
    with pytest.raises(SourceError, match="no such party") as told:
        load_table(passing)
    assert told.value.hint == "did you mean works-council?"


def test_a_chain_that_leads_into_a_circle_is_told_once(
    passing: Table, load_table: Callable[[Table], Loaded]
) -> None:
    for party, other in zip(
        passing["parties"], ("works-council", "data-protection", "works-council"), strict=True
    ):
        party["acts_for"] = other
    with pytest.raises(SourceError, match="works-council for data-protection for works-council") as told:
        load_table(passing)
    assert told.value.message.count("circle") == 1


def test_many_problems_are_told_together_and_counted(
    passing: Table, load_table: Callable[[Table], Loaded]
) -> None:
    for metric in passing["metrics"]:
        metric["kind"], metric["owner"] = "wish", 3
    with pytest.raises(SourceError) as told:
        load_table(passing)
    assert told.value.message.count("; ") == 5
    assert told.value.message.endswith("; 7 more")


def test_a_suppression_needs_a_reason_a_day_and_a_rule(
    passing: Table, load_table: Callable[[Table], Loaded], today: date
) -> None:
    for entry, words in (
        ({"rule": "AP104", "until": today}, "reason is missing"),
        ({"rule": "AP104", "reason": "soon"}, "until is missing"),
        ({"rule": "AP104", "reason": "", "until": today}, "reason is an empty text"),
        ({"rule": "AP999", "reason": "soon", "until": today}, 'names "AP999", and there is no such rule'),
    ):
        with pytest.raises(SourceError, match=words):
            load_table({**passing, "suppress": [entry]})
