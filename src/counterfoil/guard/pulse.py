"""Tells a pulse once, when it has closed: of a dozen people or more, and of leaders beside people."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from counterfoil.guard.dominance import banded_share, may_show_sum, rounded, rounded_count
from counterfoil.guard.force import version
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.members import members_today
from counterfoil.ledger.entry import Body, EntryKind, open_entry, read_entry
from counterfoil.measure.cohort.pulse import mean_of, net_mean, redone_share, share_of
from counterfoil.measure.gaming.listed import list_reach, list_share
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.pulse import (
    HOURS,
    MOST_HOURS,
    STANDARD,
    WORKED_OUT,
    Answers,
    Form,
    Pulse,
    PulseQuestion,
    Standing,
)
from counterfoil.terms.release import Refuse, Released, Withheld

KIND = "pulse"
FLOOR = 12
"""The fewest answers of one standing that are told together: ten others for two of them who talk."""
PREVALENCE = 500
"""The fewest for a share that nobody stated of themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one question came to among those of one standing."""

    question: str
    standing: Standing
    says: str
    between: str
    answers: int
    """To the nearest five."""
    coverage: float | Unknown
    """Share of those who may answer that did, to a twentieth."""
    method: str


Verdict = Released[Told] | Withheld | Refuse


@dataclass(frozen=True, slots=True)
class Sheet:
    """One answered form; nothing in it says whose."""

    standing: Standing
    has_statement: bool
    """Whether chance put the last statement on its list."""
    answers: Answers


def has_statement(token: bytes) -> bool:
    """Whether a form has the last statement of its list: chance in its token decides."""
    return hashlib.sha256(b"list" + token).digest()[0] % 2 == 0


def eligible(g: Guarded) -> Mapping[Standing, Sequence[Pseudonym]]:
    """Everybody who is there today, those who lead apart."""
    members = members_today(g.lake, g.now.date())
    leads = set(members.leads.values())
    who = [Pseudonym(one) for one in members.who.tolist()]
    return {
        Standing.LEADERS: [one for one in who if one in leads],
        Standing.PEOPLE: [one for one in who if one not in leads],
    }


def open_pulse(g: Guarded, pulse: Pulse) -> int:
    """Log a pulse before anybody is asked, so that its questions and keys can't be changed; its entry."""
    body: Body = {**_fixed(pulse), "at": g.minute}
    return g.log.append([open_entry(EntryKind.RULE, body)])


def list_outlook(pulse: Pulse) -> str:
    """How closely the list will tell its share if half of everybody answers, said before anybody is asked."""
    answers = pulse.eligible // 2
    if answers < PREVALENCE:
        return f"Its list is told of {PREVALENCE} answers of one standing, so hardly here."
    return f"If half of all answer, its list tells a share to within {list_reach(answers) * 100:.0f} points."


def _fixed(pulse: Pulse) -> dict[str, str | int | None]:
    """What can't change once a pulse is open."""
    keys = "".join(pulse.keys[standing] for standing in Standing)
    return {
        "rule": KIND,
        "pulse": pulse.id,
        "closes": str(pulse.closes),
        "eligible": pulse.eligible,
        "questions": hashlib.sha256(repr(STANDARD).encode()).hexdigest(),
        "keys": hashlib.sha256(keys.encode()).hexdigest(),
    }


def _is_logged(g: Guarded, pulse: Pulse) -> bool:
    """Whether the log has this very pulse, with its day, its questions and its keys."""
    wanted = _fixed(pulse)
    rules = (read_entry(e)[1] for n in range(len(g.log)) if (e := g.log.entry(n))[0] == EntryKind.RULE)
    return any({name: told.get(name) for name in wanted} == wanted for told in rules)


def close_pulse(
    g: Guarded, pulse: Pulse, sheets: Sequence[Sheet]
) -> Mapping[str, Sequence[Verdict]] | Refuse:
    """What a pulse came to, by question: those who lead beside those who don't. Only ever once.

    Raises: StoreError where it can't be logged; then nothing is told.
    """
    if not _is_logged(g, pulse):
        return Refuse("pulse-altered", "The log has no pulse of this name, day, questions and keys.")
    if g.now.date() <= pulse.closes:
        return Refuse("pulse-open", f"It takes answers until {pulse.closes}; until then nobody sees any.")
    if g.lake.registry.kept(KIND, pulse.id) is not None:
        return Refuse("pulse-closed", "It was told once already, and is not told again.")
    counts = {standing: sum(sheet.standing is standing for sheet in sheets) for standing in Standing}
    force = version(g)
    body: Body = {
        "pulse": pulse.id,
        "verdict": "pulse",
        "programme": None if force is None else force.digest,
        "at": g.minute,
        **{name: rounded_count(count) for name, count in counts.items()},
        "of": rounded_count(pulse.eligible),
    }
    g.log.append([open_entry(EntryKind.RELEASE, body)])
    told = {question.id: [_told(question, s, sheets, pulse) for s in Standing] for question in STANDARD}
    told |= {name: [_worked_out(name, s, sheets, pulse) for s in Standing] for name in WORKED_OUT}
    with g.lake.registry.change() as change:
        change.keep(KIND, pulse.id, _kept(g, pulse, told))
    return told


