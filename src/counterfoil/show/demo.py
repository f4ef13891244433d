"""The pages of the demo: what was launched, what people did, what the linter says, what a repair changes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, cast

from counterfoil.show.audited import TESTS
from counterfoil.show.forecast import amount, interval
from counterfoil.show.judged import grouped, lead
from counterfoil.show.server.seen import Drawn, drawn, named
from counterfoil.show.site import FindingShown, SeverityShown
from counterfoil.show.table import Table
from counterfoil.show.weeks import Drawing, behaviour, dashboard, tokens
from counterfoil.show.words import compact, counted, percent
from counterfoil.terms.absent import Unknown
from counterfoil.terms.audited import AuditTold, LeverSeen
from counterfoil.terms.board import HistoricalBoard, Place
from counterfoil.terms.chronicle import Chronicle, WeekSum
from counterfoil.terms.finding import RepairStep, RuleText, Saying, Severity
from counterfoil.terms.forecast import Forecast
from counterfoil.terms.ids import RuleId
from counterfoil.terms.tale import Tale

FIRST_PLACES = 25
SUSPENDS = (
    "A programme that says so withdraws the target and the board by itself, until a new version of it is "
    "published. This one had no checks, so it did not."
)
TITLE = "A company that counted tokens"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A page of the story, as the others name it."""

    path: str
    title: str
    teaser: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """What every page of the story has."""

    title: str
    chapters: Sequence[Chapter]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryPage(_Page):
    """The first page: the story in one line each."""

    template: ClassVar[str] = "demo_story.html.j2"
    here: ClassVar[str] = "/"
    people: str
    tokens: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchPage(_Page):
    """What was launched, and what it told people."""

    template: ClassVar[str] = "demo_launch.html.j2"
    here: ClassVar[str] = "/launch"
    denial: str
    told: Sequence[Saying]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One place of the board, in words."""

    place: int
    who: str
    tokens: str
    tier: str
    titles: str
    needed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPage(_Page):
    """The board of everybody, as history."""

    template: ClassVar[str] = "demo_board.html.j2"
    here: ClassVar[str] = "/board"
    lead: str
    first: Sequence[Row]
    rest: Sequence[Row]
    tiers: Sequence[tuple[str, str]]
    facts: Sequence[str]
    findings: Sequence[FindingShown]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePage(_Page):
    """What people did for half a year, and what the dashboard had of it."""

    template: ClassVar[str] = "demo_people.html.j2"
    here: ClassVar[str] = "/people"
    lead: str
    drawings: Sequence[Drawing]


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesPage(_Page):
    """What the linter would have said before launch."""

    template: ClassVar[str] = "demo_rules.html.j2"
    here: ClassVar[str] = "/linter"
    lead: str
    groups: Sequence[SeverityShown]


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairedPage(_Page):
    """The repaired programme, and what it changes."""

    template: ClassVar[str] = "demo_repaired.html.j2"
    here: ClassVar[str] = "/repaired"
    lead: str
    to_do: Sequence[RepairStep]
    changes: Sequence[RepairStep]
    told: Sequence[Saying]
    change: Table
    drawings: Sequence[Drawing]
    foreseen: Table
    notes: Sequence[str]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedPage(_Page):
    """What an audit would have said, and when; and what the repair did."""

    template: ClassVar[str] = "demo_audit.html.j2"
    here: ClassVar[str] = "/audit"
    lead: str
    seen: Sequence[tuple[str, str]]
    """What was seen when."""
    drawings: Sequence[Drawn]
    levers: Sequence[LeverSeen]
    effects: Sequence[tuple[str, str]]


DemoPage = StoryPage | LaunchPage | BoardPage | PeoplePage | AuditedPage | RulesPage | RepairedPage


def demo_pages(tale: Tale, texts: Mapping[RuleId, RuleText]) -> Mapping[str, DemoPage]:
    """Every page by its path."""
    chapters = _chapters(tale)
    pages: Sequence[DemoPage] = (
        _story(tale, chapters),
        LaunchPage(title=chapters[0].title, chapters=chapters, denial=tale.denial, told=tale.told),
        _board(tale, chapters, texts),
        _people(tale.chronicle, chapters),
        _audited(tale, chapters),
        _rules(tale, chapters, texts),
        _repaired(tale, chapters),
    )
    return {page.here: page for page in pages}


def _chapters(tale: Tale) -> Sequence[Chapter]:
    c = tale.chronicle
    early, late = c.weeks[c.repaired_in - 1], c.weeks[-1]
    gamed = early.other_tokens / (early.needed_tokens + early.other_tokens)
    return (
        Chapter(
            path=LaunchPage.here,
            title="The launch",
            teaser="A target that 80 % use AI each week, a board of everybody, and a denial.",
        ),
        Chapter(
            path=BoardPage.here,
            title="The board",
            teaser=f"{tale.board.people:,} people in the order of {trillions(tale.board.tokens)} tokens, "
            "with titles and tiers.",
        ),
        Chapter(
            path=PeoplePage.here,
            title="What people did",
            teaser=f"After half a year, {percent(early.padded / early.present)} made calls only to be over "
            f"the line, and {percent(gamed)} of all tokens were for nothing.",
        ),
        Chapter(
            path=AuditedPage.here,
            title="What an audit sees",
            teaser=f"Of {tale.audit.answer.people:,} of these people, by the tests that a real company is "
            f"audited by: {_first(tale.audit.answer.says)}",
        ),
        Chapter(
            path=RulesPage.here,
            title="What the linter would have said",
            teaser=f"Before launch, from the programme's file alone: {_lead(tale)}",
        ),
        Chapter(
            path=RepairedPage.here,
            title="The repair, and what it changes",
            teaser=f"The dashboard falls from {percent(early.active / early.present)} to "
            f"{percent(late.active / late.present)}. The hours that people gain stay what they were.",
        ),
    )


def trillions(tokens: int) -> str:
    """A very large number in words.

    Example:
    >>> trillions(60_012_345_678_901), trillions(1_500_000)
    ('60 trillion', '1.5 M')
    """
    return f"{tokens / 1e12:,.0f} trillion" if tokens >= 1e13 else compact(tokens)


def _lead(tale: Tale) -> str:
    rules = {s: {f.id for f in tale.findings if f.severity is s} for s in Severity}
    return lead(len(rules[Severity.ERROR]), len(rules[Severity.WARNING] - rules[Severity.ERROR]))


def _story(tale: Tale, chapters: Sequence[Chapter]) -> StoryPage:
    return StoryPage(
        title=TITLE,
        chapters=chapters,
        people=f"{tale.board.people:,}",
        tokens=trillions(tale.board.tokens),
    )


def _board(tale: Tale, chapters: Sequence[Chapter], texts: Mapping[RuleId, RuleText]) -> BoardPage:
    b = tale.board
    rows = [_row(place) for place in b.shown]
    on_it = [f for f in tale.findings if f.where.startswith("displays.board")]
    return BoardPage(
        title=chapters[1].title,
        chapters=chapters,
        lead=f"{b.people:,} people, {b.days} days, {trillions(b.tokens)} tokens. "
        f"{counted(len(rows), 'place')} were shown.",
        first=rows[:FIRST_PLACES],
        rest=rows[FIRST_PLACES:],
        tiers=[(name, f"{size:,}") for name, size in b.tiers],
        facts=_facts(b),
        findings=[found for group in grouped(on_it, texts) for found in group.findings],
    )


def _row(place: Place) -> Row:
    return Row(
        place=place.place,
        who=place.who,
        tokens=compact(place.tokens),
        tier=place.tier,
        titles=", ".join(place.titles),
        needed=f"{100 * place.needed:.0f} %",
    )


def _facts(b: HistoricalBoard) -> Sequence[str]:
    shown = len(b.shown)
    return (
        f"The {shown} who were shown hold {percent(b.top_share)} of all tokens.",
        f"{b.honest_places} of these {shown} burned nothing. They run evaluations, pipelines or migrations, "
        "or simply do much with AI. A place says nothing about who made the number up.",
        f"{percent(b.gamed_share)} of all tokens in the company were for nothing. {b.gaming_people:,} people "
        f"made the number up at least once; {shown - b.honest_places} of them are on this page.",
        "The last column is known only because everything here is invented. No board has it.",
    )


def _people(c: Chronicle, chapters: Sequence[Chapter]) -> PeoplePage:
    early = c.weeks[c.repaired_in - 1]
    half = replace(c, weeks=c.weeks[: c.repaired_in])
    return PeoplePage(
        title=chapters[2].title,
        chapters=chapters,
        lead=f"In week {early.week + 1} the dashboard has {percent(early.active / early.present)} of people "
        f"active: the target is met. {percent(early.honest / early.present)} used AI and left the number "
        "alone.",
        drawings=[behaviour(half), dashboard(half), tokens(half)],
    )


def _first(says: str) -> str:
    return says[:1].lower() + says[1:]


def _audited(tale: Tale, chapters: Sequence[Chapter]) -> AuditedPage:
    told = tale.audit.answer
    name = "Tokens"
    both = [
        drawn(told, what, f"{name}: {title}")
        for what, title in (
            ("together", "how far they go with changes that were needed, over teams"),
            ("alarm", "what has added up, and the line of the alarm"),
        )
    ]
    return AuditedPage(
        title=chapters[3].title,
        chapters=chapters,
        lead=f"{told.people:,} of these people in {told.units} teams lived half a year without target and "
        "board, and half a year with them. The audit looks at sums of teams, week by week: at no person, and "
        "at nobody's tokens.",
        seen=[*_when(told), *((TESTS.get(sign.test, sign.test), sign.says) for sign in told.signs)],
        drawings=[one for one in both if one is not None],
        levers=told.levers,
        effects=[(one.measure, one.says) for one in told.effects if one.known],
    )


def _when(told: AuditTold) -> Iterator[tuple[str, str]]:
    """What was seen when, in the order of the weeks."""
    watched = [one for one in told.weeks if not isinstance(one.alarm, Unknown)]
    if watched:
        yield "Launched", f"{named(watched[0].week)}. {told.usual}"
    limit = None if isinstance(told.line, Unknown) else told.line
    loud = [one for one in watched if limit is not None and not isinstance(one.alarm, Unknown)]
    rang = next((n for n, one in enumerate(loud, 1) if limit and cast(float, one.alarm) > limit), None)
    if rang is not None:
        yield "Alarm", f"after {counted(rang, 'week')}: {named(loud[rang - 1].week)}."
    yield "Verdict", told.says
    if told.is_finding:
        yield "What follows", SUSPENDS


def _rules(tale: Tale, chapters: Sequence[Chapter], texts: Mapping[RuleId, RuleText]) -> RulesPage:
    found = [f for f in tale.findings if f.severity is not Severity.INFO]
    return RulesPage(
        title=chapters[4].title, chapters=chapters, lead=_lead(tale), groups=grouped(found, texts)
    )


def _repaired(tale: Tale, chapters: Sequence[Chapter]) -> RepairedPage:
    c = tale.chronicle
    return RepairedPage(
        title=chapters[5].title,
        chapters=chapters,
        lead="The same people, the same work, half a year later. The number is smaller and means something "
        "again; the hours gained are what they were.",
        to_do=[step for step in tale.steps if step.to_do],
        changes=[step for step in tale.steps if not step.to_do],
        told=tale.told_after,
        change=_change(c.weeks[c.repaired_in - 1], c.weeks[-1]),
        drawings=[behaviour(c), dashboard(c), tokens(c)],
        foreseen=_foreseen(tale.forecast),
        notes=tale.forecast.notes,
        text=tale.text,
    )


def _change(early: WeekSum, late: WeekSum) -> Table:
    def share(name: str) -> tuple[str, str]:
        return percent(getattr(early, name) / early.present), percent(getattr(late, name) / late.present)

    weeks = (early, late)
    gamed = [percent(w.other_tokens / (w.needed_tokens + w.other_tokens)) for w in weeks]
    hours = [f"{100 * w.net_hours / w.present:,.0f} h" for w in weeks]
    return Table(
        title="A week before the repair, and half a year after it",
        columns=("", f"week {early.week + 1}", f"week {late.week + 1}"),
        rows=(
            ("active, as the dashboard has it", *share("active")),
            ("used AI and left the number alone", *share("honest")),
            ("made calls only to be over the line", *share("padded")),
            ("burned tokens for their place or their review", *share("burned")),
            ("quietly did the least that counts", *share("resisted")),
            ("of all tokens, for nothing", *gamed),
            ("hours gained by 100 people in the week", *hours),
        ),
    )


def _foreseen(f: Forecast) -> Table:
    return Table(
        title="What the model expected before launch, with 95 % intervals",
        columns=("", "as launched", "repaired"),
        rows=tuple(
            (
                foreseen.says,
                *(
                    f"{amount(e.value, foreseen.unit)} ({interval(e, foreseen.unit)})"
                    for e in (foreseen.programme, foreseen.passing)
                ),
            )
            for foreseen in f.foreseen
        ),
    )
