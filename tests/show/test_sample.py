"""A sample in words: what can't be told says so, and a sheet computes nothing in a spreadsheet."""

import json
from dataclasses import replace

from counterfoil.show.sample import padding_words, sheet_csv, told_json, told_text
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate
from counterfoil.terms.period import Block
from counterfoil.terms.release import Refuse, Withheld
from counterfoil.terms.sample import Agreement, Judged, Padding, SampledGroup, SheetLine, ToldSample

RATE = Estimate(value=0.3, low=0.2, high=0.4, n=120, coverage=0.1, method="outcome-sample")
TOLD = ToldSample(
    name="autumn",
    says="What it is for",
    groups=[
        SampledGroup(group="a", verdict=Withheld()),
        SampledGroup(group="b", verdict=Refuse("sample-few", "It has too few works.")),
    ],
    agreement=[Agreement(question=Judged.NEEDED, kappa=Unknown("no pair"), alike=Unknown("no pair"))],
    answered=0.9,
    entry=7,
)


def test_what_is_not_told_says_so() -> None:
    text = told_text(TOLD, width=80)
    for words in ("withheld", "refused (sample-few): It has too few works.", "unknown, no pair", "90 %"):
        assert words in text
    groups = json.loads(told_json(TOLD))["groups"]
    assert [group["verdict"] for group in groups] == ["withheld", "refused"]


def test_little_agreement_is_said_to_be_little() -> None:
    for value, says in ((0.8, "well"), (0.5, "middling"), (0.1, "read its rates with care")):
        kappa = replace(RATE, value=value, method="outcome-sample-kappa")
        one = Agreement(question=Judged.NEEDED, kappa=kappa, alike=0.9)
        assert says in told_text(replace(TOLD, agreement=[one]), width=80)


def test_padding_is_stated_as_a_lower_bound() -> None:
    padding = Padding(
        group="the company", first=Block(2026, 10), last=Block(2026, 12), assisted=RATE,
        controls=replace(RATE, value=0.1, low=0.05, high=0.2), excess=replace(RATE, value=0.2, low=0.08),
        at_least=0.08, sample="autumn",
    )  # fmt: skip
    assert padding_words(padding).startswith(
        "padding: At least 8 % of the work with AI evidence was needless:"
    )
    assert padding_words(Unknown("too few")) == "padding: unknown, too few"


def test_a_cell_that_a_spreadsheet_would_compute_is_text() -> None:
    line = SheetLine(line="a1", kind="change", work="=1+1", repository="@r", commit="c")
    assert sheet_csv([line]).splitlines()[1] == "a1,change,'=1+1,'@r,c,,,"
