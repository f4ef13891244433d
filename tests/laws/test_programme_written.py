"""A programme that is written and read again is the same programme, and a repaired one passes."""

import tomllib
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from counterfoil.programme.decode import MOST_NUMBER, Decoder
from counterfoil.programme.diff import diff
from counterfoil.programme.lint import lint
from counterfoil.programme.load import Loaded, loaded
from counterfoil.programme.purposes import KNOWN
from counterfoil.programme.repair import repair
from counterfoil.programme.rules import RULES
from counterfoil.programme.sound import unsound
from counterfoil.programme.written import written
from counterfoil.terms.absent import Unknown
from counterfoil.terms.finding import Direction, Severity
from counterfoil.terms.metric import NOT_SAID
from counterfoil.terms.programme import Programme

TODAY = date(2026, 11, 25)
CASES = Path(__file__).parents[2] / "examples" / "programmes"
METRICS = ("tokens", "kept", "corrected", "trust")
DAYS = st.dates(TODAY - timedelta(days=60), TODAY + timedelta(days=400))
TEXTS = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from('"\\\n\t\x7f\x00#='), min_size=1, max_size=30
).map(lambda text: text.strip() or "x")
SPANS = st.builds(
    lambda number, days: timedelta(days=number * days),
    st.integers(1, 9_999),
    st.sampled_from([1 / 1440, 1 / 24, 1.0, 7.0, 30.0, 365.0]),
)
PLAIN: dict[object, st.SearchStrategy[Any]] = {
    str: TEXTS,
    bool: st.booleans(),
    int: st.integers(1, 20) | st.integers(1, MOST_NUMBER),
    float: st.floats(0, MOST_NUMBER),
    date: DAYS,
    timedelta: SPANS,
}
WORDS: dict[str, st.SearchStrategy[Any]] = {
    "purposes": st.sets(st.sampled_from([*sorted(KNOWN), "any need"])).map(lambda s: tuple(sorted(s))),
    "jurisdictions": st.sampled_from([(), ("EU",), ("US-NY", "GB")]),
    "unit": st.sampled_from(["tokens", "share of changes", "hours saved"]),
    "currency": st.just("EUR"),
    "hour_rate": st.floats(1, 500),
    "metric": st.sampled_from(METRICS),
    "acts_for": st.just("employer"),
    "judged_on": st.just(NOT_SAID),
    "rule": st.sampled_from(sorted(RULES)),
}
"""Fields whose words must fit the rest of a programme."""
LISTED = {"metrics", "beside", "counterweights"}
"""Lists of names of metrics."""


def value(name: str, hint: Any) -> st.SearchStrategy[Any]:
    if name in WORDS:
        return WORDS[name]
    parts = [part for part in get_args(hint) if part not in (Unknown, Ellipsis)]
    if name in LISTED:
        return st.lists(st.sampled_from(METRICS), unique=True, max_size=3).map(tuple)
    if get_origin(hint) is tuple:
        return st.lists(value("", parts[0]), unique=True, max_size=3).map(tuple)
    if parts:
        return value(name, parts[0])
    if isinstance(hint, type) and is_dataclass(hint):
        return noun(hint)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return st.sampled_from(hint)
    return PLAIN[hint]


def noun(kind: type, **given: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Any noun: each field that may be absent sometimes is."""
    hints = get_type_hints(kind)
    drawn = {
        f.name: value(f.name, hints[f.name])
        if f.default is MISSING
        else st.just(f.default) | value(f.name, hints[f.name])
        for f in fields(kind)
        if f.name not in given
    }
    return st.builds(kind, **drawn, **given)


def named(kind: type, names: tuple[str, ...], **given: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    entries = [noun(kind, id=st.just(name), **given) for name in names]
    return st.tuples(*entries)


def programmes() -> st.SearchStrategy[Programme]:
    """Any programme that holds together in its names."""
    hints = get_type_hints(Programme)
    listed = {name: get_args(hint)[0] for name, hint in hints.items() if get_origin(hint) is tuple}
    singles = {name: noun(hint) for name, hint in hints.items() if name not in listed}
    some = st.lists(st.sampled_from(METRICS), unique=True, min_size=1, max_size=3).map(tuple)
    return st.builds(
        Programme,
        parties=named(listed["parties"], ("employer", "council"), acts_for=st.just(NOT_SAID)),
        metrics=named(listed["metrics"], METRICS).map(
            lambda ms: tuple(
                replace(m, counterweights=tuple(c for c in m.counterweights if c != m.id)) for m in ms
            )
        ),
        targets=st.just(()) | named(listed["targets"], ("first", "second")),
        displays=st.just(()) | named(listed["displays"], ("board", "own"), metrics=some),
        suppress=st.just(()) | st.tuples(noun(listed["suppress"])),
        **singles,
    )


@given(programme=programmes())
def test_what_is_written_is_read_again_as_it_was(programme: Programme) -> None:
    decoder = Decoder()
    read = decoder.noun(Programme, tomllib.loads(written(programme)), "")
    assert not decoder.problems and not decoder.strangers
    assert read == programme


@pytest.mark.parametrize("case", sorted(CASES.glob("*.toml")), ids=lambda path: str(path.stem))
def test_each_case_is_written_and_read_again(case: Path) -> None:
    read = loaded(case.read_text("utf-8"), name=case.name, today=TODAY, rules=RULES)
    text = written(read.programme)
    again = loaded(text, name=case.name, today=TODAY, rules=RULES)
    assert again.programme == read.programme and not again.strangers
    assert {(f.id, f.where) for f in lint(again)} == {(f.id, f.where) for f in lint(read)}
    assert max(map(len, text.split("\n"))) <= 160


def passes(programme: Programme) -> Loaded:
    """The programme as its written file is judged, which finds nothing."""
    text = written(programme)
    read = loaded(text, name="p.toml", today=TODAY, rules=RULES)
    assert read.programme == programme
    assert not [(f.id, f.where) for f in lint(read) if f.severity is not Severity.INFO]
    return read


@settings(deadline=None)
@given(programme=programmes(), people=st.just(NOT_SAID) | st.sampled_from([3, 60, 900, 5_000]))
def test_whatever_holds_together_is_repaired_once_and_for_all(
    programme: Programme, people: int | Unknown
) -> None:
    assume(not list(unsound(programme, today=TODAY, rules=RULES)))
    repaired = repair(programme, day=TODAY)
    passes(repaired.programme)
    again = repair(repaired.programme, day=TODAY)
    assert again.programme == repaired.programme and not again.steps
    repair(programme, day=TODAY, people=people)


@settings(deadline=None, max_examples=50)
@given(programme=programmes())
def test_a_repair_weakens_nothing(programme: Programme) -> None:
    """But for what protects nobody: no purpose at all, and checks that can't find anything."""
    assume(not list(unsound(programme, today=TODAY, rules=RULES)))
    before = loaded(written(programme), name="p.toml", today=TODAY, rules=RULES)
    changes = diff(before, passes(repair(programme, day=TODAY).programme))
    weaker = [c for c in changes if c.direction is Direction.WEAKER and not c.says.endswith("and is self.")]
    assert {c.where for c in weaker} <= {"about.purposes", "gaming.checks"}


@settings(deadline=None, max_examples=50)
@given(programme=programmes())
def test_what_is_over_is_repaired_too(programme: Programme) -> None:
    assume(all("past" in problem.says for problem in unsound(programme, today=TODAY, rules=RULES)))
    repaired = repair(programme, day=TODAY)
    passes(repaired.programme)
