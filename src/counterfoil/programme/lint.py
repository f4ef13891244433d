"""Judges a programme by every rule, and honours what its parties have accepted for a time."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from counterfoil.programme.floors import hidden
from counterfoil.programme.load import Loaded
from counterfoil.programme.rule import Case, Hit, finding
from counterfoil.programme.rules import RULES
from counterfoil.programme.rules.note import accepted, judged_on, unknown_key
from counterfoil.terms.absent import Unknown
from counterfoil.terms.finding import Finding, Severity
from counterfoil.terms.programme import Headcount, Suppression


def lint(loaded: Loaded, headcount: Headcount | None = None) -> Sequence[Finding]:
    """Every finding, by rule and then by place; the order of the file's tables changes nothing."""
    found = [*judged(case_of(loaded, headcount)), *_notes(loaded)]
    if headcount is not None:
        found += hidden(loaded.programme, headcount)
    return sorted(found, key=lambda f: (f.id, f.where, f.message))


def judged(case: Case) -> Sequence[Finding]:
    """What every rule finds, after what the parties have accepted."""
    found = [f for rule in RULES.values() for f in rule.findings(case)]
    return list(_after_acceptance(found, case))


def case_of(loaded: Loaded, headcount: Headcount | None = None) -> Case:
    """What the rules judge; a list of people counts where the programme does not say how many it covers."""
    people = loaded.programme.about.people
    if isinstance(people, Unknown) and headcount is not None:
        people = headcount.people
    return Case(programme=loaded.programme, day=loaded.day, people=people)


def fails(findings: Sequence[Finding]) -> bool:
    """Whether a check fails: on any error or warning."""
    return any(f.severity is not Severity.INFO for f in findings)


def _after_acceptance(found: Sequence[Finding], case: Case) -> Iterator[Finding]:
    """The findings, accepted ones as notes; and a note for what is accepted no longer or for nothing."""
    entries = case.programme.suppress
    for f in found:
        entry = next((e for e in entries if e.until >= case.day and _meets(e, f)), None)
        if entry is None:
            yield f
        else:
            says = f"Accepted until {entry.until} ({entry.reason}): {f.message}"
            yield replace(f, severity=Severity.INFO, message=says)
    for entry in entries:
        where = f"suppress.{entry.rule}"
        if entry.until < case.day:
            says = f"{entry.rule} was accepted until {entry.until}, and is no longer."
            yield finding(accepted.text, Hit(where, says))
        elif not any(_meets(entry, f) for f in found):
            yield finding(accepted.text, Hit(where, f"{entry.rule} is accepted, and finds nothing there."))


def _meets(entry: Suppression, found: Finding) -> bool:
    return entry.rule == found.id and (isinstance(entry.where, Unknown) or entry.where == found.where)


def _notes(loaded: Loaded) -> Iterator[Finding]:
    for stranger in loaded.strangers:
        meant = f" Did you mean {stranger.nearest}?" if stranger.nearest else ""
        says = f"This key means nothing to Counterfoil.{meant}"
        yield finding(unknown_key.text, Hit(stranger.where, says))
    if loaded.day != loaded.today:
        says = f"This file is judged on {loaded.day}, not today."
        yield finding(judged_on.text, Hit("about.judged_on", says))
