"""The letter and the annex say what the programme says, and nothing that it does not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from counterfoil.programme.annex import annex
from counterfoil.programme.change import changed
from counterfoil.programme.letter import letter
from counterfoil.programme.lint import case_of
from counterfoil.programme.load import Loaded, load
from counterfoil.programme.plain import CHECKS, COLLECTED, GRAIN, PURPOSES, STEPS
from counterfoil.programme.purposes import KNOWN
from counterfoil.programme.repair import repair
from counterfoil.programme.rules import RULES
from counterfoil.terms.metric import NOT_SAID, Level
from counterfoil.terms.paper import Paper
from counterfoil.terms.programme import About, Programme
from counterfoil.terms.promise import Check, Collected, OnBreak, ReadLog, Review, Step, Use

CASES = sorted((Path(__file__).parents[2] / "examples" / "programmes").glob("*.toml"))
LoadText = Callable[[str], Loaded]


def words(paper: Paper) -> str:
    lines = [line for part in paper.parts for line in (part.heading, *part.lines)]
    return "\n".join([paper.title, *paper.opening, *lines, *paper.closing, paper.mark])


def of(read: Loaded, programme: Programme) -> str:
    return words(letter(case_of(replace(read, programme=programme))))


def test_every_word_of_a_file_has_plain_words() -> None:
    assert set(PURPOSES) == KNOWN
    assert set(COLLECTED) == set(Collected)
    assert set(CHECKS) == set(Check)
    assert set(STEPS) == set(Step)
    assert set(GRAIN) == set(Level)


@pytest.mark.parametrize("path", CASES, ids=lambda path: str(path.stem))
def test_both_papers_of_every_case_are_whole(path: Path, today: date) -> None:
    read = load(path, today=today, rules=RULES)
    for p in (read.programme, repair(read.programme, day=read.day).programme):
        case = case_of(replace(read, programme=p))
        for paper in (letter(case), annex(p)):
            assert paper.parts and all(part.lines and part.heading for part in paper.parts)
            text = words(paper)
            assert "Not legal advice." in text and "[" in text
            assert "Unknown" not in text and "_" * 21 not in text and "datetime" not in text
            for metric in p.metrics:
                assert metric.called.lower() in text.lower()


def test_the_letter_says_what_a_notice_has_to(passing_text: str, load_text: LoadText) -> None:
    text = of(read := load_text(passing_text), read.programme)
    for heading in ("What we measure", "Why", "Who sees it", "For how long", "How to check it"):
        assert heading in text
    for sentence in (
        "To know and hold the cost.",
        "You alone see your own tokens.",
        "Records about you alone are kept for 30 days, and then become figures of units.",
        "No figure of this programme is used in reviews, pay, promotion, discipline or exit.",
        "You can check who looked at your numbers, and why.",
        "Works council: [name, telephone and e-mail].",
        "Your unit has a goal to reach for work still standing after 30 days: 80 %, counted over 4 weeks.",
    ):
        assert sentence in text, sentence


def test_nothing_is_promised_that_the_programme_does_not_say(passing_text: str, load_text: LoadText) -> None:
    read = load_text(passing_text)
    p = read.programme
    assert "You can check who looked" not in of(read, changed(p, "review", log=ReadLog.INTERNAL))
    assert "The software refuses" not in of(read, changed(p, "review", blocked_in_code=NOT_SAID))
    assert "you will be told" not in of(read, changed(p, "notice", again_on_change=False))
    collects = (*p.data.collects, Collected.PROMPT_TEXT)
    text = of(read, changed(p, "data", collects=collects))
    assert "and what people write to an AI." in text
    used = replace(p, review=Review(use=Use.INFORMS))
    assert "The figures are used in reviews, pay, promotion or exit." in of(read, used)
    silent = Programme(about=About(name="Silent"))
    text = of(read, silent)
    assert "never a" not in text and "is kept" not in text and "For nothing else" not in text
    assert "employer" in words(annex(silent))


def test_the_annex_holds_what_is_checked_only_where_something_checks(
    passing_text: str, load_text: LoadText
) -> None:
    p = load_text(passing_text).programme
    assert "is suspended, with its target" in words(annex(p))
    unchecked = changed(p, "gaming", checks=(), on_break=OnBreak.SUSPEND)
    assert "is suspended" not in words(annex(unchecked))
    assert "Data protection impact assessment: done on [date], kept at [place]." in words(annex(p))
    numbers = [part.heading.split(".")[0] for part in annex(Programme(about=About(name="x"))).parts]
    assert numbers == [str(n) for n in range(1, len(numbers) + 1)]
