"""The annex for an agreement with the workers' council that a programme's own words make."""

from collections.abc import Callable, Iterable

from counterfoil.programme.change import joined
from counterfoil.programme.letter import floors
from counterfoil.programme.plain import (
    CHECKS,
    COLLECTED,
    GRAIN,
    STEPS,
    not_written_down,
    purposes_of,
    sentence,
    spoken_day,
    spoken_span,
    time_of,
)
from counterfoil.programme.rule import NOT_ADVICE
from counterfoil.programme.says import SEES
from counterfoil.terms.absent import Unknown
from counterfoil.terms.aim import Display, Eligible, Target
from counterfoil.terms.metric import Level, ProgrammeMetric
from counterfoil.terms.paper import Paper, Part
from counterfoil.terms.programme import Programme
from counterfoil.terms.promise import Assessed, IndividualAction, OnBreak, Pledge, Posture, ReadLog, Use

ASSESSMENTS = {
    "dpia": "Data protection impact assessment",
    "consultation": "Consultation of the workers",
    "ai_act": "Classification under the EU AI Act",
}
PLACES = {"EU": "the European Union", "GB": "the United Kingdom"}
MARK = f"{NOT_ADVICE} Have it read by whoever advises you before anybody signs it."


def annex(p: Programme) -> Paper:
    """An annex in numbered sections, with places for names and signatures."""
    said = [(title, tuple(lines(p))) for title, lines in SECTIONS.items()]
    parts = tuple(
        Part(heading=f"{number}. {title}", lines=lines)
        for number, (title, lines) in enumerate(((t, ls) for t, ls in said if ls), start=1)
    )
    return Paper(
        title=f"Annex on measuring the use of AI: {p.about.name}",
        opening=(
            "Annex to the agreement between [employer] and [council] of [date].",
            "It was made from the programme file. Where the two differ, the file that the parties agreed on "
            "holds.",
        ),
        parts=parts,
        closing=tuple(f"[place and date], for {name}: ____________________" for name in _parties(p)),
        mark=MARK,
    )


Lines = Callable[[Programme], Iterable[str]]


def _parties(p: Programme) -> tuple[str, ...]:
    names = tuple(party.id if isinstance(party.name, Unknown) else party.name for party in p.parties)
    return names or ("[employer]", "[council]")


def _scope(p: Programme) -> Iterable[str]:
    people = "" if isinstance(p.about.people, Unknown) else f", at present {p.about.people:,} people"
    named = [PLACES.get(place, place) for place in p.about.jurisdictions]
    places = f" in {joined(named)}" if named else ""
    yield f"This annex covers everyone{places} whom the programme covers{people}."
    yield f"The parties are: {joined(_parties(p))}."
    yield from (words for words in (time_of(p),) if words)


def _purposes(p: Programme) -> Iterable[str]:
    yield from (sentence(words) for words in purposes_of(p))
    yield "This list is closed. A use that is not in it is not allowed."
    if p.notice.again_on_change is True:
        yield "A new purpose begins only after everyone concerned was told."


def _metrics(p: Programme) -> Iterable[str]:
    return (_metric(metric) for metric in p.metrics)


def _metric(metric: ProgrammeMetric) -> str:
    grain = "" if isinstance(metric.level, Unknown) else f" ({GRAIN[metric.level]})"
    named = [
        (f"{word.capitalize()}: {value}")
        for word in ("definition", "source", "owner", "version")
        if not isinstance(value := getattr(metric, word), Unknown)
    ]
    return " ".join([f"“{metric.called}”{grain}.", *(sentence(words) for words in named)])


def _displays(p: Programme) -> Iterable[str]:
    yield from (_display(p, display) for display in p.displays)
    yield from floors(p)
    if isinstance(p.data.raw_readers, tuple):
        readers = [_viewer(SEES[reader]) for reader in p.data.raw_readers]
        yield f"Records about single people can be reached by {joined(readers) if readers else 'nobody'}."


def _display(p: Programme, d: Display) -> str:
    called = joined(p.metric(name).called for name in d.metrics)
    whom = joined(_viewer(SEES[a]) for a in d.audience)
    order = "in the order of a value" if d.ranked else "in no order"
    floor = "" if isinstance(d.floor, Unknown) else f"; at least {d.floor:,} other people behind each figure"
    until = "" if isinstance(d.ends, Unknown) else f"; until {spoken_day(d.ends)}"
    rows = "each person's own figure" if d.is_own_view else f"by {d.level}, {order}"
    return f"“{d.id}”: {called}, {rows}, to {whom}{floor}{until}."


def _viewer(words: str) -> str:
    """Somebody who sees, in the third person."""
    return {"you": "each person themselves", "your line manager": "line managers"}.get(words, words)


def _targets(p: Programme) -> Iterable[str]:
    if not p.targets:
        yield "No target is set for a person, a team or a unit."
    yield from (_target(p, target) for target in p.targets)


