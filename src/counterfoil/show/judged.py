"""What the pages about a programme say: questions with their answers, findings in plain words, the lead."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from counterfoil.show.site import (
    FindingShown,
    GroupShown,
    OptionShown,
    QuestionShown,
    QuestionsPage,
    ResultPage,
    SeverityShown,
    Trouble,
)
from counterfoil.show.words import counted
from counterfoil.terms.error import CounterfoilError
from counterfoil.terms.finding import Finding, RepairStep, RuleText, Saying, Severity
from counterfoil.terms.ids import RuleId
from counterfoil.terms.paper import Paper
from counterfoil.terms.question import Answers, Form, Group, Question, Wanting

TITLES = {
    Severity.ERROR: (
        "Will hurt people or the number",
        "Change these before it begins. The repaired programme, further down, has done so.",
    ),
    Severity.WARNING: ("Worth a look", "These go wrong more slowly, or less often."),
    Severity.INFO: ("To note", "These need nothing from you."),
}
PLACES = {
    "targets": "Target",
    "displays": "Display",
    "metrics": "Number",
    "about": "The programme",
    "floors": "Smallest group behind a figure",
    "review": "Reviews, pay and exit",
    "workforce": "Jobs",
    "notice": "What people are told",
    "assessments": "Assessments and talks",
    "data": "Records about people",
    "gaming": "When a number looks wrong",
    "spending": "Cost",
    "suppress": "Accepted for a time",
}
"""Sections of a file as people call them."""
START = "What will your AI programme do to people?"


def questions_page(
    groups: Sequence[Group],
    answers: Answers,
    *,
    wanting: Sequence[Wanting] = (),
    refused: CounterfoilError | None = None,
    pasted: str = "",
) -> QuestionsPage:
    """The page to begin with; `refused` is why a file was not taken."""
    wrong = {want.question: want.says for want in wanting}
    asked = {question.id: question for group in groups for question in group.questions}
    numbers = {name: number for number, name in enumerate(asked, start=1)}
    troubles = [
        Trouble(anchor=f"q-{want.question}", says=f"{asked[want.question].asks} {want.says}")
        for want in wanting
    ]
    if refused is not None:
        troubles.append(Trouble(anchor="text", says=refused.message))
    return QuestionsPage(
        title=START,
        troubles=troubles,
        hint="" if refused is None else _capital(refused.hint),
        groups=[
            GroupShown(
                title=group.title,
                questions=[
                    _question(q, numbers[q.id], answers.get(q.id, ()), wrong.get(q.id, ""))
                    for q in group.questions
                ],
            )
            for group in groups
        ],
        pasted=pasted,
    )


def _question(question: Question, number: int, given: Sequence[str], wrong: str) -> QuestionShown:
    return QuestionShown(
        id=question.id,
        number=number,
        asks=question.asks,
        why=question.why,
        form=question.form,
        options=[
            OptionShown(name=name, words=words, chosen=name in given) for name, words in question.options
        ],
        value=given[0] if given and question.form in {Form.TEXT, Form.NUMBER} else "",
        wrong=wrong,
    )


def result_page(
    *,
    name: str,
    answers: Answers,
    before: str,
    told: Sequence[Saying],
    findings: Sequence[Finding],
    texts: Mapping[RuleId, RuleText],
    steps: Sequence[RepairStep],
    left: Sequence[str],
    assumed: Sequence[str],
    text: str,
    letter: Paper,
    annex: Paper,
) -> ResultPage:
    """The page about one programme; `left` is what an earlier repair left to do.

    `assumed` is what a programme of answers says though nobody was asked.
    """
    groups = grouped(findings, texts)
    number = {group.key: len(group.findings) for group in groups}
    to_do = list(dict.fromkeys([*left, *(step.says for step in steps if step.to_do)]))
    return ResultPage(
        title=name,
        lead=lead(number.get(Severity.ERROR, 0), number.get(Severity.WARNING, 0), len(to_do)),
        passing=not steps,
        answers=[(question, value) for question, values in answers.items() for value in values],
        before=before,
        told=told,
        groups=groups,
        to_do=to_do,
        assumed=assumed if answers else (),
        changes=[step.says for step in steps if not step.to_do],
        text=text,
        letter=letter,
        annex=annex,
    )


def lead(errors: int, warnings: int, left: int = 0) -> str:
    """What was found, in one sentence.

    Example:
    >>> lead(6, 3)
    '6 things will hurt people or the number; 3 are worth a look.'
    >>> lead(1, 0), lead(0, 1)
    ('1 thing will hurt people or the number.', '1 thing is worth a look.')
    """
    if not errors + warnings:
        still = f" {counted(left, 'thing')} {'is' if left == 1 else 'are'} left to do before it is true."
        good = "Nothing here will hurt people or the number, as far as forty rules can tell."
        return good + still * bool(left)
    if not errors:
        return f"{counted(warnings, 'thing')} {'is' if warnings == 1 else 'are'} worth a look."
    also = f"; {warnings:,} {'is' if warnings == 1 else 'are'} worth a look" if warnings else ""
    return f"{counted(errors, 'thing')} will hurt people or the number{also}."


def grouped(findings: Sequence[Finding], texts: Mapping[RuleId, RuleText]) -> Sequence[SeverityShown]:
    """Findings by how much they matter, each rule once with its worst."""
    worst = {
        f.id: min((g.severity for g in findings if g.id == f.id), key=list(Severity).index) for f in findings
    }
    shown = []
    for severity in Severity:
        mine = [f for f in findings if worst[f.id] is severity]
        if mine:
            title, about = TITLES[severity]
            rules = [_finding(texts[rule], list(group)) for rule, group in groupby(mine, key=lambda f: f.id)]
            shown.append(SeverityShown(key=severity, title=title, about=about, findings=rules))
    return shown


def _finding(text: RuleText, found: Sequence[Finding]) -> FindingShown:
    return FindingShown(
        rule=text.id,
        messages=[(place(f.where), f.message, f.where) for f in found],
        why=text.why,
        do=text.fix,
        source=text.source,
    )


def place(where: str) -> str:
    """A path of the file as people call it.

    Example:
    >>> place("displays.board.ranked"), place("review.use"), place("metrics")
    ('Display “board”', 'Reviews, pay and exit', 'What is measured')
    """
    section, _, rest = where.partition(".")
    name = rest.split(".")[0]
    if section in {"targets", "displays", "metrics"}:
        return f"{PLACES[section]} “{name}”" if name else "What is measured"
    return PLACES.get(section, section)


def _capital(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}{'' if words.endswith('.') else '.'}"
