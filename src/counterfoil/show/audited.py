"""Shows what came of an audit: the verdict in words, what it rests on, and what follows; as text or JSON."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from counterfoil.show.exported import written
from counterfoil.show.paint import BOLD, DIM, encodable, painter
from counterfoil.show.server.figure import label
from counterfoil.show.server.seen import day_of, named
from counterfoil.show.words import counted, safe
from counterfoil.terms.audit import Foresight, Outlook
from counterfoil.terms.audited import AuditAsk, AuditTold
from counterfoil.terms.release import Refuse, Released

TESTS: Mapping[str, str] = {
    "come-apart": "Whether it goes with outcomes",
    "adjacent-bins": "Whether many stand just at the line",
    "density-jump": "Whether there is a step at the line",
    "excess-mass": "How many stand at the line",
    "heap-at-share": "Whether units stop at the share",
    "last-day": "Whether it waits for the last day",
    "prevalence": "How much of it is made up, at least",
    "outcome-sample": "What a blind sample of works found",
}
"""What each test asks, in words."""
EVIDENCE: Mapping[str, str] = {
    "come-apart": "outcomes beside the number",
    "adjacent-bins": "counts at a line",
    "prevalence-lower-bound": "a share of padding",
    "outcome-sample": "samples of outcomes",
    "pulse-list": "the list experiment",
}
NOTE = (
    "What landed has to stand for 31 days before it counts, which comes on top. Where a number is mostly not "
    "seen to move, samples of outcomes and the list experiment say more."
)
Told = Sequence[tuple[AuditAsk, Released[AuditTold] | Refuse, int]]
"""Each question with what came of it and its entry in the log."""


def audits(told: Told, *, width: int, color: bool, unicode: bool) -> str:
    """What came of each question, the verdict first."""
    paint = painter(color)
    lines: list[str] = []
    for ask, verdict, entry in told:
        cut = "" if ask.unit is None else f", unit {ask.unit}"
        lines.append(paint(safe(f"{label(ask.metric)}{cut}"), BOLD))
        body = _refused(verdict) if isinstance(verdict, Refuse) else _audit(verdict.answer)
        for line in body:
            lines += textwrap.wrap(safe(line), width, initial_indent="  ", subsequent_indent="    ")
        lines += [paint(f"  entry {entry} of the log", DIM), ""]
    return encodable("\n".join(lines).rstrip("\n") + "\n", unicode)


def audits_json(told: Told) -> str:
    """The same as JSON."""
    return written(
        [
            {"metric": ask.metric, "unit": ask.unit or "", "entry": entry, **_verdict(verdict)}
            for ask, verdict, entry in told
        ]
    )


def powers(power: Sequence[Outlook], *, width: int, color: bool, unicode: bool) -> str:
    """What organisations of some sizes can see, and how soon."""
    paint = painter(color)
    lines: list[str] = []
    for one in power:
        lines.append(paint(f"{one.people:,} people", BOLD))
        for line in [*_foreseen(one), f"{one.advice[:1].upper()}{one.advice[1:]}"]:
            lines += textwrap.wrap(safe(line), width, initial_indent="  ", subsequent_indent="    ")
        lines.append("")
    return encodable("\n".join([*lines, *textwrap.wrap(NOTE, width)]) + "\n", unicode)


def powers_json(power: Sequence[Outlook]) -> str:
    """The same as JSON."""
    return written(list(power))


def _foreseen(outlook: Outlook) -> Sequence[str]:
    return list(dict.fromkeys(f"{evidence(one)}: {one.says}" for one in outlook.foresights))


def _verdict(verdict: Released[AuditTold] | Refuse) -> dict[str, object]:
    if isinstance(verdict, Refuse):
        return {"verdict": "refused", "clause": verdict.clause, "why": verdict.why}
    return {"verdict": verdict.answer.verdict, "clause": verdict.clause, "audit": verdict.answer}


def _refused(verdict: Refuse) -> Iterator[str]:
    yield f"refused ({verdict.clause}): {verdict.why}"


def evidence(one: Foresight) -> str:
    """A kind of evidence as people call it."""
    return EVIDENCE.get(one.evidence, one.evidence)


def _audit(audit: AuditTold) -> Iterator[str]:
    since = f" From {day_of(audit.since)} on." if audit.since else ""
    yield f"{audit.says}{since}"
    if audit.variant:
        yield f"What it looks like: {audit.variant}."
    for lever in audit.levers:
        yield f"It points at {lever.field} ({lever.rule}): {lever.says}."
    if audit.follows:
        yield audit.follows
    for sign in audit.signs:
        yield f"{TESTS.get(sign.test, sign.test)}: {sign.says}{f' ({sign.why})' if sign.why else ''}"
    if audit.event:
        yield audit.event
    for effect in audit.effects:
        yield f"{effect.measure}: {effect.says}"
    if audit.usual:
        yield audit.usual
    if audit.declared:
        yield audit.declared
    if audit.first:
        units = counted(audit.units, "unit")
        yield f"{units}, about {audit.people:,} people, {named(audit.first)} to {named(audit.last)}"