def _target(p: Programme, t: Target) -> str:
    value = "" if isinstance(t.threshold, Unknown) else f", value {t.threshold:.10g}"
    window = "" if isinstance(t.window, Unknown) else f", over {spoken_span(t.window)}"
    beside = joined(p.metric(name).called for name in t.beside) if t.beside else "nothing"
    suits = ", tasks that AI suits alone" if t.eligible is Eligible.SUITABLE_TASKS else ""
    exempt = f"; left out or prorated: {joined(str(reason) for reason in t.exempt)}" if t.exempt else ""
    until = "" if isinstance(t.expires, Unknown) else f"; it ends on {spoken_day(t.expires)}"
    level = "each single person" if t.level is Level.PERSON else f"the {t.level}"
    return (
        f"“{p.metric(t.metric).called}” for {level}{value}{window}{suits}{exempt}{until}. "
        f"Read in the same decision: {beside}."
    )


def _people(p: Programme) -> Iterable[str]:
    yield from _pledge(p.review, "reviews, pay, promotion, discipline and exit")
    if p.review.blocked_in_code is True:
        yield "The software refuses such a use; switching that off weakens a rule."
    yield from _pledge(p.workforce, "replacing and reducing people")
    if p.data.own_report_demanded is False:
        yield "Nobody may ask a person for the report made on their own machine."
    if p.assessments.scores_people is False:
        yield "No score and no model evaluates single people."


def _pledge(pledge: Pledge, what: str) -> Iterable[str]:
    if isinstance(pledge.use, Unknown):
        return
    yield {
        Use.NONE: f"Figures are not used in {what}.",
        Use.INFORMS: f"Figures inform {what}.",
        Use.DETERMINES: f"Figures determine {what}.",
    }[pledge.use]
    for word in ("statement", "scope"):
        if not isinstance(value := getattr(pledge, word), Unknown):
            yield f"{word.capitalize()}: “{value}”"


def _data(p: Programme) -> Iterable[str]:
    data = p.data
    if data.collects:
        yield f"Written down: {joined(COLLECTED[kind] for kind in data.collects)}."
    yield from (words for words in (not_written_down(p),) if words)
    if not isinstance(data.step, Unknown):
        yield f"The finest step of time that is kept: {STEPS[data.step]}."
    if not isinstance(data.keep_raw, Unknown):
        yield f"Records about single people are kept for {spoken_span(data.keep_raw)}, then reduced to units."


def _checks(p: Programme) -> Iterable[str]:
    if p.gaming.checks:
        checks = joined(CHECKS[check] for check in p.gaming.checks)
        yield f"Checked among many people, never of one: {checks}."
    if p.gaming.checks and p.gaming.on_break is OnBreak.SUSPEND:
        yield "A number that has come apart from outcomes is suspended, with its target."
    if p.gaming.individual_action is IndividualAction.NONE:
        yield "No check leads to an action about a single person."
    if p.gaming.workload_register is True:
        yield "Evaluation, CI and migration work can be declared, so that heavy use is understood."


def _open(p: Programme) -> Iterable[str]:
    if not isinstance(p.notice.given_on, Unknown):
        yield f"Everyone concerned has the letter by {spoken_day(p.notice.given_on)}."
    if p.review.log is ReadLog.STAFF:
        yield "Every read is logged with its purpose, tamper-evident, and open to those concerned."
    for field, name in ASSESSMENTS.items():
        if getattr(p.assessments, field) is Assessed.DONE:
            yield f"{name}: done on [date], kept at [place]."


def _agents(p: Programme) -> Iterable[str]:
    agents = p.agents
    if agents.start_with is Posture.NOTHING:
        yield "An agent that somebody builds may do nothing until its owner grants it."
    if agents.approvals is True:
        yield "A person says yes to every effect outside of a grant."
    if agents.stop_switch is True:
        yield "One switch stops all agents."


def _changes(p: Programme) -> Iterable[str]:
    yield f"A rule becomes weaker only with the consent of each of: {joined(_parties(p))}."
    yield "Silence is no consent."
    yield "Before such a change everyone concerned is told what gets weaker, and for whom."
    yield from (
        f"Accepted until {spoken_day(s.until)}: finding {s.rule}. Reason: {sentence(s.reason)}"
        for s in p.suppress
    )


SECTIONS: dict[str, Lines] = {
    "Scope and parties": _scope,
    "Purposes": _purposes,
    "What is measured": _metrics,
    "Who sees it": _displays,
    "Targets": _targets,
    "Decisions about people": _people,
    "Data, and how long it is kept": _data,
    "When a number stops meaning anything": _checks,
    "Notice, log and assessments": _open,
    "Agents": _agents,
    "Changes": _changes,
}
"""The headings of the annex with what stands under them."""
