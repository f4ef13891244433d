"""Pages of the local site as dataclasses, each with the template that shows every field of it."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, ClassVar, Protocol

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from counterfoil.terms.finding import Saying
from counterfoil.terms.paper import Paper

LOADER = PackageLoader("counterfoil.show")


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionShown:
    """An answer that can be chosen."""

    name: str
    words: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionShown:
    """A question with what was answered."""

    id: str
    number: int
    asks: str
    why: str
    form: str
    options: Sequence[OptionShown]
    value: str
    """What was written, where it is answered in words."""
    wrong: str
    """Why the answer can't be taken; empty where it can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupShown:
    """Questions under one heading."""

    title: str
    questions: Sequence[QuestionShown]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something that could not be taken, and where on the page it is."""

    anchor: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionsPage:
    """Twenty questions, or a file that exists."""

    template: ClassVar[str] = "questions.html.j2"
    title: str
    troubles: Sequence[Trouble]
    hint: str
    """What to do about the trouble; empty where there is none."""
    groups: Sequence[GroupShown]
    pasted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingShown:
    """A rule that speaks, with every place where it does."""

    rule: str
    messages: Sequence[tuple[str, str, str]]
    """Where it found something, in words; what; and the field."""
    why: str
    do: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeverityShown:
    """Findings that matter alike."""

    key: str
    title: str
    about: str
    findings: Sequence[FindingShown]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultPage:
    """What a programme does to people, its repair, and the papers that come of it."""

    template: ClassVar[str] = "result.html.j2"
    title: str
    lead: str
    passing: bool
    answers: Sequence[tuple[str, str]]
    """What was answered, to be kept; empty where a file was given."""
    before: str
    """The text that was judged, to be gone back to."""
    told: Sequence[Saying]
    groups: Sequence[SeverityShown]
    to_do: Sequence[str]
    """What the organisation has to make true before it begins."""
    assumed: Sequence[str]
    """What the file says though nobody was asked; empty where a file was given."""
    changes: Sequence[str]
    text: str
    """The programme that passes, as its file."""
    letter: Paper
    annex: Paper


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperPage:
    """A letter or an annex alone."""

    template: ClassVar[str] = "paper.html.j2"
    paper: Paper
    style: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemPage:
    """Why there is no page, and what to do."""

    template: ClassVar[str] = "problem.html.j2"
    title: str
    says: str
    hint: str


class Page(Protocol):
    """A dataclass with the template that shows its fields."""

    template: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]


def rendered(page: Page, *, here: str = "") -> str:
    """One HTML document; `here` is the path under which it stands, where its links need it."""
    values = {field.name: getattr(page, field.name) for field in fields(page)}
    return _environment().get_template(page.template).render(**values, here=here)


@cache
def sheet(name: str = "site.css") -> str:
    """A style sheet of the site."""
    return LOADER.get_source(_environment(), name)[0]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=LOADER,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["coded"] = coded
    return environment


def coded(words: str) -> Markup:
    """Words in which what stands between backticks is a line of the file.

    Example:
    >>> coded("State `use <x>`.")
    Markup('State <code>use &lt;x&gt;</code>.')
    """
    parts = words.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part)
        for number, part in enumerate(parts)
    )
