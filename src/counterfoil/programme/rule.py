"""What a rule is: its words, and the function that finds where a programme breaks it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from counterfoil.terms.absent import Unknown
from counterfoil.terms.finding import Finding, RuleText, Severity
from counterfoil.terms.ids import RuleId
from counterfoil.terms.programme import Programme

NOT_ADVICE = "Not legal advice."


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a rule judges."""

    programme: Programme
    day: date
    """The day on which it is judged."""
    people: int | Unknown
    """How many people it covers, as it says or as the list of units says."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A place where a rule is broken."""

    where: str
    says: str
    severity: Severity | None = None
    """The rule's own where none is stated."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the linter."""

    text: RuleText
    find: Callable[[Case], Iterator[Hit]]

    def findings(self, case: Case) -> Iterator[Finding]:
        """Every finding of this rule."""
        for hit in self.find(case):
            yield finding(self.text, hit)


def finding(text: RuleText, hit: Hit) -> Finding:
    """A hit in the words of its rule."""
    return Finding(
        id=text.id,
        severity=hit.severity or text.severity,
        where=hit.where,
        message=hit.says,
        source=text.source,
        fix=text.fix,
    )


def rule(
    name: str, severity: Severity, *, flags: str, why: str, source: str, fix: str
) -> Callable[[Callable[[Case], Iterator[Hit]]], Rule]:
    """Make a rule of the function that finds its hits; `name` is its id and its name."""
    short, _, spoken = name.partition(" ")
    text = RuleText(
        id=RuleId(short), name=spoken, severity=severity, flags=flags, why=why, source=source, fix=fix
    )
    return lambda find: Rule(text, find)


def nothing(_: Case) -> Iterator[Hit]:
    """Find nothing: for what is noted elsewhere than in a programme's meaning."""
    yield from ()
