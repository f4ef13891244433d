"""Invents the company of the demo and lets it live, so that its pages can tell what became of it."""

from dataclasses import replace
from functools import partial

from counterfoil.app.period import today
from counterfoil.app.progress import Meter
from counterfoil.app.rehearsing import rehearsed_tale
from counterfoil.programme.lint import case_of, lint
from counterfoil.programme.load import Loaded, loaded
from counterfoil.programme.repair import repair
from counterfoil.programme.rules import RULES
from counterfoil.programme.says import says
from counterfoil.programme.template import template
from counterfoil.programme.written import written
from counterfoil.simulate.board import historical_board
from counterfoil.simulate.chronicle import chronicle
from counterfoil.simulate.company.days import person_days
from counterfoil.simulate.company.design import Design, design_of
from counterfoil.simulate.company.people import invent
from counterfoil.simulate.forecast import forecast
from counterfoil.simulate.reported import TASK_TOKENS, reported
from counterfoil.terms.absent import Unknown
from counterfoil.terms.board import HistoricalBoard
from counterfoil.terms.programme import Programme
from counterfoil.terms.tale import Tale

BOARD_DAYS = 30


def told_tale(people: int, *, seed: int, meter: Meter) -> Tale:
    """The story of one company, the same for the same size, seed and day."""
    launched = _read(written(reported(_template().programme, today=today())))
    repaired = repair(launched.programme, day=launched.day)
    after = replace(launched, programme=repaired.programme)
    before_design, after_design = design_of(launched.programme), design_of(repaired.programme)
    crowd = invent(people, seed=seed, median_task_tokens=TASK_TOKENS)
    lived = chronicle(crowd, before_design, after_design, seed=seed)
    meter(f"inventing {people:,} people", 1, 3)
    board = _board(before_design, people, seed)
    meter(f"inventing {people:,} people", 2, 3)
    expected = partial(meter, "foreseeing")
    return Tale(
        told=says(case_of(launched)),
        denial=_said(launched.programme),
        findings=lint(launched),
        steps=repaired.steps,
        told_after=says(case_of(after)),
        board=board,
        chronicle=lived,
        forecast=forecast(launched.programme, repaired.programme, seed=seed, progress=expected),
        audit=rehearsed_tale(launched.programme, repaired.programme, day=launched.day, seed=seed),
        text=written(repaired.programme),
    )


def _board(design: Design, people: int, seed: int) -> HistoricalBoard:
    crowd = invent(people, seed=seed, weeks=0, median_task_tokens=TASK_TOKENS)
    return historical_board(person_days(crowd, design, days=BOARD_DAYS, seed=seed))


def _said(programme: Programme) -> str:
    said = programme.review.statement
    return "" if isinstance(said, Unknown) else said


def _template() -> Loaded:
    return _read(template(today()))


def _read(text: str) -> Loaded:
    return loaded(text, name="the story", today=today(), rules=RULES)
