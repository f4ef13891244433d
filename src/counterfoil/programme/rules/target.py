"""Rules about targets: AP201 to AP206."""

from collections.abc import Iterator
from datetime import timedelta

from counterfoil.programme.rule import NOT_ADVICE, Case, Hit, rule
from counterfoil.terms.absent import Unknown
from counterfoil.terms.aim import Eligible, Exemption
from counterfoil.terms.finding import Severity
from counterfoil.terms.metric import Level

SHORT = timedelta(days=7)
NEEDED = (Exemption.LEAVE, Exemption.PART_TIME, Exemption.DISABILITY)


@rule(
    "AP201 person-bright-line",
    Severity.ERROR,
    flags="A target that each single person has to reach.",
    why="A line that decides about a person pulls everyone who is just short of it over, by any means.",
    source="Jacob and Levitt (2003), Rotten Apples, QJE (abstract); Dee, Dobbie, Jacob and Rockoff (2019).",
    fix="Set it for a unit, as a range, without a line that a single person can fall short of.",
)
def person_bright_line(case: Case) -> Iterator[Hit]:
    """A line for a person."""
    for t in case.programme.targets:
        if t.level is Level.PERSON:
            called = case.programme.metric(t.metric).called
            yield Hit(f"targets.{t.id}.level", f"Each person has to reach a line in {called}.")


@rule(
    "AP202 blanket-target",
    Severity.WARNING,
    flags="One share for everybody, or no word on who or what counts.",
    why="Work differs; where AI does not fit, a target is met by pretending.",
    source="Press reports on Amazon's 80 % (2026) and Microsoft's memo to every role and level (2025).",
    fix='Count only tasks that it suits (`eligible = "suitable-tasks"`) or roles that you name.',
)
def blanket_target(case: Case) -> Iterator[Hit]:
    """A target for all alike."""
    for t in case.programme.targets:
        if isinstance(t.eligible, Unknown) or t.eligible is Eligible.EVERYONE:
            says = "It asks the same of every role, whether or not the work suits it."
            yield Hit(f"targets.{t.id}.eligible", says)


@rule(
    "AP203 short-window",
    Severity.WARNING,
    flags="A window of seven days or less in which being just short counts as nothing.",
    why="Close to a deadline people do what moves the number; expect a heap just before it.",
    source="Mason et al. (2012), 735,588 visits: exits in the last 20 minutes before four hours rose from "
    "4.7 to 8.4 %; Locker and Mason (2005), BMJ.",
    fix="Look at four closed weeks together, and let being near count.",
)
def short_window(case: Case) -> Iterator[Hit]:
    """A deadline that comes soon."""
    for t in case.programme.targets:
        if not isinstance(t.window, Unknown) and t.window <= SHORT and t.cliff is not False:
            says = "The window is short and ends in a cliff: expect a heap of cases just before the deadline."
            yield Hit(f"targets.{t.id}.window", says)


@rule(
    "AP204 no-exemption",
    Severity.ERROR,
    flags="A target that counts leave, part-time work or disability against people.",
    why="Whoever is away, works fewer hours or works differently falls short without having done anything.",
    source=f"Equality law in general; no single provision was checked. {NOT_ADVICE}",
    fix='Leave people out or prorate: `exempt = ["leave", "part-time", "disability", "role"]`.',
)
def no_exemption(case: Case) -> Iterator[Hit]:
    """A target without exemptions."""
    for t in case.programme.targets:
        missing = [str(reason) for reason in NEEDED if reason not in t.exempt]
        if missing:
            yield Hit(f"targets.{t.id}.exempt", f"It counts against people: {', '.join(missing)}.")


@rule(
    "AP205 no-sunset",
    Severity.WARNING,
    flags="A target without a last day.",
    why="A target that never ends is kept long after it stopped meaning anything.",
    source="Smith (1995), On the Unintended Consequences of Publishing Performance Data in the Public Sector "
    "(abstract), on ossification.",
    fix="State `expires`, at most two quarters ahead, and set it anew only after a look at what it did.",
)
def no_sunset(case: Case) -> Iterator[Hit]:
    """A target without an end."""
    for t in case.programme.targets:
        if isinstance(t.expires, Unknown):
            yield Hit(f"targets.{t.id}.expires", "It never ends.")


@rule(
    "AP206 tier-notches",
    Severity.WARNING,
    flags="Tiers, streaks, titles or labels such as heavy and light user.",
    why="Each step is a line just above which people crowd; a streak is kept even on leave.",
    source="Press reports on JPMorgan, Visa and Disney, 2026 (objectwire.org, biztechweekly.com).",
    fix="Give people their own figure without a step in it, to themselves alone.",
)
def tier_notches(case: Case) -> Iterator[Hit]:
    """Steps that people climb for their own sake."""
    p = case.programme
    stepped = [(f"targets.{t.id}", t.tiers) for t in p.targets]
    stepped += [(f"displays.{d.id}", d.tiers) for d in p.displays]
    for where, tiers in stepped:
        if tiers:
            yield Hit(f"{where}.tiers", f"It puts people or units on steps: {', '.join(tiers)}.")


RULES = (
    person_bright_line,
    blanket_target,
    short_window,
    no_exemption,
    no_sunset,
    tier_notches,
)
