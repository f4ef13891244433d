"""The pages of the local site: every field is shown, nothing is fetched, words stand out."""

import re
from collections.abc import Mapping
from dataclasses import fields
from itertools import pairwise
from pathlib import Path

import pytest
from jinja2 import Environment, meta

from counterfoil.programme.questions import GROUPS, safe_answers
from counterfoil.show import site
from counterfoil.show.judged import grouped, questions_page, result_page
from counterfoil.show.paper import paper_page, paper_text
from counterfoil.show.site import PaperPage, ProblemPage, QuestionsPage, ResultPage, coded, rendered, sheet
from counterfoil.terms.error import SourceError
from counterfoil.terms.finding import Finding, RepairStep, RuleText, Saying, Severity
from counterfoil.terms.ids import RuleId
from counterfoil.terms.paper import Paper, Part
from counterfoil.terms.question import Wanting

TEMPLATES = Path(site.__file__).parent / "templates"
EVIL = "<script>alert('x')</script>"
PAPER = Paper(
    title=f"Letter {EVIL}",
    opening=("Dear colleagues,",),
    parts=(Part(heading="Why", lines=("To know & hold the cost. " + "So it is. " * 12,)),),
    closing=("[name]",),
    mark="Not legal advice.",
)


def finding(rule: str, severity: Severity, where: str) -> Finding:
    return Finding(
        id=RuleId(rule),
        severity=severity,
        where=where,
        message=f"{rule} {EVIL}",
        source="S.",
        fix="Set `x = <1>`.",
    )


FOUND = [
    finding("AP101", Severity.ERROR, "targets.weekly"),
    finding("AP101", Severity.ERROR, "displays.board"),
    finding("AP305", Severity.WARNING, "displays.board.floor"),
    finding("AP305", Severity.ERROR, "floors.activity"),
    finding("AP604", Severity.WARNING, "gaming.workload_register"),
    finding("AP004", Severity.INFO, "about.judged_on"),
]
TEXTS: Mapping[RuleId, RuleText] = {
    f.id: RuleText(
        id=f.id, name="n", severity=f.severity, flags="F.", why="W.", source="S.", fix="Set `x = <1>`."
    )
    for f in FOUND
}


def result(*, passing: bool = False, answers: bool = True) -> ResultPage:
    steps = [
        RepairStep(rule=RuleId("AP604"), where="gaming", says=f"Open a register {EVIL}.", to_do=True),
        RepairStep(rule=RuleId("AP101"), where="targets.weekly", says="The target is gone."),
    ]
    return result_page(
        name=EVIL,
        answers={**safe_answers(), "name": (EVIL,)} if answers else {},
        before="[about]\n",
        told=[Saying(where="x", says=f"You are ranked {EVIL}.")],
        findings=[] if passing else FOUND,
        texts=TEXTS,
        steps=[] if passing else steps,
        left=[] if passing else ["An earlier thing."],
        assumed=["Nobody was asked."],
        text=f'[about]\nname = "</textarea>{EVIL}"\n',
        letter=PAPER,
        annex=PAPER,
    )


def asking() -> QuestionsPage:
    return questions_page(
        GROUPS,
        {**safe_answers(), "name": (f'"{EVIL}',)},
        wanting=[Wanting("people", "Write a whole number.")],
        refused=SourceError("x", f"plan.toml {EVIL}", hint="add `name`"),
        pasted=f"</textarea>{EVIL}",
    )


PAGES = {
    "questions": rendered(asking()),
    "start": rendered(questions_page(GROUPS, safe_answers())),
    "result": rendered(result()),
    "passing": rendered(result(passing=True)),
    "file": rendered(result(answers=False)),
    "letter": paper_page(PAPER),
    "problem": rendered(ProblemPage(title="T", says=EVIL, hint="H.")),
}


@pytest.mark.parametrize("kind", [QuestionsPage, ResultPage, PaperPage, ProblemPage])
def test_the_template_shows_every_field_of_the_page_and_nothing_else(
    kind: type[QuestionsPage | ResultPage | PaperPage | ProblemPage],
) -> None:
    source = (TEMPLATES / kind.template).read_text("utf-8")
    environment = Environment()
    environment.filters["coded"] = coded
    used = meta.find_undeclared_variables(environment.parse(source))
    assert used == {field.name for field in fields(kind)}


@pytest.mark.parametrize("name", PAGES)
def test_nothing_runs_nothing_is_fetched_and_words_stay_words(name: str) -> None:
    page = PAGES[name]
    assert "<script" not in page and not re.search(r"\son\w+=", page)
    assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//|url\(|@import", page)
    assert page.count("</textarea>") == page.count("<textarea")
    assert "Not legal advice." in page and '<html lang="en">' in page


@pytest.mark.parametrize("name", PAGES)
def test_headings_follow_each_other(name: str) -> None:
    levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", PAGES[name])]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("name", PAGES)
def test_every_id_stands_once_and_every_reference_has_one(name: str) -> None:
    page = PAGES[name]
    ids = re.findall(r"\sid=\"([^\"]+)\"", page)
    assert len(ids) == len(set(ids))
    named = re.findall(r"(?:href=\"#|for=\"|form=\"|aria-labelledby=\"|aria-describedby=\")([^\"]+)\"", page)
    assert not [part for name in named for part in name.split() if part not in ids]


def test_a_rule_stands_once_under_its_worst() -> None:
    shown = grouped(FOUND, TEXTS)
    assert [(group.key, [f.rule for f in group.findings]) for group in shown] == [
        ("error", ["AP101", "AP305"]),
        ("warning", ["AP604"]),
        ("info", ["AP004"]),
    ]
    assert [place for place, _, _ in shown[0].findings[0].messages] == ["Target “weekly”", "Display “board”"]
    assert result().lead == "2 things will hurt people or the number; 1 is worth a look."
    assert list(result().assumed) == ["Nobody was asked."] and not result(answers=False).assumed
    assert result().to_do == ["An earlier thing.", f"Open a register {EVIL}."]


def test_colours_are_never_alone() -> None:
    page = PAGES["result"]
    for words in ("Will hurt people or the number", "Worth a look", "To note", "To do before it begins"):
        assert f">{words}</h" in page


def test_a_paper_as_text_fits_a_page() -> None:
    text = paper_text(PAPER)
    assert max(map(len, text.split("\n"))) <= 78
    assert text.startswith("Letter ") and text.endswith("Not legal advice.\n")
    assert "\n- To know & hold the cost." in text


def palettes() -> list[dict[str, str]]:
    light, dark, paper = (
        dict(re.findall(r"--([a-z]+):(#[0-9a-f]{3,6})\b", block))
        for block in re.findall(r":root\{(.*?)\}", sheet(), re.DOTALL)
    )
    return [light, light | dark, light | dark | paper]


def contrast(one: str, other: str) -> float:
    """Source: WCAG 2.2, contrast ratio."""

    def luminance(colour: str) -> float:
        digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
        parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", palettes(), ids=["light", "dark", "paper"])
def test_words_and_edges_stand_out(palette: dict[str, str]) -> None:
    for ink in ("ink", "soft", "accent", "error", "warning", "info", "good"):
        for ground in ("ground", "card", "field"):
            assert contrast(palette[ink], palette[ground]) >= 4.5, (ink, ground)
    assert contrast(palette["on"], palette["accent"]) >= 4.5
    assert contrast(palette["edge"], palette["field"]) >= 3
