"""Twenty questions: the safe answers pass, each unsafe one is spoken to, and Amazon's are Amazon's."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path

import pytest

from counterfoil.programme.answered import programme_of, wanting
from counterfoil.programme.lint import fails, lint
from counterfoil.programme.load import Loaded
from counterfoil.programme.questions import ASSUMED, GROUPS, questions, safe_answers
from counterfoil.programme.repair import repair
from counterfoil.programme.written import written
from counterfoil.terms.finding import Finding, Severity
from counterfoil.terms.question import Answers, Form

LoadText = Callable[[str], Loaded]
NO_HARM = {
    ("where", "uk"),
    ("where", "both"),
    ("where", "elsewhere"),
    ("target", "result"),
    ("window", "cliff"),
    ("exempt", "alike"),
    ("exempt", "nobody"),
    ("manager", "none"),
    ("jobs", "yes"),
}
"""Answers that no rule speaks to, alone: some are safe, some matter only where there is a target."""
AMAZON: Mapping[str, tuple[str, ...]] = {
    "name": ("Amazon 2026, as reported",),
    "people": ("2400",),
    "counted": ("apart",),
    "person": ("manager", "board"),
    "rows": ("everyone",),
    "target": ("share",),
    "window": ("cliff",),
    "exempt": ("alike",),
    "prizes": ("use",),
    "cost": ("nobody",),
    "review": ("said",),
    "wrong": ("nothing",),
}
MORE = {"AP406"}
"""Whether staff can check who looked is part of the answer about reviews; of Amazon it was not reported."""


def found(answers: Answers, today: date, load_text: LoadText) -> list[Finding]:
    read = load_text(written(programme_of(answers, today)))
    return [f for f in lint(read) if f.severity is not Severity.INFO]


def test_there_are_twenty_plain_questions() -> None:
    asked = list(questions())
    assert len(asked) == len({q.id for q in asked}) == 20
    assert sum(len(group.questions) for group in GROUPS) == 20
    for q in asked:
        assert q.asks.endswith("?") and q.why.endswith(".") and len(q.why) < 110
        assert bool(q.options) == (q.form in {Form.ONE, Form.SEVERAL})
        assert len({name for name, _ in q.options}) == len(q.options)


def test_the_safe_answers_pass(today: date, load_text: LoadText) -> None:
    assert not wanting(safe_answers())
    assert not found(safe_answers(), today, load_text)


def test_what_was_not_asked_is_what_the_programme_says(today: date) -> None:
    p = programme_of(safe_answers(), today)
    assert len(ASSUMED) == 8
    assert all(m.owner and m.source and m.definition for m in p.metrics)
    assert p.assessments.scores_people is False and p.data.own_report_demanded is False
    assert p.gaming.workload_register is True
    assert (p.agents.start_with, p.agents.approvals, p.agents.stop_switch) == ("nothing", True, True)
    assert [party.id for party in p.parties] == ["employer", "works-council", "data-protection"]


@pytest.mark.parametrize(
    ("question", "option"),
    [(q.id, name) for q in questions() for name, _ in q.options if (name,) != q.default],
)
def test_an_unsafe_answer_is_spoken_to_and_repaired(
    question: str, option: str, today: date, load_text: LoadText
) -> None:
    answers = {**safe_answers(), question: (option,)}
    assert not wanting(answers)
    assert bool(found(answers, today, load_text)) == ((question, option) not in NO_HARM)
    repaired = repair(programme_of(answers, today), day=today)
    assert not fails(lint(load_text(written(repaired.programme))))


@pytest.mark.parametrize(
    ("target", "window", "exempt", "counted"),
    list(
        product(
            ("result", "share", "each", "output"),
            ("long", "cliff"),
            ("alike", "nobody"),
            ("results", "apart", "use"),
        )
    ),
)
def test_what_is_asked_of_people_is_a_programme_that_can_be_read_and_repaired(
    target: str, window: str, exempt: str, counted: str, today: date, load_text: LoadText
) -> None:
    asked = {"target": (target,), "window": (window,), "exempt": (exempt,), "counted": (counted,)}
    answers = {**safe_answers(), **asked}
    assert {f.id for f in found(answers, today, load_text)} >= {"AP202"}
    repaired = repair(programme_of(answers, today), day=today)
    assert not fails(lint(load_text(written(repaired.programme))))


def test_answers_like_amazons_find_what_the_case_finds(
    today: date, load_text: LoadText, cases: Path, find_file: Callable[[Path], list[Finding]]
) -> None:
    case = {f.id for f in find_file(cases / "amazon-2026.toml") if f.severity is not Severity.INFO}
    answers = {**safe_answers(), **AMAZON}
    assert {f.id for f in found(answers, today, load_text)} == case | MORE


@pytest.mark.parametrize(
    ("question", "given"),
    [
        ("name", ("  ",)),
        ("name", ("x" * 121,)),
        ("people", ("many",)),
        ("people", ("0",)),
        ("people", ("9" * 5_000,)),
        ("people", ("²",)),
        ("where", ()),
        ("where", ("mars",)),
        ("person", ("board", "dog")),
    ],
)
def test_what_can_not_be_taken_is_said_at_its_question(question: str, given: tuple[str, ...]) -> None:
    (one,) = wanting({**safe_answers(), question: given})
    assert one.question == question and one.says.endswith(".")


def test_any_name_is_kept_as_it_is(today: date, load_text: LoadText) -> None:
    answers = {**safe_answers(), "name": ('  Ada\'s "AI"\t\\ plan <b>  ',), "people": ("1,200 ",)}
    p = programme_of(answers, today)
    assert p.about.name == 'Ada\'s "AI" \\ plan <b>' and p.about.people == 1_200
    assert load_text(written(replace(p))).programme == p