def _told(question: PulseQuestion, standing: Standing, sheets: Sequence[Sheet], pulse: Pulse) -> Verdict:
    mine = [sheet for sheet in sheets if sheet.standing is standing and question.id in sheet.answers]
    floor = PREVALENCE if question.form is Form.LIST else FLOOR
    if len(mine) < floor:
        return Refuse("floor", f"Fewer than {floor} answered, so their answers are not told.")
    found = _estimate(question, mine, _response(len(sheets), pulse))
    if isinstance(found, Unknown):
        return Withheld()
    says, between = _words(question, found, mine)
    return Released(
        Told(
            question=question.id,
            standing=standing,
            says=says,
            between=between,
            answers=rounded_count(len(mine)),
            coverage=found.coverage,
            method=found.method,
        ),
        "pulse",
    )


def _worked_out(name: str, standing: Standing, sheets: Sequence[Sheet], pulse: Pulse) -> Verdict:
    """What follows from the hours of those who stated all three."""
    mine = [s.answers for s in sheets if s.standing is standing and set(HOURS) <= set(s.answers)]
    if len(mine) < FLOOR:
        return Refuse("floor", f"Fewer than {FLOOR} answered, so their answers are not told.")
    saved, own, others = (np.array([one[hours] for one in mine], np.float64) for hours in HOURS)
    redone, coverage = own + others, _response(len(sheets), pulse)
    if name == "net-hours":
        found = net_mean(saved, redone, coverage=coverage)
    elif any(isinstance(may_show_sum(hours, cap=np.inf), Withheld) for hours in (saved, redone)):
        return Withheld()
    else:
        found = redone_share(saved, redone, coverage=coverage)
    if isinstance(found, Unknown):
        return Withheld()
    bounds = [rounded(x) for x in (found.low, found.high) if not isinstance(x, Unknown)]
    share = name == "redone"
    return Released(
        Told(
            question=name,
            standing=standing,
            says=f"{rounded(found.value) * 100:.0f} %" if share else f"{rounded(found.value):.10g} hours",
            between=" to ".join(f"{x * 100:.0f} %" if share else f"{x:.10g}" for x in bounds),
            answers=rounded_count(len(mine)),
            coverage=coverage,
            method=found.method,
        ),
        "pulse",
    )


def _kept(g: Guarded, pulse: Pulse, told: Mapping[str, Sequence[Verdict]]) -> bytes:
    """What is kept of a pulse: what was told of it, and nothing else."""
    figures = {name: [_plain(one) for one in verdicts] for name, verdicts in told.items()}
    return json.dumps({"closed": str(pulse.closes), "told": str(g.now.date()), "figures": figures}).encode()


def _plain(verdict: Verdict) -> Mapping[str, object] | None:
    match verdict:
        case Released(answer):
            coverage = (
                {"unknown": answer.coverage.why} if isinstance(answer.coverage, Unknown) else answer.coverage
            )
            return {**asdict(answer), "coverage": coverage}
        case Refuse(clause, why):
            return {"clause": clause, "why": why}
    return None


def _response(answered: int, pulse: Pulse) -> float | Unknown:
    """The share of those who may answer that did; no finer than a twentieth, which is nobody's one answer."""
    if not pulse.eligible:
        return Unknown("nobody may answer")
    return round(20 * min(answered / pulse.eligible, 1)) / 20


def _estimate(
    question: PulseQuestion, mine: Sequence[Sheet], coverage: float | Unknown
) -> Estimate | Unknown:
    values = np.array([sheet.answers[question.id] for sheet in mine], np.float64)
    match question.form:
        case Form.HOURS:
            return mean_of(values, coverage=coverage)
        case Form.YES_NO:
            return share_of(values, coverage=coverage)
    long = np.array([sheet.has_statement for sheet in mine], np.bool_)
    found = list_share(values[long], values[~long], asked=len(mine))
    return found if isinstance(found, Unknown) else replace(found, coverage=coverage)


def _words(question: PulseQuestion, found: Estimate, mine: Sequence[Sheet]) -> tuple[str, str]:
    if question.form is Form.YES_NO:
        return banded_share(int(sum(sheet.answers[question.id] for sheet in mine)), len(mine)), ""
    bounds = [rounded(x) for x in (found.low, found.high) if not isinstance(x, Unknown)]
    if question.form is Form.LIST:
        return f"{found.value * 100:.0f} %", " to ".join(f"{x * 100:.0f} %" for x in bounds)
    return f"{rounded(found.value):.10g} hours", " to ".join(f"{x:.10g}" for x in bounds)


def sound(answers: Answers, long_list: bool) -> Iterator[str]:
    """What is wrong with answers, in words; nothing where they may be sent."""
    if not answers:
        yield "there is no answer in it"
    known = {question.id: question for question in STANDARD}
    for name, value in answers.items():
        if name not in known:
            yield f"there is no question {name}"
            continue
        question = known[name]
        most = {Form.HOURS: MOST_HOURS, Form.YES_NO: 1, Form.LIST: len(question.items) - (not long_list)}[
            question.form
        ]
        whole = question.form is Form.HOURS or float(value).is_integer()
        if not 0 <= value <= most or not whole:
            yield f"{name} is between 0 and {most}"
